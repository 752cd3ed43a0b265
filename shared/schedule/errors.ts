/** The error for schedules, cron expressions and zones that cannot be read, and the words of its messages. @module */
import { nearest } from "../domain/mod.ts";

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
