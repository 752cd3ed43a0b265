/**
 * Schedules of the Reflex system, as its scheduler carried them out.
 *
 * It kept the UTC time of what people had typed in Hong Kong time, and the UTC day. Hong Kong is 8 hours ahead, without
 * summer time since 1979, so each UTC time from 16:00 belongs to the next day there:
 *
 * | stored (UTC)             | becomes (Asia/Hong_Kong)      |
 * | ------------------------ | ----------------------------- |
 * | daily 01:00              | `daily at 09:00`              |
 * | weekly, day 6, 18:00     | `weekly on mon at 02:00`      |
 * | monthly, day 14, 17:00   | `monthly on 15 at 01:00`      |
 * | monthly, day 31, 21:00   | `monthly on 1 at 05:00`       |
 * | hourly 00:15             | `hourly at :15`               |
 *
 * A month that lacks the stored day ran on its last day, here as there. Where the day moves over midnight, that went wrong: the
 * 31st at 05:00 was stored as day 30 at 21:00 UTC, and a month of 30 days ran on the 1st of the next one in Hong Kong. Such a job
 * becomes what was typed, and its notes say which dates differ.
 *
 * @module
 */
import type { EpochMs } from "../domain/mod.ts";
import { formatTime } from "../schedule/civil.ts";
import { type Schedule, WEEKDAYS } from "../domain/schedule.ts";

/** The zone in which people of the Reflex system typed and read times. */
export const REFLEX_ZONE = "Asia/Hong_Kong";

/** Hong Kong is this many hours ahead of UTC. */
const AHEAD = 8;

/** The columns of a job that say when it runs; null or absent: not set. */
export interface ReflexSchedule {
  /** Absent in the oldest databases: an interval. */
  readonly scheduleType: string | null;
  /** Seconds between two runs. */
  readonly intervalSeconds: number | null;
  /** `HH:MM` in UTC; for hourly, the minute alone. */
  readonly scheduleTime: string | null;
  /** Weekly: 0 is Monday. Monthly: 1 to 31. In UTC. */
  readonly scheduleDay: number | null;
  /** When it was due next. */
  readonly nextRun: EpochMs | null;
}

/** A converted schedule. */
export interface ConvertedSchedule {
  /** In {@linkcode REFLEX_ZONE}. */
  readonly schedule: Schedule;
  /** False: the old scheduler could not follow it, so the job must not start by itself. */
  readonly isSound: boolean;
  /** Sentences about what differs from what the database says. */
  readonly notes: readonly string[];
}

/** A time of day, in UTC. */
interface ClockTime {
  readonly hour: number;
  readonly minute: number;
}

/**
 * The schedule that fires at the instants at which the old scheduler ran the job.
 *
 * @example
 * ```ts
 * import { convertReflexSchedule } from "@jobtrigger/shared/importing";
 * import assert from "node:assert/strict";
 *
 * const { schedule } = convertReflexSchedule({
 *   scheduleType: "weekly", intervalSeconds: 0, scheduleTime: "18:00", scheduleDay: 6, nextRun: null,
 * });
 * assert.deepEqual(schedule, { kind: "weekly", days: ["mon"], time: "02:00" });
 * ```
 */
export function convertReflexSchedule(old: ReflexSchedule): ConvertedSchedule {
  const kind = old.scheduleType === null || old.scheduleType.trim() === "" ? "interval" : old.scheduleType.trim();
  switch (kind) {
    case "manual":
      return { schedule: { kind }, isSound: true, notes: [] };
    case "interval":
      return convertInterval(old);
    case "hourly": {
      const { time, notes } = readTime(old.scheduleTime, { isHourly: true });
      return { schedule: { kind, minute: time.minute }, isSound: true, notes };
    }
    case "daily": {
      const { time, notes } = readTime(old.scheduleTime);
      return { schedule: { kind, time: inHongKong(time) }, isSound: true, notes };
    }
    case "weekly":
      return convertWeekly(old);
    case "monthly":
      return convertMonthly(old);
    default:
      return unsound(`the schedule type ${JSON.stringify(kind)} is none of the old system`);
  }
}

function convertInterval({ intervalSeconds, nextRun }: ReflexSchedule): ConvertedSchedule {
  if (intervalSeconds === null || !Number.isInteger(intervalSeconds) || intervalSeconds < 1) {
    return unsound(`the interval of ${intervalSeconds ?? "no"} seconds made it run without a pause`);
  }
  const anchor = nextRun === null ? {} : { anchor: Temporal.Instant.fromEpochMilliseconds(nextRun).toString() };
  return { schedule: { kind: "interval", everySeconds: intervalSeconds, ...anchor }, isSound: true, notes: [] };
}

function convertWeekly({ scheduleTime, scheduleDay }: ReflexSchedule): ConvertedSchedule {
  const { time, notes } = readTime(scheduleTime);
  const stored = scheduleDay ?? 0;
  // The old scheduler added the day to the Monday of the week, so day 7 ran on a Monday as well.
  const day = WEEKDAYS.at((((stored + daysOver(time)) % 7) + 7) % 7) ?? "mon";
  return {
    schedule: { kind: "weekly", days: [day], time: inHongKong(time) },
    isSound: true,
    notes: [
      ...notes,
      ...scheduleDay === null ? ["no day was set; the old system took Monday (UTC)"] : [],
      ...stored < 0 || stored > 6 ? [`day ${stored} is no day of a week; the old system counted on from Monday`] : [],
    ],
  };
}

function convertMonthly({ scheduleTime, scheduleDay }: ReflexSchedule): ConvertedSchedule {
  const { time, notes } = readTime(scheduleTime);
  const stored = scheduleDay ?? 1;
  const storedDay = stored < 1 ? 1 : Math.min(stored, 31);
  const moved = storedDay + daysOver(time);
  const day = moved > 31 ? 1 : moved;
  return {
    schedule: { kind: "monthly", day, time: inHongKong(time) },
    isSound: true,
    notes: [
      ...notes,
      ...scheduleDay === null ? ["no day was set; the old system took the 1st (UTC)"] : [],
      ...stored !== storedDay ? [`day ${stored} is no day of a month; ${storedDay} was taken`] : [],
      ...moved !== storedDay && moved <= 31 && moved >= 29 ? [offByOne(moved)] : [],
    ],
  };
}

/** Which months ran a day too late because the day was stored in UTC. */
function offByOne(day: number): string {
  const months = day === 31 ? "months of less than 31 days" : day === 30 ? "February" : "a February of 28 days";
  return `put right: in ${months} the old system ran it on the 1st of the next month; now it runs on the last day of the month`;
}

function unsound(why: string): ConvertedSchedule {
  return { schedule: { kind: "manual" }, isSound: false, notes: [`${why}; it comes without a schedule, paused`] };
}

/** 1 where Hong Kong has the next day at `time` UTC. */
function daysOver({ hour }: ClockTime): 0 | 1 {
  return hour + AHEAD >= 24 ? 1 : 0;
}

function inHongKong({ hour, minute }: ClockTime): string {
  return formatTime(((hour + AHEAD) % 24) * 3600 + minute * 60);
}

/** A stored time. What the old scheduler could not read counts as 00:00 UTC, as it did there. */
function readTime(
  text: string | null,
  { isHourly = false }: { readonly isHourly?: boolean } = {},
): { readonly time: ClockTime; readonly notes: readonly string[] } {
  const match = /^\s*(?:(\d{1,2}):)?(\d{1,2})(?::\d{1,2}(?:\.\d+)?)?\s*$/.exec(text ?? "");
  const hour = Number(match?.[1] ?? (isHourly ? 0 : NaN));
  const minute = Number(match?.[2] ?? NaN);
  if (!(hour < 24 && minute < 60)) {
    const found = text === null || text.trim() === "" ? "no time was set" : `${JSON.stringify(text)} is no time`;
    return { time: { hour: 0, minute: 0 }, notes: [`${found}; the old system took 00:00 UTC`] };
  }
  // An old version took the offset of 1904, 7:37, for Hong Kong's: what was typed for a full quarter ran 23 minutes late.
  const isLate = !isHourly && minute % 15 === 8;
  const notes = isLate
    ? [
      "it may have been typed for 23 minutes earlier: an old version of the old system stored times that much too late",
    ]
    : [];
  return { time: { hour, minute }, notes };
}
