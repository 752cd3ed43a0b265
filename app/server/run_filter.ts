/**
 * The filter of the list of runs as a page has it: one text in the grammar of all lists. The fields beside it write into the text, and
 * tabs are links with it, so that the address `?q=` is all there is to know.
 *
 * @module
 */
import { FILTER_MAX, formatFilter, parseFilter, RUN_FILTER_FIELDS, STATUS_NAMES } from "@jobtrigger/shared/api";
import { Invalid } from "@jobtrigger/shared/domain";

/** A field of the filter. */
export type RunField = typeof RUN_FILTER_FIELDS[number];

/** The fields of the form beside the text, in the address until it is turned into `q`. */
export const FORM_FIELDS: readonly Exclude<RunField, "status">[] = [
  "job",
  "worker",
  "label",
  "trigger",
  "since",
  "until",
];

/** The text with other values of some fields; null takes a field away. Null: the text is no filter. */
export function withFields(text: string, changes: Readonly<Partial<Record<RunField, string | null>>>): string | null {
  try {
    const { words, terms } = parseFilter(text, RUN_FILTER_FIELDS);
    const kept = terms.filter(({ field }) => changes[field] === undefined);
    const added = RUN_FILTER_FIELDS.flatMap((field) => {
      const value = changes[field] ?? null;
      const values = value?.split(",").map((one) => one.trim()).filter((one) => one !== "") ?? [];
      return values.length === 0 ? [] : [{ field, values }];
    });
    const parts = [words === "" ? null : quotedWords(words), formatFilter([...kept, ...added])];
    return parts.filter((part) => part !== null).join(" ");
  } catch (error) {
    if (error instanceof Invalid) return null;
    throw error;
  }
}

/** The values of the fields of a text, for the form; of several, with commas. */
export function fieldsOf(text: string): Readonly<Partial<Record<RunField, string>>> {
  try {
    const { terms } = parseFilter(text, RUN_FILTER_FIELDS);
    return Object.fromEntries(terms.map(({ field, values }) => [field, values.join(",")]));
  } catch (error) {
    if (error instanceof Invalid) return {};
    throw error;
  }
}

/**
 * The one text that an address means: its `q`, with the fields of the form and those that other pages link with, `status` and `job`,
 * written into it. A status that there is not says nothing, as an unknown state in the address of the jobs.
 */
export function filterTextOf(params: URLSearchParams): string {
  const text = (params.get("q") ?? "").trim().slice(0, FILTER_MAX);
  const present = fieldsOf(text);
  const changes = [...FORM_FIELDS, "status" as const].flatMap((field): [RunField, string][] => {
    const value = params.get(field)?.trim();
    if (value === undefined || value === (present[field] ?? "")) return [];
    return field === "status" && !areStatuses(value) ? [] : [[field, value]];
  });
  return changes.length === 0 ? text : withFields(text, Object.fromEntries(changes)) ?? text;
}

function areStatuses(value: string): boolean {
  return value === "" || value.split(",").every((name) => Object.hasOwn(STATUS_NAMES, name.trim().toLowerCase()));
}

function quotedWords(words: string): string {
  return /[:",]/.test(words) ? `"${words.replace(/["\\]/g, "\\$&")}"` : words;
}
