/** The values inside a schedule, brought into the one form in which they are stored. @module */
import { DAY_SECONDS, formatTime, formatWall, readTime, readWall } from "./civil.ts";
import { withoutComments } from "./cron/paste.ts";
import { refuse } from "./errors.ts";
import { type Weekday, WEEKDAY_NAMES, WEEKDAYS } from "../domain/schedule.ts";

/** Longest interval: 36,500 days, a hundred years. */
export const MAX_EVERY_SECONDS: number = 36_500 * DAY_SECONDS;

/** A whole number from `min` to `max`; `or` says what else is allowed. @throws {ScheduleError} naming `field`. */
export function readNumber(field: string, value: unknown, min: number, max: number, or = ""): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  return refuse(field, value, `a whole number from ${min} to ${max}${or}`);
}

/** `HH:MM`, or `HH:MM:SS` when the seconds are not 0; null when `text` is no time of day. */
export function canonicalTime(text: string): string | null {
  const second = readTime(text.trim());
  return second === null ? null : formatTime(second);
}

/** `YYYY-MM-DDTHH:MM`, with `:SS` when the seconds are not 0; null when `text` is no date and time. */
export function canonicalWall(text: string): string | null {
  const wall = readWall(text.trim());
  return wall === null ? null : formatWall(wall).replace(" ", "T");
}

const NAMED_TIMES: ReadonlyMap<string, string> = new Map([["noon", "12:00"], ["midnight", "00:00"]]);

/** The canonical time of `9`, `9:30`, `9am`, `9:30 pm`, `noon` or `midnight`; null when `text` is no time of day. */
export function typedTime(text: string): string | null {
  const typed = text.trim().toLowerCase();
  const named = NAMED_TIMES.get(typed);
  if (named !== undefined) return named;
  const match = /^(\d{1,2})(:\d{2}(?::\d{2})?)?(?:\s*([ap])\.?m\.?)?$/.exec(typed);
  if (match === null) return null;
  const [, typedHour, rest = ":00", half] = match;
  const hour = Number(typedHour);
  if (half === undefined) return canonicalTime(`${hour}${rest}`);
  if (hour < 1 || hour > 12) return null;
  return canonicalTime(`${hour % 12 + (half === "p" ? 12 : 0)}${rest}`);
}

/** The canonical wall time of a date and a time that {@linkcode typedTime} reads; null when `text` is none. */
export function typedWall(text: string): string | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:\s+|T)(\S.*)$/i.exec(text.trim());
  const time = typedTime(match?.[2] ?? "");
  return time === null ? null : canonicalWall(`${match?.[1]}T${time}`);
}

/** An instant in UTC to the millisecond; null when `text` is none, for example because it names no offset. */
export function canonicalInstant(text: string): string | null {
  try {
    return Temporal.Instant.from(text.trim()).round({ smallestUnit: "millisecond", roundingMode: "floor" }).toString();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The expression as it is stored: without comments, with single spaces, `@` names in small letters. */
export function canonicalExpression(text: string): string {
  const expression = withoutComments(text).trim().replaceAll(/\s+/g, " ");
  return expression.startsWith("@") ? expression.toLowerCase() : expression;
}

/** The weekday of `mon`, `Monday`, `mondays` and the like, or null. */
export function readWeekday(text: string): Weekday | null {
  const name = text.toLowerCase();
  return WEEKDAYS.find((day) => [day, WEEKDAY_NAMES[day].toLowerCase()].includes(name.replace(/(?<=day)s$/, ""))) ??
    null;
}

/** The days once each, Monday first. */
export function inWeekOrder(days: Iterable<Weekday>): Weekday[] {
  const set = new Set(days);
  return WEEKDAYS.filter((day) => set.has(day));
}

/** The days from `first` to `last`, both included, over the end of the week where it must be. */
export function daysBetween(first: Weekday, last: Weekday): Weekday[] {
  const start = WEEKDAYS.indexOf(first);
  const length = (WEEKDAYS.indexOf(last) - start + 7) % 7 + 1;
  return [...WEEKDAYS, ...WEEKDAYS].slice(start, start + length);
}
