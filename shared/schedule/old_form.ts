/**
 * Schedules of the system this one succeeds, in the columns it had: `schedule_type` (none means interval),
 * `interval_seconds`, `schedule_time` ("HH:MM", for hourly also just "MM") and `schedule_day` (weekly: 0 is Monday;
 * monthly: 1 to 31). Its times were UTC, whatever zone they had been typed in.
 *
 * @module
 */
import { formatTime } from "./civil.ts";
import { isMissing, refuse } from "./errors.ts";
import { type Schedule, type Weekday, WEEKDAYS } from "../domain/schedule.ts";
import { MAX_EVERY_SECONDS, readNumber } from "./values.ts";

type Properties = Readonly<Record<string, unknown>>;

const COLUMNS = ["schedule_type", "interval_seconds", "schedule_time", "schedule_day"];

/** Whether the properties of a schedule are those of the old form. */
export function isOldForm(record: Properties): boolean {
  return COLUMNS.some((column) => Object.hasOwn(record, column));
}

/**
 * Parses the old form; the kind may also be in `kind`. A missing day means Monday, or the 1st.
 *
 * @throws {ScheduleError} with the column that is wrong.
 */
export function parseOldForm(old: Properties): Schedule {
  const kind = [old.schedule_type, old.kind, "interval"].find((value) => !isMissing(value));
  const time = () => formatTime(readTime(old.schedule_time) ?? refuseTime(old, "HH:MM", "23:59"));
  switch (kind) {
    case "interval": {
      const everySeconds = readNumber("schedule.interval_seconds", old.interval_seconds, 1, MAX_EVERY_SECONDS);
      return { kind, everySeconds };
    }
    case "hourly":
      return { kind, minute: readMinute(old.schedule_time) ?? refuseTime(old, "MM or HH:MM", ":59") };
    case "daily":
      return { kind, time: time() };
    case "weekly":
      return { kind, days: [readWeekday(old.schedule_day)], time: time() };
    case "monthly":
      return { kind, day: readMonthDay(old.schedule_day), time: time() };
    default: {
      const field = isMissing(old.schedule_type) ? "schedule.kind" : "schedule.schedule_type";
      return refuse(field, kind, "interval, hourly, daily, weekly or monthly where the old columns are used");
    }
  }
}

function readWeekday(day: unknown): Weekday {
  const number = isMissing(day) ? 0 : day;
  const weekday = WEEKDAYS.find((_, index) => index === number);
  return weekday ?? refuse("schedule.schedule_day", day, "0 for Monday to 6 for Sunday");
}

function readMonthDay(day: unknown): number {
  return isMissing(day) ? 1 : readNumber("schedule.schedule_day", day, 1, 31);
}

/** Seconds after midnight of `H:MM` and the like. The former system allowed seconds and ignored them. */
function readTime(time: unknown): number | null {
  const match = typeof time === "string" ? /^\s*(\d{1,2}):(\d{1,2})(?::\d{1,2})?\s*$/.exec(time) : null;
  const [hour, minute] = [Number(match?.[1] ?? NaN), Number(match?.[2] ?? NaN)];
  return hour < 24 && minute < 60 ? hour * 3600 + minute * 60 : null;
}

function readMinute(time: unknown): number | null {
  const match = typeof time === "string" ? /^\s*(?:(?:\d{1,2})?:)?(\d{1,2})\s*$/.exec(time) : null;
  const minute = Number(match?.[1] ?? NaN);
  return minute < 60 ? minute : null;
}

function refuseTime({ schedule_time }: Properties, form: string, last: string): never {
  return refuse("schedule.schedule_time", schedule_time, `${form} up to ${last}`);
}
