import { readFields } from "../../server/form.ts";
import { seeOther } from "../../server/redirect.ts";
import { define } from "../../utils.ts";

/** Checks the audit list, and shows on its page what came of it. */
export const handler = define.handlers({
  async POST({ req, state: { portal, view } }) {
    await readFields(req, []);
    await portal.auditCheck.start(view.now);
    return seeOther("/audit#check");
  },
});
