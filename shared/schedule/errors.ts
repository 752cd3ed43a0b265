/** The error for what cannot be read as a schedule, and the suggestions in its message. @module */

/** A schedule, cron expression or time zone that cannot be understood. */
export class ScheduleError extends SyntaxError {
  /** The name of this class. */
  override readonly name: string = "ScheduleError";
  /** What is wrong: a path such as `schedule.everySeconds`, `timezone`, or a cron field such as `day-of-month`. */
  readonly field: string;
  /** Position of the mistake in the text, counted from 0; null when the input was no text. */
  readonly offset: number | null;

  /** `offset` is null where the input was no text. */
  constructor(message: string, field: string, offset: number | null = null) {
    super(message);
    this.field = field;
    this.offset = offset;
  }
}

const LONGEST_QUOTE = 80;

/** `value` as it can stand in a message: quoted, and cut when it is long. */
export function quote(value: unknown): string {
  if (typeof value === "string") {
    return value.length <= LONGEST_QUOTE ? JSON.stringify(value) : `${JSON.stringify(value.slice(0, LONGEST_QUOTE))}…`;
  }
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** Whether nothing was given: a property that is absent, a column that is null, a field of a form that is empty. */
export function isMissing(value: unknown): value is undefined | null | "" {
  return value === undefined || value === null || value === "";
}

/** Refuses the value of a property, saying what was found and what would be right. @throws {ScheduleError} always. */
export function refuse(field: string, value: unknown, right: string): never {
  const found = isMissing(value) ? "is missing" : `is ${quote(value)}`;
  throw new ScheduleError(`Cannot use the schedule: ${field} ${found}, it must be ${right}`, field);
}

/** `, did you mean "daily"?` for the candidate nearest to `found`, or nothing when none is near. */
export function didYouMean(found: string, candidates: Iterable<string>): string {
  const best = nearest(found, candidates);
  return best === null ? "" : `, did you mean "${best}"?`;
}

/** The candidate that differs from `found` by the fewest typing mistakes; null when a third of it would be wrong. */
export function nearest(found: string, candidates: Iterable<string>): string | null {
  if (found.length > LONGEST_QUOTE) return null;
  const wanted = found.toLowerCase();
  let best: string | null = null;
  let fewest = Math.max(1, Math.floor(found.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= fewest) continue;
    const mistakes = editDistance(wanted, candidate.toLowerCase());
    if (mistakes < fewest) [best, fewest] = [candidate, mistakes];
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let above: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (above[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [above, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
