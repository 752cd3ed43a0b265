import { type AuditFacts, type AuditValue, epochMs, markUnseen } from "@jobtrigger/shared/domain";
import { formatSchedule, parseSchedule } from "@jobtrigger/shared/schedule";
import { formatInstant } from "@jobtrigger/shared/time";

/** Longest value that is shown whole. */
const VALUE_MAX = 300;

/** A fact before and after; null: it was not there, or is not any more. */
export interface FactChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** The facts of an event, in the order in which they were written; those without a value on either side are left out. */
export function factChanges(
  { before, after }: { readonly before: AuditFacts | null; readonly after: AuditFacts | null },
  zone: string,
): readonly FactChange[] {
  return Object.keys({ ...before, ...after })
    .map((name) => ({
      name,
      before: valueText(name, before?.[name], zone),
      after: valueText(name, after?.[name], zone),
    }))
    .filter(({ before, after }) => before !== null || after !== null);
}

/** A value as text; null: there is none. */
function valueText(name: string, value: AuditValue | undefined, zone: string): string | null {
  if (value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)) {
    return null;
  }
  const text = markUnseen(textOf(name, value, zone));
  return text.length <= VALUE_MAX ? text : `${text.slice(0, VALUE_MAX).toWellFormed()}…`;
}

function textOf(name: string, value: Exclude<AuditValue, null>, zone: string): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return /At$|^until$/.test(name) ? formatInstant(epochMs(value), zone) : String(value);
  if (typeof value === "string") return value;
  if (name === "schedule") return scheduleText(value);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(", ");
  return JSON.stringify(value);
}

/** A schedule of an old version may be none of today's. */
function scheduleText(value: unknown): string {
  try {
    return formatSchedule(parseSchedule(value));
  } catch {
    return JSON.stringify(value);
  }
}
