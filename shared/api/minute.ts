// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import type { Span } from "../policy/mod.ts";
import { readTypedTime, type TimeContext } from "./typed_time.ts";

/**
 * Reads a minute, or a second where the text has seconds: its text in `zone`, and one span for each time that clocks show it.
 *
 * @throws {RangeError} when `text` is no such time, or one that clocks skip.
 */
export function readMinute(
  text: string,
  context: TimeContext,
): { readonly minute: string; readonly spans: readonly Span[] } {
  const { zone } = context;
  const time = readTypedTime(text, context);
  if (time === null || time.unit === "day") {
    throw new RangeError(`found "${text}", expected a time such as 2026-11-24 02:00, or 02:00`);
  }
  if (time.isSkipped) throw new RangeError(`clocks in ${zone} skip ${text}: they never showed it`);
  const format = time.unit === "minute" ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd HH:mm:ss";
  return { minute: `${DateTime.fromMillis(time.at, { zone }).toFormat(format)} ${zone}`, spans: time.spans };
}
