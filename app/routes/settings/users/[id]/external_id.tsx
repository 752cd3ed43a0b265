import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { setExternalId } from "@jobtrigger/shared/operations";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { userIdOf } from "../../../../server/params.ts";
import { problemsOf } from "../../../../server/problems.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { type UserData, userData } from "../../../../server/user_page.ts";
import { define } from "../../../../utils.ts";

export { default } from "./index.tsx";

/** Links an account to what an identity provider knows its owner by. */
export const handler = define.handlers<UserData>({
  async POST({ req, params, state }) {
    const form = await readFields(req, ["issuer", "subject"]);
    const typed = { issuer: (form.get("issuer") ?? "").trim(), subject: (form.get("subject") ?? "").trim() };
    const id = userIdOf(params);
    try {
      await setExternalId(operating(state), { id, externalId: typed });
      return seeOther(`/settings/users/${id}?notice=user_saved`);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page(await userData(state, id, { external: typed, problems: problemsOf(error) }), { status: 422 });
    }
  },
});
