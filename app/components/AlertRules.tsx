import { timeOfDay } from "@jobtrigger/shared/api";
import { ALERT_CONDITIONS, type AlertRuleId, describeDuration } from "@jobtrigger/shared/domain";
import type { NamedRule } from "@jobtrigger/shared/operations";
import { conditionWords } from "@jobtrigger/shared/policy";
import type { JSX } from "preact";
import { AlertRuleForm, type AlertRuleFormProps } from "./AlertRuleForm.tsx";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { Empty } from "./Empty.tsx";
import { Fold } from "./Fold.tsx";
import { EnabledAction, Menu, MenuAction, MenuLink } from "./Menu.tsx";
import { EnabledBadge } from "./Status.tsx";

/** What the page of alert rules is drawn from. */
export interface AlertRulesProps {
  readonly rules: readonly NamedRule[];
  /** Those that the reader may edit. */
  readonly editable: ReadonlySet<AlertRuleId>;
  /** The form of another. */
  readonly form: Omit<AlertRuleFormProps, "action" | "button">;
  /** Whether somebody came for the form. */
  readonly isOpen: boolean;
}

/** The alert rules, and the form of another. */
export function AlertRules({ rules, editable, form, isOpen }: AlertRulesProps): JSX.Element {
  return (
    <section class="panel" aria-label="Alert rules">
      {rules.length === 0
        ? (
          <Empty icon="warn" title="No rule tells anybody yet">
            Make one below: it says when somebody is to be told, and by which channels.
          </Empty>
        )
        : <RuleTable rules={rules} editable={editable} />}
      <Fold title="New rule" isOpen={rules.length === 0 || isOpen}>
        <AlertRuleForm action="/alerts/rules" button="Make the rule" {...form} />
      </Fold>
    </section>
  );
}

function RuleTable({ rules, editable }: Pick<AlertRulesProps, "rules" | "editable">): JSX.Element {
  return (
    <Cards kind="acting" head={["Rule", "State", "Tells when", "Channels", ""]}>
      <tbody role="rowgroup">
        {rules.map(({ rule, channels }) => {
          const { id, name, scope, condition, isEnabled } = rule;
          return (
            <CardRow key={id}>
              <CardCell isName place="lead">
                <b>
                  <bdi>{name}</bdi>
                </b>
              </CardCell>
              <CardCell place="aside">
                <EnabledBadge isEnabled={isEnabled} />
              </CardCell>
              <CardCell place="line">
                <ScopeText scope={scope} isSystem={ALERT_CONDITIONS[condition.kind].reach === "system"} />{" "}
                {conditionWords(condition)}
              </CardCell>
              <CardCell label="Channels">
                <bdi>{channels.length === 0 ? "none that is there" : channels.join(", ")}</bdi>
                <RuleTimes rule={rule} />
              </CardCell>
              <CardCell place="do">
                {editable.has(id) && <RuleMenu rule={rule} />}
              </CardCell>
            </CardRow>
          );
        })}
      </tbody>
    </Cards>
  );
}

function RuleMenu({ rule: { id, name, isEnabled } }: Pick<NamedRule, "rule">): JSX.Element {
  const own = `/alerts/rules/${id}`;
  return (
    <Menu of={name}>
      <MenuLink href={`${own}/edit`} icon="edit" label="Edit…" />
      <MenuAction to={`${own}/test`} icon="play" label="Send a test" />
      <EnabledAction path={own} isEnabled={isEnabled} />
      <MenuAction to={`${own}/delete`} icon="trash" label="Delete" isBad />
    </Menu>
  );
}

/** Whom a rule covers, before the words of its condition. */
function ScopeText(
  { scope, isSystem }: { readonly scope: NamedRule["rule"]["scope"]; readonly isSystem: boolean },
): JSX.Element {
  if (isSystem) return <>The installation</>;
  switch (scope.kind) {
    case "all":
      return <>A job</>;
    case "label":
      return (
        <>
          A job labelled <bdi>{scope.label}</bdi>
        </>
      );
    case "job":
      return <a href={`/jobs/${scope.jobId}`}>Job {scope.jobId}</a>;
  }
}

/** How often a rule reminds, and when it is quiet. */
function RuleTimes({ rule: { remindSeconds, quiet } }: Pick<NamedRule, "rule">): JSX.Element | null {
  const words = [
    ...(remindSeconds === null ? [] : [`reminds every ${describeDuration(remindSeconds)}`]),
    ...(quiet === null ? [] : [`quiet ${timeOfDay(quiet.from)}–${timeOfDay(quiet.until)} ${quiet.timezone}`]),
  ];
  return words.length === 0 ? null : <small>{words.join(", ")}</small>;
}
