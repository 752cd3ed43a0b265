/**
 * Ranges of time in addresses: `from` and `to`, or `range` with a name that means another time each day.
 *
 * @module
 */
import { readTypedTime } from "@jobtrigger/shared/api";
import { type EpochMs, epochMs } from "@jobtrigger/shared/domain";
import type { View } from "../format/view.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The shortest and the longest range of a timeline. */
const LEAST_MS = 60_000;
const MOST_MS = 31 * DAY_MS;

/** A range of time; its end is not in it. */
export interface Range {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** Ranges by name. */
export const RANGE_NAMES = ["now", "tonight", "last-24h", "next-24h", "week"] as const;

/** One of {@linkcode RANGE_NAMES}. */
export type RangeName = typeof RANGE_NAMES[number];

/** A range as an address has it. */
export interface AskedRange extends Range {
  /** Its name; null: it has its own times. */
  readonly name: RangeName | null;
  /** What is wrong with the times; the range is that of `now` then. Null: nothing. */
  readonly problem: string | null;
}

/** The range that an address asks for; without one, some hours around now. */
export function rangeOf(params: URLSearchParams, view: View): AskedRange {
  const [from, to] = [params.get("from")?.trim() ?? "", params.get("to")?.trim() ?? ""];
  const name = RANGE_NAMES.find((known) => known === params.get("range")) ?? "now";
  if (from === "" && to === "") return { ...rangeNamed(name, view), name, problem: null };
  const wrong = (problem: string) => ({ ...rangeNamed("now", view), name: null, problem });
  const [first, last] = [readTypedTime(from, view), readTypedTime(to, view)];
  if (first === null || last === null) {
    return wrong(
      `Found "${first === null ? from : to}", expected a time such as 2026-11-27 01:00, or 01:00 for the last one.`,
    );
  }
  // A day as an end counts whole.
  const until = last.unit === "day" ? epochMs(last.spans[0].until + 1) : last.at;
  const lengthMs = until - first.at;
  if (lengthMs < LEAST_MS || lengthMs > MOST_MS) {
    return wrong("A range is from 1 minute to 31 days long, and its end comes last.");
  }
  return { from: first.at, until, name: null, problem: null };
}

/** The times of a range by name. */
export function rangeNamed(name: RangeName, { now, zone }: View): Range {
  const hour = epochMs(Math.floor(now / HOUR_MS) * HOUR_MS);
  switch (name) {
    case "now":
      return { from: epochMs(hour - 6 * HOUR_MS), until: epochMs(hour + 6 * HOUR_MS) };
    case "tonight":
      return tonight(now, zone);
    case "last-24h":
      return { from: epochMs(now - DAY_MS), until: now };
    case "next-24h":
      return { from: now, until: epochMs(now + DAY_MS) };
    case "week":
      return { from: now, until: epochMs(now + 7 * DAY_MS) };
  }
}

/** From 01:00 to 04:00 by the clocks of a zone, in the night that is not over yet. */
function tonight(now: EpochMs, zone: string): Range {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
  const on = (day: Temporal.ZonedDateTime): Range => ({
    from: epochMs(day.withPlainTime("01:00").epochMilliseconds),
    until: epochMs(day.withPlainTime("04:00").epochMilliseconds),
  });
  const first = on(today);
  return first.until > now ? first : on(today.add({ days: 1 }));
}

/** A range moved by parts of its length, and stretched around its middle. */
export function moved(
  { from, until }: Range,
  { by = 0, times = 1 }: { readonly by?: number; readonly times?: number },
): Range {
  const lengthMs = until - from;
  const newMs = Math.min(MOST_MS, Math.max(LEAST_MS, lengthMs * times));
  const middle = from + lengthMs / 2 + by * lengthMs;
  const minutes = (ms: number) => epochMs(Math.round(ms / LEAST_MS) * LEAST_MS);
  const start = minutes(middle - newMs / 2);
  return { from: start, until: minutes(start + newMs) };
}
