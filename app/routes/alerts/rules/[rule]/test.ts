import { Conflict } from "@jobtrigger/shared/domain";
import { testRule } from "@jobtrigger/shared/operations";
import { ruleIdOf } from "../../../../server/alert_pages.ts";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

/** Sends a text by each channel of an alert rule. */
export const handler = define.handlers({
  async POST({ req, params, state }) {
    await readFields(req, []);
    try {
      await testRule(operating(state), { id: ruleIdOf(params) });
      return seeOther("/alerts/rules?notice=alert_rule_tested");
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return seeOther("/alerts/rules?notice=alert_rule_reaches_nobody");
    }
  },
});
