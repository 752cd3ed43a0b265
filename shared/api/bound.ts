import { epochMs } from "../domain/mod.ts";
import type { Span } from "../policy/mod.ts";
import { readTypedTime, type TimeContext } from "./typed_time.ts";

/**
 * Reads an end of a range: a day, a minute, or the second where the text has seconds. The range begins with the first instant of
 * its beginning and ends with the last of its end, both showings of a repeated hour included.
 *
 * @throws {RangeError} when `text` is no time.
 */
export function readBound(text: string, context: TimeContext): Span {
  const spans = readTypedTime(text, context)?.spans;
  if (spans === undefined) {
    throw new RangeError(`found "${text}", expected a day or a time, such as 2026-11-01 or 2026-11-01 09:00`);
  }
  return { from: spans[0].from, until: epochMs(Math.max(...spans.map(({ until }) => until))) };
}
