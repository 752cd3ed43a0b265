import { type EpochMs, epochMs, parseDuration } from "../domain/mod.ts";
import type { Span } from "../policy/mod.ts";
import { readTypedTime, type TimeContext } from "./typed_time.ts";

/**
 * Reads an end of a range: a day, a minute, or the second where the text has seconds. The range begins with the first instant of
 * its beginning and ends with the last of its end, both showings of a repeated hour included.
 *
 * @throws {RangeError} when `text` is no time.
 */
export function readBound(text: string, context: TimeContext): Span {
  return boundOf(text, context, "a day or a time, such as 2026-11-01 or 2026-11-01 09:00");
}

function boundOf(text: string, context: TimeContext, expected: string): Span {
  const spans = readTypedTime(text, context)?.spans;
  if (spans === undefined) throw new RangeError(`found "${text}", expected ${expected}`);
  return { from: spans[0].from, until: epochMs(Math.max(...spans.map(({ until }) => until))) };
}

const MOMENT = "a duration back from now, a day or a time, such as 24h, 2026-11-01 or 2026-11-01 09:00";

/**
 * The first instant of what `since` names: a duration back from now, such as `24h`, or what {@linkcode readBound} reads.
 *
 * @throws {RangeError} when `text` is neither.
 */
export function readSince(text: string, context: TimeContext): EpochMs {
  return ago(text, context) ?? boundOf(text.trim(), context, MOMENT).from;
}

/**
 * The first instant after what `until` names: likewise; a day or a minute counts whole.
 *
 * @throws {RangeError} when `text` is neither.
 */
export function readUntil(text: string, context: TimeContext): EpochMs {
  return ago(text, context) ?? epochMs(boundOf(text.trim(), context, MOMENT).until + 1);
}

/** A duration back from now; null when `text` is none. A number without a unit is none: it could be anything. */
function ago(text: string, { now }: TimeContext): EpochMs | null {
  const seconds = /[a-z]\s*$/i.test(text) ? parseDuration(text) : null;
  return seconds === null ? null : epochMs(Math.round(Math.max(0, now - seconds * 1000)));
}
