import { revokeSession } from "@jobtrigger/shared/operations";
import { signedOut } from "../../../../server/access/sign_in.ts";
import { ownUser } from "../../../../server/account_page.ts";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { sessionIdOf } from "../../../../server/params.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Ends one of one's own sessions; the one that asks signs out. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    const id = sessionIdOf(params);
    if (id === state.session?.id) return await signedOut(state, req);
    await revokeSession(operating(state), { userId: ownUser(state).id, id });
    return seeOther("/account?notice=session_ended");
  },
});
