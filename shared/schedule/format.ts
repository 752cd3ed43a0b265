/** Schedules in their canonical text. @module */
import { canonicalDuration } from "../domain/duration.ts";
import type { Schedule } from "../domain/schedule.ts";

/** The text form of a schedule; `parseScheduleText` gives the same schedule back. */
export function formatSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case "manual":
      return "manual";
    case "once":
      return `once at ${schedule.at.replace("T", " ")}`;
    case "interval": {
      const from = schedule.anchor === undefined ? "" : ` from ${schedule.anchor}`;
      return `every ${canonicalDuration(schedule.everySeconds)}${from}`;
    }
    case "hourly":
      return `hourly at :${String(schedule.minute).padStart(2, "0")}`;
    case "daily":
      return `daily at ${schedule.time}`;
    case "weekly":
      return `weekly on ${schedule.days.join(",")} at ${schedule.time}`;
    case "monthly":
      return `monthly on ${schedule.day} at ${schedule.time}`;
    case "cron":
      return `cron ${schedule.expression}`;
  }
}
