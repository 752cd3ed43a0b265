import { ALERT_CONDITIONS, CONDITION_KINDS } from "@jobtrigger/shared/domain";
import type { NamedRule } from "@jobtrigger/shared/operations";
import { conditionWords } from "@jobtrigger/shared/policy";
import type { JSX } from "preact";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { Empty } from "./Empty.tsx";
import { Field } from "./Field.tsx";
import { Fold } from "./Fold.tsx";
import { Menu, MenuAction } from "./Menu.tsx";
import { Badge } from "./Status.tsx";

/** The fields of a new rule, as typed. */
export const RULE_FIELDS = [
  "name",
  "condition",
  "limit",
  "label",
  "job",
  "channels",
  "remind",
  "quiet_from",
  "quiet_until",
  "quiet_zone",
] as const;

/** What was typed into the form of a rule. */
export type RuleFields = Readonly<Record<typeof RULE_FIELDS[number], string>>;

/** What the page of alert rules is drawn from. */
export interface AlertRulesProps {
  readonly rules: readonly NamedRule[];
  readonly typed: RuleFields;
  readonly problems: Readonly<Record<string, string | undefined>>;
}

/** The alert rules, and the form of another. */
export function AlertRules({ rules, typed, problems }: AlertRulesProps): JSX.Element {
  return (
    <section class="panel" aria-label="Alert rules">
      {rules.length === 0
        ? (
          <Empty icon="warn" title="No rule tells anybody yet">
            Make one below: it says when somebody is to be told, and by which channels.
          </Empty>
        )
        : <RuleTable rules={rules} />}
      <Fold title="New rule" isOpen={rules.length === 0 || Object.keys(problems).length > 0}>
        <form method="post" action="/alerts/rules" class="form">
          <RuleInputs typed={typed} problems={problems} />
          <div class="form-end">
            <button type="submit" class="button primary">Make the rule</button>
          </div>
        </form>
      </Fold>
    </section>
  );
}

function RuleTable({ rules }: Pick<AlertRulesProps, "rules">): JSX.Element {
  return (
    <Cards kind="acting" head={["Rule", "State", "Tells when", "Channels", ""]}>
      <tbody role="rowgroup">
        {rules.map(({ rule, channels }) => {
          const { id, name, scope, condition, isEnabled } = rule;
          const own = `/alerts/rules/${id}`;
          return (
            <CardRow key={id}>
              <CardCell isName place="lead">
                <b>
                  <bdi>{name}</bdi>
                </b>
              </CardCell>
              <CardCell place="aside">
                {isEnabled
                  ? <Badge text="Enabled" icon="check" tone="ok" />
                  : <Badge text="Disabled" icon="pause" tone="calm" />}
              </CardCell>
              <CardCell place="line">
                <ScopeText scope={scope} isSystem={ALERT_CONDITIONS[condition.kind].reach === "system"} />{" "}
                {conditionWords(condition)}
              </CardCell>
              <CardCell label="Channels">
                <bdi>{channels.length === 0 ? "none that is there" : channels.join(", ")}</bdi>
              </CardCell>
              <CardCell place="do">
                <Menu of={name}>
                  {isEnabled
                    ? <MenuAction to={`${own}/disable`} icon="pause" label="Disable" />
                    : <MenuAction to={`${own}/enable`} icon="resume" label="Enable" />}
                  <MenuAction to={`${own}/delete`} icon="trash" label="Delete" isBad />
                </Menu>
              </CardCell>
            </CardRow>
          );
        })}
      </tbody>
    </Cards>
  );
}

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

function RuleInputs({ typed, problems }: Pick<AlertRulesProps, "typed" | "problems">): JSX.Element {
  return (
    <>
      <Field name="name" label="Name" problem={problems.name} isNeeded>
        {(a) => <input {...a} required value={typed.name} autocomplete="off" />}
      </Field>
      <Field name="condition" label="Tells when a job, or the installation" problem={problems.condition}>
        {(a) => (
          <select {...a}>
            {CONDITION_KINDS.map((kind) => (
              <option key={kind} value={kind} selected={typed.condition === kind}>
                {ALERT_CONDITIONS[kind].sentence.replace("#", "…")}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field
        name="limit"
        label="The limit in place of …"
        problem={problems.limit}
        help="A duration such as 30m or 2h; of failures a number of times, of the median percent, of a disk megabytes. Empty: the usual."
      >
        {(a) => <input {...a} value={typed.limit} autocomplete="off" />}
      </Field>
      <Field
        name="label"
        label="Of jobs with the label"
        problem={problems.label}
        help="Empty, and no job: of all jobs."
      >
        {(a) => <input {...a} value={typed.label} autocomplete="off" />}
      </Field>
      <Field name="job" label="Of one job" problem={problems.job_id} help="Its number, as its address has it.">
        {(a) => <input {...a} value={typed.job} autocomplete="off" />}
      </Field>
      <Field
        name="channels"
        label="Channels"
        problem={problems.channels}
        help="Their names, with commas between."
        isNeeded
      >
        {(a) => <input {...a} required value={typed.channels} autocomplete="off" />}
      </Field>
      <Field
        name="remind"
        label="Reminds every"
        problem={problems.remind_seconds}
        help="A duration such as 4h. Empty: never."
      >
        {(a) => <input {...a} value={typed.remind} autocomplete="off" />}
      </Field>
      <Field name="quiet_from" label="Quiet from" problem={problems.quiet} help="Such as 22:00. Empty: never quiet.">
        {(a) => <input {...a} value={typed.quiet_from} autocomplete="off" />}
      </Field>
      <Field name="quiet_until" label="Quiet until" help="Such as 07:00.">
        {(a) => <input {...a} value={typed.quiet_until} autocomplete="off" />}
      </Field>
      <Field name="quiet_zone" label="Time zone of the quiet hours">
        {(a) => <input {...a} value={typed.quiet_zone} autocomplete="off" />}
      </Field>
    </>
  );
}
