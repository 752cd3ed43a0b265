import { Invalid } from "@jobtrigger/shared/domain";

/** What `--output` takes. */
export const FORMS = ["json", "yaml", "name", "wide"] as const;
/** What `--color` takes. */
export const COLOR_CHOICES = ["auto", "always", "never"] as const;

/** How output is written; `text` is for people. */
export type Form = typeof FORMS[number] | "text";

/** What every command takes. */
export interface OutputFlags {
  readonly output?: typeof FORMS[number];
  /** The same as `-o json`. */
  readonly json?: boolean;
  readonly color?: typeof COLOR_CHOICES[number];
}

/** The form that flags ask for. @throws {Invalid} when they ask for two. */
export function formOf({ output, json = false }: OutputFlags): Form {
  if (json && output !== undefined && output !== "json") {
    throw new Invalid([{ field: "--json", message: `cannot go together with -o ${output}; expected one of the two` }]);
  }
  return json ? "json" : output ?? "text";
}

/** Whether programs read the output: then what is said to people goes to standard error. */
export function wantsProgramForm(flags: OutputFlags): boolean {
  return ["json", "yaml", "name"].includes(formOf(flags));
}
