import { FIELD_GROUPS, type FieldGroup, type FieldName, JOB_FIELDS } from "@jobtrigger/shared/api";
import type { ComponentChildren, JSX } from "preact";
import type { JobFields } from "../format/job_fields.ts";
import { Field, type FieldProps } from "./Field.tsx";

/** The fields, their values and problems. */
export interface PolicyFieldsProps {
  readonly fields: JobFields;
  /** The values of a new job, which a heading need not say. */
  readonly usual: JobFields;
  /** What empty fields mean, by field. */
  readonly defaults: Readonly<Partial<Record<FieldName, string>>>;
  /** Label, help and problem of a field. */
  readonly of: (name: FieldName) => Omit<FieldProps, "children">;
}

/** The policies of a job in folded groups, each with its value in the heading. One is open at a time, and those with a problem. */
export function PolicyFields(props: PolicyFieldsProps): JSX.Element {
  const wrong = FIELD_GROUPS.filter(({ rows }) => rows.flat().some((name) => props.of(name).problem !== undefined));
  return (
    <>
      {FIELD_GROUPS.map((group) => (
        <PolicyFold
          key={group.title}
          title={group.title}
          value={valueOf(group, props)}
          isOpen={wrong.includes(group)}
          isAlone={wrong.length < 2}
        >
          <p class="help">{group.about[0]?.toUpperCase()}{group.about.slice(1)}.</p>
          {group.rows.map((row) => (
            <div key={row[0]} class="pair">
              {row.map((name) => <PolicyField key={name} name={name} {...props} />)}
            </div>
          ))}
        </PolicyFold>
      ))}
    </>
  );
}

/** A group of fields whose heading says their value. */
export function PolicyFold(
  { title, value, isOpen, isAlone, children }: {
    readonly title: string;
    readonly value: string;
    readonly isOpen: boolean;
    /** Whether opening it folds the others. */
    readonly isAlone: boolean;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <details class="fold" open={isOpen} name={isAlone ? "policies" : undefined}>
      <summary>
        {title}
        <span class="quiet">{value}</span>
      </summary>
      <div class="body stack">{children}</div>
    </details>
  );
}

/** What a group holds, in a few words: its choices, and the fields that are filled in. */
function valueOf({ rows, usual: words }: FieldGroup, { fields, usual, defaults }: PolicyFieldsProps): string {
  const said = rows.flat().flatMap((name) => {
    const { choices, label } = JOB_FIELDS[name];
    const value = fields[name].trim();
    if (choices !== null) return [choices.find(([one]) => one === value)?.[1] ?? []].flat();
    return value === "" || value === usual[name] ? [] : [`${label} ${value}`];
  });
  if (said.length === 0) return words.replace(/\{(\w+)\}/g, (_, name) => Object(defaults)[name] ?? "");
  return said.map((words) => words.charAt(0).toLowerCase() + words.slice(1)).join(", ");
}

function PolicyField({ name, fields, of }: PolicyFieldsProps & { readonly name: FieldName }): JSX.Element {
  const { choices, bounds } = JOB_FIELDS[name];
  // A duration has units, and a priority may have a minus, which a keyboard of digits lacks.
  const isCount = bounds !== null && bounds.unit !== "seconds" && bounds.min >= 0;
  return (
    <Field {...of(name)}>
      {(a): ComponentChildren =>
        choices === null
          ? (
            <input
              {...a}
              value={fields[name]}
              inputMode={isCount ? "numeric" : undefined}
              autocomplete="off"
              spellcheck={false}
            />
          )
          : (
            <select {...a}>
              {choices.map(([value, words]) => (
                <option key={value} value={value} selected={fields[name] === value}>{words}</option>
              ))}
            </select>
          )}
    </Field>
  );
}
