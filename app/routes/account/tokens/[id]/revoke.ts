import { revokeToken } from "@jobtrigger/shared/operations";
import { ownUser } from "../../../../server/account_page.ts";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { tokenIdOf } from "../../../../server/params.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Revokes one of one's own API tokens. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    await revokeToken(operating(state), { userId: ownUser(state).id, id: tokenIdOf(params) });
    return seeOther("/account?notice=token_revoked");
  },
});
