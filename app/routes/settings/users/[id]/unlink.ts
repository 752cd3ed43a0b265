import { setExternalId } from "@jobtrigger/shared/operations";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { userIdOf } from "../../../../server/params.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Unlinks an account from the identity provider. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    const id = userIdOf(params);
    await setExternalId(operating(state), { id, externalId: null });
    return seeOther(`/settings/users/${id}?notice=user_saved`);
  },
});
