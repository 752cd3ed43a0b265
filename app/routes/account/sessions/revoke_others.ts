import { revokeSessions } from "@jobtrigger/shared/operations";
import { ownUser } from "../../../server/account_page.ts";
import { readFields } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Ends all of one's own sessions but the one that asks. */
export const handler = define.handlers({
  async POST({ req, state }) {
    await readFields(req, []);
    const { session } = state;
    await revokeSessions(operating(state), {
      userId: ownUser(state).id,
      ...(session !== null && { except: session.id }),
    });
    return seeOther("/account?notice=sessions_ended");
  },
});
