import { revokeToken } from "@jobtrigger/shared/operations";
import { readFields } from "../../../../../../server/form.ts";
import { operating } from "../../../../../../server/operating.ts";
import { tokenIdOf, userIdOf } from "../../../../../../server/params.ts";
import { seeOther } from "../../../../../../server/redirect.ts";
import { define } from "../../../../../../utils.ts";

/** Revokes an API token of an account. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    const userId = userIdOf(params);
    await revokeToken(operating(state), { userId, id: tokenIdOf(params, "token") });
    return seeOther(`/settings/users/${userId}?notice=token_revoked`);
  },
});
