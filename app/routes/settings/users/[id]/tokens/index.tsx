import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { createToken } from "@jobtrigger/shared/operations";
import { readFields } from "../../../../../server/form.ts";
import { operating } from "../../../../../server/operating.ts";
import { userIdOf } from "../../../../../server/params.ts";
import { problemsOf } from "../../../../../server/problems.ts";
import { readToken, typedToken } from "../../../../../server/user_form.ts";
import { type UserData, userData } from "../../../../../server/user_page.ts";
import { seeOther } from "../../../../../server/redirect.ts";
import { define } from "../../../../../utils.ts";

export { default } from "../index.tsx";

/** Makes an API token of an account; the page that follows shows it once. */
export const handler = define.handlers<UserData>({
  async POST({ req, params, state }) {
    const typed = typedToken(await readFields(req, ["name", "labels", "days"], ["scopes"]));
    const id = userIdOf(params);
    const context = operating(state);
    try {
      const { secret } = await createToken(context, { userId: id, ...readToken(typed, context.now) });
      return seeOther(`/settings/users/${id}?shown=${state.portal.shownOnce.keep(context.actor, secret)}`);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page(await userData(state, id, { typed, problems: problemsOf(error) }), { status: 422 });
    }
  },
});
