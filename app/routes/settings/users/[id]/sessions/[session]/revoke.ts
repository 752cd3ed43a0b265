import { revokeSession } from "@jobtrigger/shared/operations";
import { readFields } from "../../../../../../server/form.ts";
import { operating } from "../../../../../../server/operating.ts";
import { sessionIdOf, userIdOf } from "../../../../../../server/params.ts";
import { seeOther } from "../../../../../../server/redirect.ts";
import { define } from "../../../../../../utils.ts";

/** Ends one session of an account. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    const userId = userIdOf(params);
    await revokeSession(operating(state), { userId, id: sessionIdOf(params, "session") });
    return seeOther(`/settings/users/${userId}?notice=session_ended`);
  },
});
