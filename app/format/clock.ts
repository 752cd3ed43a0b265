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
  return zoned(at, zone).toPlainDate().toLocaleString("en-GB", { weekday: "short", day: "numeric", month: "short" })
    .replace(",", "");
}

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
