/**
 * Times as people type them, in forms, flags and addresses. This is the one place that reads them.
 *
 * | text                                      | means                                          |
 * | ----------------------------------------- | ---------------------------------------------- |
 * | `2026-11-24`                              | the whole day, in the zone                     |
 * | `2026-11-24 02:00`, `2026-11-24T02:00:30` | that minute or second, in the zone             |
 * | `02:00`                                   | the last such time, where `now` is given       |
 * | `2026-11-24T02:00Z`, `…+08:00`            | that minute or second, whatever the zone       |
 *
 * Where clocks show a wall time twice, both showings are meant. Where they skip it, the first instant after the gap is
 * meant: a job of that time runs then.
 *
 * @module
 */
// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import { type EpochMs, epochMs } from "../domain/mod.ts";
import type { Span } from "../policy/mod.ts";

/** When it is, and the zone of times that people type and read. */
export interface TimeContext {
  /** The time by which a missing date is completed. */
  readonly now: EpochMs;
  /** IANA zone of times without an offset. */
  readonly zone: string;
}

/** A time that somebody typed. */
export interface TypedTime {
  /** What the text names: a day, a minute, or a second where it has seconds. */
  readonly unit: "day" | "minute" | "second";
  /** The instant itself, to the millisecond; of two showings the first; of a day its beginning. */
  readonly at: EpochMs;
  /** The whole day, minute or second, once for each time that clocks show it; a skipped time is one instant. */
  readonly spans: readonly [Span, ...Span[]];
  /** Whether clocks in the zone never show this time. */
  readonly isSkipped: boolean;
}

const DATED = /^\d{4}-\d\d-\d\d(?:[ T]+\d\d|$)/;
const TIME_OF_DAY = /^(\d\d?)(:\d\d(?::\d\d)?)$/;
const OFFSET = /[ T].*(?:Z|[+-]\d\d(?::?\d\d)?)$/i;
const SECONDS = /:\d\d:\d\d/;

/** Reads a typed time; null when `text` is none. Without `now`, a time without a date is none. */
export function readTypedTime(
  text: string,
  { now, zone }: { readonly now: EpochMs | null; readonly zone: string },
): TypedTime | null {
  const typed = text.trim();
  const [isTimeOfDay, hour = "", rest] = TIME_OF_DAY.exec(typed) ?? [];
  if (isTimeOfDay === undefined) return readDated(typed, zone);
  if (now === null) return null;
  const today = DateTime.fromMillis(now, { zone });
  const on = (day: DateTime) => readDated(`${day.toISODate()}T${hour.padStart(2, "0")}${rest}`, zone);
  const latest = on(today);
  return latest === null || latest.spans[0].from <= now ? latest : on(today.minus({ days: 1 })) ?? latest;
}

/** Reads an instant in ISO 8601 with `Z` or an offset; null when `text` is none. */
export function readInstant(text: string): EpochMs | null {
  return OFFSET.test(text.trim()) ? readTypedTime(text, { now: null, zone: "UTC" })?.at ?? null : null;
}

function readDated(text: string, zone: string): TypedTime | null {
  // Without a whole date luxon would fill in what is missing from this machine's clock; it would take an instant with the
  // name of its zone in brackets for a wall time.
  if (!DATED.test(text) || text.includes("[")) return null;
  const time = DateTime.fromISO(text.replace(/ +(?=\d)/, "T").replace(" ", ""), { zone: "UTC" });
  if (!time.isValid) return null;
  const unit = text.length === 10 ? "day" : SECONDS.test(text) ? "second" : "minute";
  const start = time.startOf(unit);
  const restMs = time.endOf(unit).toMillis() - start.toMillis();
  if (OFFSET.test(text)) {
    return { unit, at: epochMs(time.toMillis()), spans: [spanOf(start.toMillis(), restMs)], isSkipped: false };
  }
  const { first, last, isSkipped } = showingsOf(start, zone);
  if (unit === "day") {
    const next = showingsOf(start.plus({ days: 1 }), zone);
    return { unit, at: epochMs(first), spans: [spanOf(first, next.first - 1 - first)], isSkipped };
  }
  if (isSkipped) return { unit, at: epochMs(first), spans: [spanOf(first, 0)], isSkipped };
  const at = epochMs(first + time.toMillis() - start.toMillis());
  const again = last === first ? [] : [spanOf(last, restMs)];
  return { unit, at, spans: [spanOf(first, restMs), ...again], isSkipped };
}

function spanOf(from: number, lengthMs: number): Span {
  return { from: epochMs(from), until: epochMs(from + lengthMs) };
}

/** When clocks in `zone` show what `wall` shows in UTC, first and last; the end of the gap when they skip it. */
function showingsOf(
  wall: DateTime,
  zone: string,
): { readonly first: number; readonly last: number; readonly isSkipped: boolean } {
  const time = Temporal.PlainDateTime.from(wall.toISO({ includeOffset: false }) ?? "");
  const [earlier, later] = [
    time.toZonedDateTime(zone, { disambiguation: "earlier" }),
    time.toZonedDateTime(zone, { disambiguation: "later" }),
  ];
  // For a time in a gap, "earlier" answers an instant before the gap: the next transition is the end of the gap.
  const gapEnd = earlier.toPlainDateTime().equals(time) ? null : earlier.getTimeZoneTransition("next");
  return {
    first: (gapEnd ?? earlier).epochMilliseconds,
    last: (gapEnd ?? later).epochMilliseconds,
    isSkipped: gapEnd !== null,
  };
}
