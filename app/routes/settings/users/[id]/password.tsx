import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { setPassword } from "@jobtrigger/shared/operations";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { userIdOf } from "../../../../server/params.ts";
import { problemsOf } from "../../../../server/problems.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { type UserData, userData } from "../../../../server/user_page.ts";
import { define } from "../../../../utils.ts";

export { default } from "./index.tsx";

/** Gives an account another password; all its sessions end. */
export const handler = define.handlers<UserData>({
  async POST({ req, params, state }) {
    const password = (await readFields(req, ["password"])).get("password") ?? "";
    const id = userIdOf(params);
    try {
      await setPassword(operating(state), { id, password });
      return seeOther(`/settings/users/${id}?notice=user_saved`);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page(await userData(state, id, { problems: problemsOf(error) }), { status: 422 });
    }
  },
});
