import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { changeRule, getRule } from "@jobtrigger/shared/operations";
import {
  AlertRuleForm,
  type AlertRuleFormProps,
  RULE_FIELDS,
  RULE_LISTS,
} from "../../../../components/AlertRuleForm.tsx";
import { Page } from "../../../../components/Page.tsx";
import { fieldsOfRule, readRuleForm, ruleForm, ruleIdOf, typedRule } from "../../../../server/alert_pages.ts";
import { readFields } from "../../../../server/form.ts";
import { operating } from "../../../../server/operating.ts";
import { problemsOf } from "../../../../server/problems.ts";
import { seeOther } from "../../../../server/redirect.ts";
import { define } from "../../../../utils.ts";

interface Data {
  readonly name: string;
  readonly form: AlertRuleFormProps;
}

/** Changes an alert rule. */
export const handler = define.handlers<Data>({
  async GET({ params, state }) {
    const found = await getRule(operating(state), ruleIdOf(params));
    const form = await ruleForm(state, fieldsOfRule(found, state.view.zone));
    return page({ name: found.rule.name, form: { ...form, ...formOf(found.rule.id) } });
  },
  async POST({ req, params, state }) {
    const id = ruleIdOf(params);
    const typed = typedRule(await readFields(req, RULE_FIELDS, RULE_LISTS));
    try {
      await changeRule(operating(state), { id, input: readRuleForm(typed) });
      return seeOther("/alerts/rules?notice=alert_rule_saved");
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      const { rule: { name } } = await getRule(operating(state), id);
      const form = await ruleForm(state, typed, problemsOf(error));
      return page({ name, form: { ...form, ...formOf(id) } }, { status: 422 });
    }
  },
});

function formOf(id: number): Pick<AlertRuleFormProps, "action" | "button"> {
  return { action: `/alerts/rules/${id}/edit`, button: "Save the rule" };
}

/** The form of an alert rule. */
export default define.page<typeof handler>(function RulePage({ data: { name, form } }) {
  return (
    <Page title={name} crumbs={[["/alerts", "Alerts"], ["/alerts/rules", "Rules"]]}>
      <section class="panel" aria-label="Alert rule">
        <div class="body stack">
          <AlertRuleForm {...form} />
        </div>
      </section>
    </Page>
  );
});
