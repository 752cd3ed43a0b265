import { FIELD_GROUPS, type FieldGroup, type FieldName, JOB_FIELDS } from "@jobtrigger/shared/api";
import type { ComponentChildren, JSX } from "preact";
import type { JobFields } from "../format/job_fields.ts";
import { Field, type FieldProps } from "./Field.tsx";
import { Fold } from "./Fold.tsx";

/** The fields, their values and problems. */
export interface PolicyFieldsProps {
  readonly fields: JobFields;
  /** The values of a new job; a group with only these stays folded. */
  readonly usual: JobFields;
  /** Label, help and problem of a field. */
  readonly of: (name: FieldName) => Omit<FieldProps, "children">;
}

/** The policies of a job in folded groups. A group with a problem, or a value that differs from a new job's, is open. */
export function PolicyFields(props: PolicyFieldsProps): JSX.Element {
  return (
    <div class="panel">
      {FIELD_GROUPS.map((group) => <PolicyGroup key={group.title} group={group} {...props} />)}
    </div>
  );
}

function PolicyGroup({ group, ...props }: PolicyFieldsProps & { readonly group: FieldGroup }): JSX.Element {
  const { fields, usual, of } = props;
  const isOpen = group.rows.flat().some((name) =>
    of(name).problem !== undefined || (fields[name].trim() !== "" && fields[name] !== usual[name])
  );
  return (
    <Fold title={<strong>{group.title}</strong>} value={group.about} isOpen={isOpen}>
      {group.rows.map((row) => (
        <div key={row[0]} class="pair">
          {row.map((name) => <PolicyField key={name} name={name} {...props} />)}
        </div>
      ))}
    </Fold>
  );
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
