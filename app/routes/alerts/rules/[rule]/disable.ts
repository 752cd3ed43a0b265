import { changeRule } from "@jobtrigger/shared/operations";
import { ruleIdOf } from "../../../../server/alert_pages.ts";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Disables an alert rule. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    const id = ruleIdOf(params);
    await changeRule(operating(state), { id, isEnabled: false });
    return seeOther("/alerts/rules?notice=alert_rule_disabled");
  },
});
