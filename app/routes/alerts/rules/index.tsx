import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { createRule, listRules } from "@jobtrigger/shared/operations";
import { RULE_FIELDS, RULE_LISTS } from "../../../components/AlertRuleForm.tsx";
import { AlertRules, type AlertRulesProps } from "../../../components/AlertRules.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Page } from "../../../components/Page.tsx";
import { editableRules, newRule, newRuleOf, readRuleForm, ruleForm, typedRule } from "../../../server/alert_pages.ts";
import { readFields } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { problemsOf } from "../../../server/problems.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Lists alert rules and makes another; `?job=` begins one about a job. */
export const handler = define.handlers<AlertRulesProps>({
  async GET({ url, state }) {
    const job = url.searchParams.get("job");
    const typed = job === null ? newRule(state.view.zone) : await newRuleOf(state, job);
    const [rules, form] = await Promise.all([listRules(operating(state)), ruleForm(state, typed)]);
    return page({ rules, editable: await editableRules(state, rules), form, isOpen: job !== null });
  },
  async POST({ req, state }) {
    const typed = typedRule(await readFields(req, RULE_FIELDS, RULE_LISTS));
    try {
      await createRule(operating(state), readRuleForm(typed));
      return seeOther("/alerts/rules?notice=alert_rule_made");
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      const rules = await listRules(operating(state));
      const form = await ruleForm(state, typed, problemsOf(error));
      return page({ rules, editable: await editableRules(state, rules), form, isOpen: true }, { status: 422 });
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
