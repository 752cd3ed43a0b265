import { FIELD_NAMES, type FieldName, JOB_FIELDS } from "@jobtrigger/shared/api";
import type { ComponentChildren, JSX } from "preact";
import type { JobFields } from "../format/job_fields.ts";
import { Field, fieldId, type FieldProps } from "./Field.tsx";
import { Note } from "./Note.tsx";
import { PolicyFields } from "./PolicyFields.tsx";
import { ScheduleHelp } from "./ScheduleHelp.tsx";

/** The fields on which a preview depends. */
export const PREVIEW_NAMES: readonly FieldName[] = FIELD_NAMES.filter((name) =>
  !["name", "key", "labels", "script", "args", "env"].includes(name)
);

type FieldProblems = Readonly<Partial<Record<FieldName, string>>>;

/** The contents of the form of a job. */
export interface JobFormProps {
  readonly action: string;
  readonly fields: JobFields;
  /** Problems by field. */
  readonly problems: FieldProblems;
  /** The defaults of a new job. */
  readonly usual: JobFields;
  /** Suggested script paths; others can be typed. */
  readonly scripts: readonly string[];
  readonly zones: readonly string[];
  /** The meaning of empty fields. */
  readonly defaults: { readonly timeoutSeconds: number; readonly maxRetries: number };
  readonly hidden: Readonly<Record<string, string>>;
  readonly saveLabel: string;
  readonly cancelTo: string;
  /** The preview, which stands beside the fields. */
  readonly children: ComponentChildren;
}

/** The form of a job, new or edited. It works without scripts: "Preview" sends it and gets it back with the preview. */
export function JobForm(props: JobFormProps): JSX.Element {
  const { fields, problems, scripts, zones, defaults } = props;
  const usual = { timeout: String(defaults.timeoutSeconds), max_retries: String(defaults.maxRetries) };
  const of = (name: FieldName) => fieldOf(name, { problems, usual });
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
      <div class="split even">
        <div class="stack">
          <Field {...of("name")}>
            {(a) => <input {...a} value={fields.name} required maxLength={200} autocomplete="off" />}
          </Field>
          <div class="pair">
            <Field {...of("key")}>
              {(a) => (
                <input {...a} value={fields.key} maxLength={100} autocomplete="off" spellcheck={false} class="code" />
              )}
            </Field>
            <Field {...of("labels")}>
              {(a) => <input {...a} value={fields.labels} autocomplete="off" spellcheck={false} />}
            </Field>
          </div>
          <Field {...of("script")}>
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
          <Field {...of("args")}>
            {(a) => <textarea {...a} rows={3} spellcheck={false} class="code">{fields.args}</textarea>}
          </Field>
          <Field {...of("schedule")}>
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
            <Field {...of("timeout")}>
              {(a) => <input {...a} value={fields.timeout} autocomplete="off" spellcheck={false} />}
            </Field>
          </div>
          <datalist id="zones">{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
          <Field {...of("env")}>
            {(a) => <textarea {...a} rows={2} spellcheck={false} class="code">{fields.env}</textarea>}
          </Field>
          <PolicyFields fields={fields} usual={props.usual} of={of} />
        </div>
        <section aria-label="Preview" class="panel">
          <div class="body">{props.children}</div>
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

/** The properties of the field `name`; `usual` is the value that an empty field stands for. */
function fieldOf(
  name: FieldName,
  { problems, usual }: { readonly problems: FieldProblems; readonly usual: Partial<Record<FieldName, string>> },
): Omit<FieldProps, "children"> {
  const { label, help } = JOB_FIELDS[name];
  return { name, label, problem: problems[name], help: help?.replace("{default}", usual[name] ?? "") };
}

function Problems({ problems }: { readonly problems: FieldProblems }): JSX.Element | null {
  const wrong = FIELD_NAMES.filter((name) => problems[name] !== undefined);
  if (wrong.length === 0) return null;
  return (
    <Note
      tone="bad"
      role="alert"
      what={`Nothing was saved yet. ${
        wrong.length === 1 ? "One field needs a change:" : `${wrong.length} fields need a change:`
      }`}
    >
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
