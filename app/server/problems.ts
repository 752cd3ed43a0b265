import type { Invalid, Problem } from "@jobtrigger/shared/domain";
import { type FieldName, isFieldName } from "@jobtrigger/shared/api";

/** What is wrong with a form, by field. */
export type Problems = Readonly<Record<string, string | undefined>>;

/** The problems of an error by field; those of one field joined. */
export function problemsOf({ problems }: Invalid): Problems {
  const fields = Map.groupBy(problems, ({ field }) => field);
  return Object.fromEntries([...fields].map(([name, all]) => [name, all.map(({ message }) => message).join("; ")]));
}

/** What is wrong with a job's form, by field. */
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
