import type { Problem } from "@jobtrigger/shared/domain";
import { FIELD_NAMES, type FieldName } from "../format/job_fields.ts";

/** What is wrong with a job's form, by field. */
export type FieldProblems = Readonly<Partial<Record<FieldName, string>>>;

/** The problems beside their fields; those of one field joined, those of none at the name. */
export function problemsByField(problems: readonly Problem[]): FieldProblems {
  const byField: Partial<Record<FieldName, string>> = {};
  for (const { field, message } of problems) {
    const name = field === "dst" ? "gap" : FIELD_NAMES.find((known) => known === field) ?? "name";
    byField[name] = byField[name] === undefined ? message : `${byField[name]}; ${message}`;
  }
  return byField;
}
