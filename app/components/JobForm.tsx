import { FIELD_NAMES, type FieldName, JOB_FIELDS } from "@jobtrigger/shared/api";
import { formatDuration } from "@jobtrigger/shared/time";
import type { ComponentChildren, JSX } from "preact";
import { passedWords } from "../format/arg_lines.ts";
import type { JobFields } from "../format/job_fields.ts";
import { Field, fieldId, type FieldProps } from "./Field.tsx";
import { Note } from "./Note.tsx";
import { PolicyFields, PolicyFold } from "./PolicyFields.tsx";
import { ScheduleFields, type ScheduleFieldsProps } from "./ScheduleFields.tsx";

/** The fields on which a preview depends. */
export const PREVIEW_NAMES: readonly FieldName[] = FIELD_NAMES.filter((name) =>
  !["name", "key", "labels", "script", "args", "env"].includes(name)
);

/** The fields without which there is no job. */
const NEEDED: readonly FieldName[] = ["name", "script", "schedule"];

type FieldProblems = Readonly<Partial<Record<FieldName, string>>>;

/** The contents of the form of a job. */
export interface JobFormProps extends Pick<ScheduleFieldsProps, "parts" | "zones"> {
  readonly action: string;
  readonly fields: JobFields;
  /** Problems by field. */
  readonly problems: FieldProblems;
  /** The defaults of a new job. */
  readonly usual: JobFields;
  /** Suggested script paths; others can be typed. */
  readonly scripts: readonly string[];
  /** Whether a worker runs on another machine than a portal: it may have other scripts. */
  readonly hasFarWorkers: boolean;
  /** Suggested labels. */
  readonly labels?: readonly string[];
  /** The meaning of empty fields. */
  readonly defaults: { readonly timeoutSeconds: number; readonly maxRetries: number };
  readonly hidden: Readonly<Record<string, string>>;
  readonly saveLabel: string;
  readonly cancelTo: string;
  /** Whether leaving the page loses something even before anything is typed: the form came back unsaved. */
  readonly isUnsaved?: boolean;
  /** Whether a new job begins paused; absent: the job is there already. */
  readonly isPaused?: boolean;
  /** The preview, which stands beside the fields. */
  readonly children: ComponentChildren;
}

/** The form of a job, new or edited. It works without scripts: "Preview" sends it and gets it back with the preview. */
export function JobForm(props: JobFormProps): JSX.Element {
  const { fields, problems, scripts, hasFarWorkers, defaults, isUnsaved = false, isPaused } = props;
  const usual = { timeout: formatDuration(defaults.timeoutSeconds * 1000), max_retries: String(defaults.maxRetries) };
  const of = (name: FieldName) => fieldOf(name, { problems, usual });
  const files = hasFarWorkers
    ? "From this portal's script directories. A worker on another machine may have other scripts."
    : "From the script directories.";
  return (
    <form method="post" action={props.action} class="job-form" novalidate data-unsaved={isUnsaved}>
      {/* Enter in a field presses the first button of a form. */}
      <button type="submit" name="intent" value="save" class="sr" tabIndex={-1} aria-hidden="true">Save</button>
      {Object.entries(props.hidden).map(([name, value]) => (
        <input
          key={name}
          type="hidden"
          name={name}
          value={value}
        />
      ))}
      <Problems problems={problems} />
      <div class="split form">
        <div class="stack">
          <section class="panel" aria-labelledby="what">
            <header>
              <h2 id="what">What</h2>
              <small>* is needed</small>
            </header>
            <div class="body stack">
              <Field {...of("name")}>
                {(a) => <input {...a} value={fields.name} required maxLength={200} autocomplete="off" />}
              </Field>
              <div class="pair">
                <Field {...of("script")} help={files}>
                  {(a) => (
                    <input
                      {...a}
                      class="code"
                      value={fields.script}
                      required
                      list="scripts"
                      autocomplete="off"
                      spellcheck={false}
                    />
                  )}
                </Field>
                <Field {...of("labels")}>
                  {(a) => <input {...a} value={fields.labels} autocomplete="off" spellcheck={false} />}
                </Field>
              </div>
              <datalist id="scripts">{scripts.map((script) => <option key={script} value={script} />)}</datalist>
              <Field {...of("args")} help="One a line, passed as they are: no shell sees them.">
                {(a) => <textarea {...a} rows={2} spellcheck={false} class="code">{fields.args}</textarea>}
              </Field>
              <p class="help">
                The script gets <code data-passed>{passedWords(fields.args)}</code>
              </p>
            </div>
          </section>
          <section class="panel" aria-labelledby="when">
            <header>
              <h2 id="when">When</h2>
            </header>
            <div class="body">
              <ScheduleFields fields={fields} parts={props.parts} zones={props.zones} of={of} />
            </div>
          </section>
        </div>
        <section class="panel steady" aria-labelledby="preview">
          <header>
            <h2 id="preview">Preview</h2>
            <small>by the scheduler's own rules</small>
          </header>
          <div class="body">{props.children}</div>
        </section>
        <section class="panel" aria-label="Policies">
          <PolicyFields fields={fields} usual={props.usual} defaults={usual} of={of} />
          <PolicyFold
            title="Key and environment"
            value={keyAndEnv(fields)}
            isOpen={problems.key !== undefined || problems.env !== undefined}
            isAlone={Object.keys(problems).length < 2}
          >
            <Field {...of("key")}>
              {(a) => (
                <input {...a} class="code" value={fields.key} maxLength={100} autocomplete="off" spellcheck={false} />
              )}
            </Field>
            <Field {...of("env")}>
              {(a) => <textarea {...a} rows={2} spellcheck={false} class="code">{fields.env}</textarea>}
            </Field>
          </PolicyFold>
        </section>
      </div>
      <div class="save">
        <button type="submit" name="intent" value="save" class="button primary">{props.saveLabel}</button>
        <button type="submit" name="intent" value="preview" class="button">Preview</button>
        <a class="button" href={props.cancelTo}>Cancel</a>
        {isPaused !== undefined && (
          <label class="check">
            <input type="checkbox" name="paused" checked={isPaused} />
            Begins paused
          </label>
        )}
        <span class="quiet" data-changes></span>
      </div>
    </form>
  );
}

function keyAndEnv({ key, env }: JobFields): string {
  const variables = env.split("\n").filter((line) => line.trim() !== "").length;
  const counted = variables === 1 ? "1 variable" : `${variables} variables`;
  return [key.trim() === "" ? "no key" : key.trim(), variables === 0 ? "no variables" : counted].join(", ");
}

/** The properties of the field `name`; `usual` is the value that an empty field stands for. */
function fieldOf(
  name: FieldName,
  { problems, usual }: { readonly problems: FieldProblems; readonly usual: Partial<Record<FieldName, string>> },
): Omit<FieldProps, "children"> {
  const { label, help } = JOB_FIELDS[name];
  const isNeeded = NEEDED.includes(name);
  return { name, label, isNeeded, problem: problems[name], help: help?.replace("{default}", usual[name] ?? "") };
}

function Problems({ problems }: { readonly problems: FieldProblems }): JSX.Element | null {
  const wrong = FIELD_NAMES.filter((name) => problems[name] !== undefined);
  if (wrong.length === 0) return null;
  const many = wrong.length === 1 ? "One field needs a change:" : `${wrong.length} fields need a change:`;
  return (
    <Note tone="bad" role="alert" what={`Nothing was saved yet. ${many}`}>
      <ul>
        {wrong.map((name) => (
          <li key={name}>
            <a href={`#${fieldId(name)}`}>{JOB_FIELDS[name].label}</a>: {problems[name]}
          </li>
        ))}
      </ul>
    </Note>
  );
}
