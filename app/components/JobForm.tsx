import type { ComponentChildren, JSX } from "preact";
import LivePreview from "../islands/LivePreview.tsx";
import { FIELD_LABELS, FIELD_NAMES, type FieldName, type JobFields } from "../format/job_fields.ts";
import type { Preview } from "../format/preview.ts";
import { Field, fieldId } from "./Field.tsx";
import { ScheduleHelp } from "./ScheduleHelp.tsx";

/** What is wrong, by field. */
export type FieldProblems = Readonly<Partial<Record<FieldName, string>>>;

/** What the form of a job needs. */
export interface JobFormProps {
  readonly action: string;
  readonly fields: JobFields;
  readonly problems: FieldProblems;
  readonly preview: Preview | null;
  /** Paths that can be chosen; others can be typed. */
  readonly scripts: readonly string[];
  readonly zones: readonly string[];
  /** What empty fields mean. */
  readonly defaults: { readonly timeoutSeconds: number; readonly maxRetries: number };
  readonly hidden: Readonly<Record<string, string>>;
  readonly saveLabel: string;
  readonly cancelTo: string;
}

/** The form of a job, new or edited. It works without scripts: "Preview" sends it and gets it back with the preview. */
export function JobForm(props: JobFormProps): JSX.Element {
  const { fields, problems, scripts, zones, defaults } = props;
  const of = (name: FieldName) => ({ name, label: FIELD_LABELS[name], problem: problems[name] });
  return (
    <form method="post" action={props.action} class="job-form" novalidate>
      {Object.entries(props.hidden).map(([name, value]) => (
        <input
          key={name}
          type="hidden"
          name={name}
          value={value}
        />
      ))}
      <Problems problems={problems} />
      <div class="columns">
        <div>
          <Field {...of("name")}>
            {(a) => <input {...a} value={fields.name} required maxLength={200} autocomplete="off" />}
          </Field>
          <Field {...of("script")} help="A file in the script directories: .sh, .py, .ts, .js or an executable.">
            {(a) => (
              <input
                {...a}
                value={fields.script}
                required
                list="scripts"
                autocomplete="off"
                spellcheck={false}
                class="code"
              />
            )}
          </Field>
          <datalist id="scripts">{scripts.map((script) => <option key={script} value={script} />)}</datalist>
          <Field
            {...of("args")}
            help="One a line, passed as they are: no shell sees them, quotes and spaces need no care."
          >
            {(a) => <textarea {...a} rows={3} spellcheck={false} class="code">{fields.args}</textarea>}
          </Field>
          <div class="pair">
            <Field {...of("timeout")} help={`Seconds; empty: ${defaults.timeoutSeconds}.`}>
              {(a) => <input {...a} value={fields.timeout} inputMode="numeric" autocomplete="off" />}
            </Field>
            <Field {...of("max_retries")} help={`After a failure or timeout; empty: ${defaults.maxRetries}.`}>
              {(a) => <input {...a} value={fields.max_retries} inputMode="numeric" autocomplete="off" />}
            </Field>
          </div>
          <Field {...of("env")} help="NAME=value, one a line, on top of what every script gets.">
            {(a) => <textarea {...a} rows={3} spellcheck={false} class="code">{fields.env}</textarea>}
          </Field>
        </div>
        <div>
          <Field {...of("schedule")} help="Such as daily at 09:00, every 5m, or manual.">
            {(a) => (
              <input
                {...a}
                value={fields.schedule}
                required
                autocomplete="off"
                spellcheck={false}
                class="code"
              />
            )}
          </Field>
          <ScheduleHelp />
          <Field {...of("timezone")}>
            {(a) => <input {...a} value={fields.timezone} list="zones" autocomplete="off" spellcheck={false} />}
          </Field>
          <datalist id="zones">{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
          <ClockChanges fields={fields} problems={problems} />
          <section aria-label="Preview" class="preview-box">
            <LivePreview initial={props.preview} />
          </section>
        </div>
      </div>
      <div class="form-end">
        <button type="submit" name="intent" value="save" class="button primary">{props.saveLabel}</button>
        <button type="submit" name="intent" value="preview" class="button">Preview</button>
        <a class="button" href={props.cancelTo}>Cancel</a>
      </div>
    </form>
  );
}

function Problems({ problems }: { readonly problems: FieldProblems }): JSX.Element | null {
  const wrong = FIELD_NAMES.filter((name) => problems[name] !== undefined);
  if (wrong.length === 0) return null;
  return (
    <div class="notice bad" role="alert">
      <p>
        Nothing was saved yet.{" "}
        {wrong.length === 1 ? "One field needs a change:" : `${wrong.length} fields need a change:`}
      </p>
      <ul>
        {wrong.map((name) => (
          <li key={name}>
            <a href={`#${fieldId(name)}`}>{FIELD_LABELS[name]}</a>: {problems[name]}
          </li>
        ))}
      </ul>
    </div>
  );
}

function ClockChanges({ fields, problems }: Pick<JobFormProps, "fields" | "problems">): JSX.Element {
  const isDefault = fields.gap === "after" && fields.fold === "first";
  const select = (name: "gap" | "fold", options: readonly (readonly [value: string, text: ComponentChildren])[]) => (
    <Field name={name} label={FIELD_LABELS[name]} problem={problems[name]}>
      {(a) => (
        <select {...a}>
          {options.map(([value, text]) => (
            <option key={value} value={value} selected={fields[name] === value}>{text}</option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <details open={!isDefault || problems.gap !== undefined}>
      <summary>When clocks change</summary>
      <p class="help">Only for times of day; intervals and repeating patterns follow elapsed time.</p>
      <div class="pair">
        {select("gap", [["after", "run right after the gap"], ["skip", "skip that day"]])}
        {select("fold", [["first", "run the first time"], ["second", "run the second time"], [
          "both",
          "run both times",
        ]])}
      </div>
    </details>
  );
}
