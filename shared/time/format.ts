/**
 * Times and durations as people read them. Only servers use this, because it needs luxon.
 *
 * @module
 */
// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import type { EpochMs } from "../domain/brand.ts";
import { shortDuration } from "../domain/duration.ts";

/** An instant in ISO 8601, UTC, to the second, or to the millisecond where it has any: `2026-11-24T01:00:00Z`. */
export function isoUtc(at: EpochMs): string {
  return DateTime.fromMillis(at, { zone: "utc" }).toISO({ suppressMilliseconds: true }) ?? String(at);
}

/** An instant in a zone, to the second, with the zone's name: `2026-11-24 09:00:00 Asia/Hong_Kong`. */
export function formatInstant(at: EpochMs, zone: string): string {
  return `${DateTime.fromMillis(at, { zone }).toFormat("yyyy-MM-dd HH:mm:ss")} ${zone}`;
}

/** A duration to two units: `340 ms`, `4.2 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const total = Math.round(ms / 1000);
  const unit = total >= 86_400 ? 3600 : total >= 3600 ? 60 : 1;
  return shortDuration(total - total % unit);
}
