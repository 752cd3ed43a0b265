// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import { epochMs } from "../domain/mod.ts";
import type { Span } from "../policy/mod.ts";
import type { WhyContext } from "./why.ts";

const MINUTE = /^(?:(\d{4}-\d\d-\d\d)[ T]+)?(\d\d?):(\d\d)$/;

/**
 * The minute in `zone` that a text names: two spans where clocks show it twice. Without a date it is the last such time.
 *
 * @throws {RangeError} when it names none.
 */
export function readMinute(
  text: string,
  { now, zone }: WhyContext,
): { readonly minute: string; readonly spans: readonly Span[] } {
  const [, date, hour = "", minute = ""] = MINUTE.exec(text) ?? [];
  const today = DateTime.fromMillis(now, { zone });
  const on = (day: string) => DateTime.fromISO(`${day}T${hour.padStart(2, "0")}:${minute}`, { zone });
  const latest = on(today.toISODate() ?? "") > today ? today.minus({ days: 1 }) : today;
  const time = on(date ?? latest.toISODate() ?? "");
  if (!time.isValid) throw new RangeError(`found "${text}", expected a time such as 2026-11-24 02:00, or 02:00`);
  const isShown = time.hour === Number(hour) % 24 && time.minute === Number(minute);
  if (!isShown) throw new RangeError(`clocks in ${zone} skip ${text}: they never showed it`);
  return {
    minute: `${time.toFormat("yyyy-MM-dd HH:mm")} ${zone}`,
    spans: time.getPossibleOffsets().map((start) => ({
      from: epochMs(start.toMillis()),
      until: epochMs(start.toMillis() + 59_999),
    })),
  };
}
