import { revokeSessions } from "@jobtrigger/shared/operations";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { userIdOf } from "../../../../server/params.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Ends all sessions of an account. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    const id = userIdOf(params);
    await revokeSessions(operating(state), { userId: id });
    return seeOther(`/settings/users/${id}?notice=sessions_ended`);
  },
});
