/**
 * Schedules of the system this one succeeds, in the columns it had: `schedule_type` (none means interval),
 * `interval_seconds`, `schedule_time` ("HH:MM", for hourly also just "MM") and `schedule_day` (weekly: 0 is Monday;
 * monthly: 1 to 31). Its times were UTC, whatever zone they had been typed in.
 *
 * @module
 */
import { quote, ScheduleError } from "./errors.ts";
import { WEEKDAYS } from "./types.ts";

/** The columns of a row of old data that make its schedule. */
export interface OldSchedule {
  readonly schedule_type?: string | null;
  readonly interval_seconds?: number | null;
  readonly schedule_time?: string | null;
  readonly schedule_day?: number | null;
}

type Properties = Readonly<Record<string, unknown>>;

const COLUMNS = ["schedule_type", "interval_seconds", "schedule_time", "schedule_day"];

/** Whether the properties of a schedule are those of the old form. */
export function isOldSchedule(record: Properties): boolean {
  return COLUMNS.some((column) => Object.hasOwn(record, column));
}

/**
 * The properties of the new form; what they hold is checked by who reads them. `missingTime` stands in for a time that
 * is missing or cannot be read.
 *
 * @throws {ScheduleError} when the time is missing or unknown and nothing stands in for it.
 */
export function newFormOf(old: Properties, missingTime?: string): Properties {
  const kind = old.schedule_type ?? old.kind ?? (old.interval_seconds === undefined ? undefined : "interval");
  const time = () => readTime(old.schedule_time, missingTime);
  switch (kind) {
    case "interval":
      return { kind, everySeconds: old.interval_seconds };
    case "hourly":
      return { kind, minute: readMinute(old.schedule_time, missingTime) };
    case "daily":
      return { kind, time: time() };
    case "weekly":
      return { kind, days: readDays(old.schedule_day), time: time() };
    case "monthly":
      return { kind, day: old.schedule_day, time: time() };
    default:
      return { kind };
  }
}

function readDays(day: unknown): unknown {
  if (day === undefined || day === null) return undefined;
  const weekday = typeof day === "number" ? WEEKDAYS[day] : undefined;
  return weekday === undefined ? wrong("schedule_day", day, "0 for Monday to 6 for Sunday") : [weekday];
}

function readTime(time: unknown, missingTime: string | undefined): string {
  const match = typeof time === "string" ? /^\s*(\d{1,2}):(\d{1,2})(?::\d{1,2})?\s*$/.exec(time) : null;
  if (match !== null && Number(match[1]) < 24 && Number(match[2]) < 60) {
    return `${match[1]}:${match[2]?.padStart(2, "0")}`;
  }
  return missingTime ?? wrong("schedule_time", time, "HH:MM from 00:00 to 23:59");
}

function readMinute(time: unknown, missingTime: string | undefined): number {
  const match = typeof time === "string" ? /^\s*(?:(?:\d{1,2})?:)?(\d{1,2})\s*$/.exec(time) : null;
  const minute = Number(match?.[1] ?? NaN);
  if (minute < 60) return minute;
  return missingTime === undefined ? wrong("schedule_time", time, "MM or HH:MM, with MM from 00 to 59") : 0;
}

function wrong(column: string, value: unknown, right: string): never {
  const found = value === undefined || value === null || value === "" ? "is missing" : `is ${quote(value)}`;
  throw new ScheduleError(`Cannot use the schedule: ${column} ${found}, it must be ${right}`, `schedule.${column}`);
}
