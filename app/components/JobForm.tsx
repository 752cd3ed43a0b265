import type { JSX } from "preact";
import LivePreview from "../islands/LivePreview.tsx";
import { FIELD_LABELS, FIELD_NAMES, type FieldName, type JobFields, PREVIEW_NAMES } from "../format/job_fields.ts";
import type { Preview } from "../format/preview.ts";
import { Field, fieldId } from "./Field.tsx";
import { PolicyFields } from "./PolicyFields.tsx";
import { ScheduleHelp } from "./ScheduleHelp.tsx";

type FieldProblems = Readonly<Partial<Record<FieldName, string>>>;

/** What the form of a job needs. */
export interface JobFormProps {
  readonly action: string;
  readonly fields: JobFields;
  /** What is wrong, by field. */
  readonly problems: FieldProblems;
  /** What a job has that says nothing. */
  readonly usual: JobFields;
  /** Null: a new one. */
  readonly jobId: number | null;
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
          <div class="pair">
            <Field {...of("timezone")}>
              {(a) => <input {...a} value={fields.timezone} list="zones" autocomplete="off" spellcheck={false} />}
            </Field>
            <Field {...of("timeout")} help={`Such as 90, 5m or 1h30m; empty: ${defaults.timeoutSeconds} seconds.`}>
              {(a) => <input {...a} value={fields.timeout} autocomplete="off" spellcheck={false} />}
            </Field>
          </div>
          <datalist id="zones">{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
          <Field {...of("env")} help="NAME=value, one a line, on top of what every script gets.">
            {(a) => <textarea {...a} rows={2} spellcheck={false} class="code">{fields.env}</textarea>}
          </Field>
          <PolicyFields fields={fields} problems={problems} usual={props.usual} maxRetries={defaults.maxRetries} />
        </div>
        <section aria-label="Preview" class="preview-box">
          <LivePreview initial={props.preview} job={props.jobId} fields={PREVIEW_NAMES} />
        </section>
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
