import type { Problem } from "@jobtrigger/shared/domain";
import { type FieldName, isFieldName } from "@jobtrigger/shared/api";

/** The problems of a job's form, by field. */
export type FieldProblems = Readonly<Partial<Record<FieldName, string>>>;

/** The problems beside their fields; those of one field joined, those of none at the name. */
export function problemsByField(problems: readonly Problem[]): FieldProblems {
  const byField: Partial<Record<FieldName, string>> = {};
  for (const { field, message } of problems) {
    const name = field === "dst" ? "gap" : isFieldName(field) ? field : "name";
    byField[name] = byField[name] === undefined ? message : `${byField[name]}; ${message}`;
  }
  return byField;
}
