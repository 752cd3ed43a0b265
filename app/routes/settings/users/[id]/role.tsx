import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { setRole } from "@jobtrigger/shared/operations";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { userIdOf } from "../../../../server/params.ts";
import { problemsOf } from "../../../../server/problems.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { readRole, ROLE_FIELDS, typedRole } from "../../../../server/user_form.ts";
import { type UserData, userData } from "../../../../server/user_page.ts";
import { define } from "../../../../utils.ts";

export { default } from "./index.tsx";

/** Gives an account another role, and other roles by label. */
export const handler = define.handlers<UserData>({
  async POST({ req, params, state }) {
    const role = typedRole(await readFields(req, ROLE_FIELDS));
    const id = userIdOf(params);
    try {
      await setRole(operating(state), { id, ...readRole(role) });
      return seeOther(`/settings/users/${id}?notice=user_saved`);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page(await userData(state, id, { role, problems: problemsOf(error) }), { status: 422 });
    }
  },
});
