import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { createToken } from "@jobtrigger/shared/operations";
import { type AccountData, accountData, ownUser } from "../../../server/account_page.ts";
import { readFields } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { problemsOf } from "../../../server/problems.ts";
import { readToken, typedToken } from "../../../server/user_form.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

export { default } from "../index.tsx";

/** Makes an API token of one's own; the page that follows shows it once. */
export const handler = define.handlers<AccountData>({
  async POST({ req, state }) {
    const typed = typedToken(await readFields(req, ["name", "labels", "days"], ["scopes"]));
    const context = operating(state);
    try {
      const { secret } = await createToken(context, { userId: ownUser(state).id, ...readToken(typed, context.now) });
      return seeOther(`/account?shown=${state.portal.shownOnce.keep(context.actor, secret)}`);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page(await accountData(state, { typed, problems: problemsOf(error) }), { status: 422 });
    }
  },
});
