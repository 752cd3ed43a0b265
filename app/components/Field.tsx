import type { ComponentChildren, JSX } from "preact";

/** The attributes that tie an input to its label, help and problem for screen readers. */
export interface FieldAttributes {
  readonly id: string;
  readonly name: string;
  readonly "aria-describedby"?: string;
  readonly "aria-invalid"?: "true";
}

/** A field of a form. */
export interface FieldProps {
  readonly name: string;
  readonly label: string;
  /** The problem with the typed value. */
  readonly problem?: string | undefined;
  readonly help?: ComponentChildren;
  /** Whether it must be filled in; its label shows that. */
  readonly isNeeded?: boolean;
  /** Classes of the kinds of schedule that it is part of; absent: it is no such part. */
  readonly kinds?: string;
  /** Renders the input with `attributes`. */
  readonly children: (attributes: FieldAttributes) => ComponentChildren;
}

/** The id of a field's input, for links to it. */
export function fieldId(name: string): string {
  return `field-${name}`;
}

/** Label, input, problem and help, tied together for screen readers. */
export function Field({ name, label, problem, help, isNeeded = false, kinds, children }: FieldProps): JSX.Element {
  const id = fieldId(name);
  const described = [problem === undefined ? [] : `${id}-problem`, help === undefined ? [] : `${id}-help`].flat();
  return (
    <div class={["field", kinds === undefined ? "" : `part ${kinds}`].join(" ").trim()}>
      <label for={id} class={isNeeded ? "needed" : undefined}>{label}</label>
      {children({
        id,
        name,
        ...(described.length > 0 && { "aria-describedby": described.join(" ") }),
        ...(problem !== undefined && { "aria-invalid": "true" }),
      })}
      {problem !== undefined && <p class="problem" id={`${id}-problem`}>{problem}</p>}
      {help !== undefined && <div class="help" id={`${id}-help`}>{help}</div>}
    </div>
  );
}
