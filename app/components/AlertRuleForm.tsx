import { ALERT_CONDITIONS, CONDITION_KINDS } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { Field } from "./Field.tsx";

/** The fields of a rule that are typed once. */
export const RULE_FIELDS = [
  "name",
  "condition",
  "limit",
  "label",
  "job",
  "remind",
  "quiet_from",
  "quiet_until",
  "quiet_zone",
] as const;

/** The field of its channels: one value for each. */
export const RULE_LISTS = ["channels"] as const;

/** What was typed into the form of a rule. */
export type RuleFields = Readonly<Record<typeof RULE_FIELDS[number], string>> & {
  /** The names of its channels. */
  readonly channels: readonly string[];
};

/** The form of a rule. */
export interface AlertRuleFormProps {
  /** Where it is sent. */
  readonly action: string;
  /** What its button says. */
  readonly button: string;
  /** The names of all channels. */
  readonly channels: readonly string[];
  /** Whether the reader may make channels. */
  readonly mayMakeChannels: boolean;
  readonly typed: RuleFields;
  readonly problems: Readonly<Record<string, string | undefined>>;
}

/** The form of a rule: when, of what, to whom, and when not. */
export function AlertRuleForm(
  { action, button, channels, mayMakeChannels, typed, problems }: AlertRuleFormProps,
): JSX.Element {
  return (
    <form method="post" action={action} class="form">
      <Field name="name" label="Name" problem={problems.name} isNeeded>
        {(a) => <input {...a} required value={typed.name} autocomplete="off" />}
      </Field>
      <Conditions typed={typed} problems={problems} />
      <Field
        name="limit"
        label="The limit in place of …"
        problem={problems.limit}
        help="A duration such as 30m or 2h; of failures a number of times, of the median percent, of a disk or a database megabytes. Empty: the usual."
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
        {(a) => <input {...a} value={typed.job} autocomplete="off" inputmode="numeric" />}
      </Field>
      <fieldset class="field" aria-describedby={problems.channels === undefined ? undefined : "channels-problem"}>
        <legend class="needed">Goes to</legend>
        {channels.length > 0 && (
          <div class="checks">
            {channels.map((name) => (
              <label key={name} class="check">
                <input type="checkbox" name="channels" value={name} checked={typed.channels.includes(name)} />
                <bdi>{name}</bdi>
              </label>
            ))}
          </div>
        )}
        {channels.length === 0 && (
          <p class="help">
            There is no channel yet.{" "}
            {mayMakeChannels ? <a href="/settings/alerts">Make one</a> : "An administrator makes them."}
          </p>
        )}
        {problems.channels !== undefined && <p class="problem" id="channels-problem">{problems.channels}</p>}
      </fieldset>
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
      <div class="form-end">
        <button type="submit" class="button primary">{button}</button>
      </div>
    </form>
  );
}

const GROUPS = [["job", "A job"], ["system", "The installation"]] as const;

function Conditions({ typed, problems }: Pick<AlertRuleFormProps, "typed" | "problems">): JSX.Element {
  return (
    <Field
      name="condition"
      label="Tells when a job, or the installation"
      problem={problems.condition}
      help="Of a disk it knows that of a SQLite database alone; of PostgreSQL it knows how large the database is."
    >
      {(a) => (
        <select {...a}>
          {GROUPS.map(([reach, label]) => (
            <optgroup key={reach} label={label}>
              {CONDITION_KINDS.filter((kind) => ALERT_CONDITIONS[kind].reach === reach).map((kind) => (
                <option key={kind} value={kind} selected={typed.condition === kind}>
                  {ALERT_CONDITIONS[kind].sentence.replace("#", "…")}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  );
}
