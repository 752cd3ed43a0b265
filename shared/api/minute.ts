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

const WALL_TIME = /^(?:(\d{4}-\d\d-\d\d)[ T]+)?(\d\d?):(\d\d)(?::(\d\d))?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i;

/**
 * The minute that a text names, or the second where it has seconds: a wall time in `zone`, which is two spans where clocks show
 * it twice, or an instant in ISO 8601. Without a date it is the last such time.
 *
 * @throws {RangeError} when it names none.
 */
export function readMinute(
  text: string,
  { now, zone }: TimeContext,
): { readonly minute: string; readonly spans: readonly Span[] } {
  const [isInstant, ofInstant] = INSTANT.exec(text) ?? [];
  const [, date, hour = "", minute = "", ofWallTime] = WALL_TIME.exec(text) ?? [];
  const second = ofWallTime ?? "00";
  const today = DateTime.fromMillis(now, { zone });
  const on = (day: string) => DateTime.fromISO(`${day}T${hour.padStart(2, "0")}:${minute}:${second}`, { zone });
  const latest = on(today.toISODate() ?? "") > today ? today.minus({ days: 1 }) : today;
  const time = isInstant === undefined ? on(date ?? latest.toISODate() ?? "") : DateTime.fromISO(text, { zone });
  if (!time.isValid) throw new RangeError(`found "${text}", expected a time such as 2026-11-24 02:00, or 02:00`);
  const isShown = isInstant !== undefined || time.hour === Number(hour) % 24 && time.minute === Number(minute);
  if (!isShown) throw new RangeError(`clocks in ${zone} skip ${text}: they never showed it`);
  const unit = (ofInstant ?? ofWallTime) === undefined ? "minute" : "second";
  return {
    minute: `${time.toFormat(unit === "minute" ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd HH:mm:ss")} ${zone}`,
    spans: (isInstant === undefined ? time.getPossibleOffsets() : [time]).map((start) => spanOf(start, unit)),
  };
}

function spanOf(time: DateTime, unit: "minute" | "second"): Span {
  return { from: epochMs(time.startOf(unit).toMillis()), until: epochMs(time.endOf(unit).toMillis()) };
}
