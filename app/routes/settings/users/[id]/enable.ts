import { enableUser } from "@jobtrigger/shared/operations";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { userIdOf } from "../../../../server/params.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Enables an account again. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    const id = userIdOf(params);
    await enableUser(operating(state), { id });
    return seeOther(`/settings/users/${id}?notice=user_saved`);
  },
});
