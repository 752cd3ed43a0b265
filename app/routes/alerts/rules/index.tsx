import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { createRule, listRules } from "@jobtrigger/shared/operations";
import { AlertRules, type AlertRulesProps, RULE_FIELDS } from "../../../components/AlertRules.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Page } from "../../../components/Page.tsx";
import { newRule, readRuleForm, typedRule } from "../../../server/alert_pages.ts";
import { readFields } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { problemsOf } from "../../../server/problems.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Lists alert rules and makes another. */
export const handler = define.handlers<AlertRulesProps>({
  async GET({ state }) {
    const rules = await listRules(operating(state));
    return page({ rules, typed: newRule(state.view.zone), problems: {} });
  },
  async POST({ req, state }) {
    const typed = typedRule(await readFields(req, RULE_FIELDS));
    try {
      await createRule(operating(state), readRuleForm(typed));
      return seeOther("/alerts/rules?notice=alert_rule_made");
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      const rules = await listRules(operating(state));
      return page({ rules, typed, problems: problemsOf(error) }, { status: 422 });
    }
  },
});

/** When somebody is told. */
export default define.page<typeof handler>(function RulesPage({ data, url }) {
  return (
    <Page title="Alert rules" crumbs={[["/alerts", "Alerts"]]}>
      <Notice code={url.searchParams.get("notice")} />
      <AlertRules {...data} />
    </Page>
  );
});
