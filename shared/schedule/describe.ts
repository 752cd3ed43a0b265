/** Schedules in plain English, one sentence each. @module */
import { describeDuration } from "../domain/duration.ts";
import { describeCron, join } from "./cron/describe.ts";
import { parseCron } from "./cron/parse.ts";
import { type Schedule, type Weekday, WEEKDAY_NAMES, WEEKDAYS } from "../domain/schedule.ts";

/**
 * What a schedule means, as a sentence without a full stop. With `timezone`, the zone is named after wall times;
 * intervals and manual jobs have none.
 *
 * @example
 * ```ts
 * import { describeSchedule, parseScheduleText } from "@jobtrigger/shared/schedule";
 * import assert from "node:assert/strict";
 *
 * assert.equal(describeSchedule(parseScheduleText("every 5m"), "Asia/Hong_Kong"), "Every 5 minutes");
 * assert.equal(
 *   describeSchedule(parseScheduleText("cron 0 9 * * mon,fri"), "Asia/Hong_Kong"),
 *   "At 09:00 on Monday and Friday (Asia/Hong_Kong)",
 * );
 * ```
 */
export function describeSchedule(schedule: Schedule, timezone?: string): string {
  const zone = timezone === undefined ? "" : ` (${timezone})`;
  switch (schedule.kind) {
    case "manual":
      return "Only when run by hand";
    case "once":
      return `Once, at ${schedule.at.replace("T", " ")}${zone}`;
    case "interval": {
      const every = describeDuration(schedule.everySeconds).replace(/^1 (\w+)$/, "$1");
      return `Every ${every}${schedule.anchor === undefined ? "" : `, counted from ${schedule.anchor}`}`;
    }
    case "hourly":
      return `${describeCron(parseCron(`${schedule.minute} * * * *`))}${zone}`;
    case "daily":
      return `At ${schedule.time} every day${zone}`;
    case "weekly":
      return `At ${schedule.time} ${describeWeekdays(schedule.days)}${zone}`;
    case "monthly":
      return `At ${schedule.time} ${describeMonthDay(schedule.day)}${zone}`;
    case "cron":
      return `${describeCron(parseCron(schedule.expression))}${zone}`;
  }
}

function describeWeekdays(days: readonly Weekday[]): string {
  if (days.length === WEEKDAYS.length) return "every day";
  const [first, last] = [days[0], days.at(-1)];
  const isRun = days.length > 2 && first !== undefined && last !== undefined &&
    WEEKDAYS.indexOf(last) - WEEKDAYS.indexOf(first) === days.length - 1;
  if (isRun) return `on ${WEEKDAY_NAMES[first]} to ${WEEKDAY_NAMES[last]}`;
  return `on ${join(days.map((day) => WEEKDAY_NAMES[day]))}`;
}

function describeMonthDay(day: number | "last"): string {
  if (day === "last") return "on the last day of every month";
  const orLast = day > 28 ? ", or on its last day where it is shorter" : "";
  return `on day ${day} of every month${orLast}`;
}
