/** The values inside a schedule, brought into the one form in which they are stored. @module */
import { DAY_SECONDS, formatTime, formatWall, readTime, readWall } from "./civil.ts";
import { refuse } from "./errors.ts";
import { type Weekday, WEEKDAYS } from "./types.ts";

/** Longest interval: 36,500 days, a hundred years. */
export const MAX_EVERY_SECONDS: number = 36_500 * DAY_SECONDS;

const WEEKDAY_NAMES = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

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

/** An instant in UTC to the millisecond; null when `text` is none, for example because it names no offset. */
export function canonicalInstant(text: string): string | null {
  try {
    return Temporal.Instant.from(text.trim()).round({ smallestUnit: "millisecond", roundingMode: "floor" }).toString();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The expression as it is stored: single spaces, `@` names in small letters. */
export function canonicalExpression(text: string): string {
  const expression = text.trim().replaceAll(/\s+/g, " ");
  return expression.startsWith("@") ? expression.toLowerCase() : expression;
}

/** The weekday of `mon`, `Monday` and the like, or null. */
export function readWeekday(text: string): Weekday | null {
  const name = text.toLowerCase();
  const index = WEEKDAY_NAMES.findIndex((full) => name === full || name === full.slice(0, 3));
  return WEEKDAYS[index] ?? null;
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

const UNITS: readonly { readonly seconds: number; readonly short: string; readonly long: string }[] = [
  { seconds: DAY_SECONDS, short: "d", long: "day" },
  { seconds: 3600, short: "h", long: "hour" },
  { seconds: 60, short: "m", long: "minute" },
  { seconds: 1, short: "s", long: "second" },
];

/** Seconds of `90s`, `1h30m`, `2 days`, or null when it is no duration; the sum may be 0 or beyond any bound. */
export function readDuration(text: string): number | null {
  let seconds = 0;
  const rest = text.toLowerCase().replaceAll(/(\d+)\s*([a-z]+)[\s,]*/g, (part, amount: string, name: string) => {
    const unit = UNITS.find(({ short, long }) => name === short || name === long || name === `${long}s`) ??
      UNITS.find(({ long }) => name === long.slice(0, 3));
    if (unit === undefined) return part;
    seconds += Number(amount) * unit.seconds;
    return "";
  });
  return text === "" || rest !== "" ? null : seconds;
}

/** A duration as `1h30m`. */
export function formatDuration(seconds: number): string {
  return inUnits(seconds).map(([amount, unit]) => `${amount}${unit.short}`).join("");
}

/** A duration as `1 hour 30 minutes`. */
export function describeDuration(seconds: number): string {
  return inUnits(seconds).map(([amount, unit]) => `${amount} ${unit.long}${amount === 1 ? "" : "s"}`).join(" ");
}

function inUnits(seconds: number): [number, (typeof UNITS)[number]][] {
  const parts: [number, (typeof UNITS)[number]][] = [];
  let rest = seconds;
  for (const unit of UNITS) {
    const amount = Math.floor(rest / unit.seconds);
    if (amount > 0) parts.push([amount, unit]);
    rest -= amount * unit.seconds;
  }
  return parts;
}
