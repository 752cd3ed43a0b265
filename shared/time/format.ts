/**
 * Times and durations as people read them. Only servers use this, because it needs luxon.
 *
 * @module
 */
// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime, IANAZone } from "luxon";
import type { EpochMs } from "../domain/brand.ts";
import { shortDuration } from "../domain/duration.ts";

/** An instant in ISO 8601, UTC, to the second, or to the millisecond where it has any: `2026-11-24T01:00:00Z`. */
export function isoUtc(at: EpochMs): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** An instant in a zone, to the second, with the zone's name: `2026-11-24 09:00:00 Asia/Hong_Kong`. */
export function formatInstant(at: EpochMs, zone: string): string {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = clockOf(zone);
    clocks.set(zone, clock);
  }
  return `${clock(at)} ${zone}`;
}

/** Dates and times of each zone that was asked for. The zones are those of the system's list, so there are at most some hundreds. */
const clocks = new Map<string, (at: EpochMs) => string>();

/** What tells the date and time in a zone. Swedish writes `2026-11-24 09:00:00`; one format for all instants is far cheaper than luxon. */
function clockOf(zone: string): (at: EpochMs) => string {
  if (!IANAZone.isValidZone(zone)) return (at) => DateTime.fromMillis(at, { zone }).toFormat("yyyy-MM-dd HH:mm:ss");
  const two = "2-digit";
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    year: "numeric",
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
    hourCycle: "h23",
  });
  return (at) => format.format(at);
}

/** A duration to two units: `340 ms`, `4.2 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const total = Math.round(ms / 1000);
  const unit = total >= 86_400 ? 3600 : total >= 3600 ? 60 : 1;
  return shortDuration(total - total % unit);
}
