/**
 * Short times: for charts and lists whose heading has the day and the zone.
 *
 * @module
 */
import type { EpochMs } from "@jobtrigger/shared/domain";

function zoned(at: EpochMs, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}

/** `06:30` */
export function clockTime(at: EpochMs, zone: string): string {
  return zoned(at, zone).toPlainTime().toString({ smallestUnit: "minute" });
}

/** `Fri 27 Nov` */
export function shortDay(at: EpochMs, zone: string): string {
  const day = zoned(at, zone);
  return `${WEEKDAYS[day.dayOfWeek - 1]} ${day.day} ${MONTHS[day.month - 1]}`;
}

// By name: a chart has hundreds of bars, and a locale's format for each of them takes longer than all else on the page.
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"] as const;

/** `Fri 27 Nov, 00:00` */
export function dayAndTime(at: EpochMs, zone: string): string {
  return `${shortDay(at, zone)}, ${clockTime(at, zone)}`;
}

/** `2026-11-27 06:30`, as people type it. */
export function typedMinute(at: EpochMs, zone: string): string {
  return zoned(at, zone).toPlainDateTime().toString({ smallestUnit: "minute" }).replace("T", " ");
}

/** A whole number as people read it: `1,440`. */
export function wholeNumber(count: number): string {
  return count.toLocaleString("en-GB");
}
