// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime } from "luxon";
import { epochMs } from "../domain/mod.ts";
import type { Span } from "../policy/mod.ts";
import type { TimeContext } from "./minute.ts";

const DAY = /^\d{4}-\d\d-\d\d$/;
const DATED = /^\d{4}-\d\d-\d\d(?:[ T]\d\d|$)/;
const TIME_OF_DAY = /^(\d\d?)(:\d\d(?::\d\d)?)$/;
const OFFSET = /[ T].*(?:Z|[+-]\d\d(?::?\d\d)?)$/i;
const SECONDS = /:\d\d:\d\d/;

/**
 * What a text names as an end of a range: a day, a minute, or the second where it has seconds. A range begins with the first
 * instant of what begins it and ends with the last of what ends it.
 *
 * A text is a day or a wall time in `zone`, or an instant in ISO 8601; without a date, the last such time. A wall time that
 * clocks show twice is from its first showing to the end of its last. One that they skip is the first instant after the gap,
 * at which a job of that time runs.
 *
 * @throws {RangeError} when it names none.
 */
export function readBound(text: string, { now, zone }: TimeContext): Span {
  const [isTimeOfDay, hour = "", rest] = TIME_OF_DAY.exec(text) ?? [];
  const today = DateTime.fromMillis(now, { zone });
  const on = (day: DateTime) => spanOf(`${day.toISODate()}T${hour.padStart(2, "0")}${rest}`, zone);
  const named = isTimeOfDay === undefined ? spanOf(text, zone) : on(today);
  if (named === null) {
    throw new RangeError(`found "${text}", expected a day or a time, such as 2026-11-01 or 2026-11-01 09:00`);
  }
  return isTimeOfDay === undefined || named.from <= now ? named : on(today.minus({ days: 1 })) ?? named;
}

function spanOf(text: string, zone: string): Span | null {
  // Without a whole date luxon would fill in what is missing from this machine's clock.
  const time = DateTime.fromISO(DATED.test(text) ? text.replace(" ", "T") : "", { zone: "UTC" });
  // An instant with the name of its zone would be taken for a wall time.
  if (!time.isValid || text.includes("[")) return null;
  if (DAY.test(text)) {
    const next = showingsOf(time.plus({ days: 1 }), zone);
    return { from: epochMs(showingsOf(time, zone).first), until: epochMs(next.first - 1) };
  }
  const unit = SECONDS.test(text) ? "second" : "minute";
  const start = time.startOf(unit);
  const restMs = time.endOf(unit).toMillis() - start.toMillis();
  const isInstant = OFFSET.test(text);
  const { first, last, isSkipped } = isInstant
    ? { first: start.toMillis(), last: start.toMillis(), isSkipped: false }
    : showingsOf(start, zone);
  return { from: epochMs(first), until: epochMs(isSkipped ? last : last + restMs) };
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
  // Of a time in a gap, the earlier reading lies before the gap: the next transition is its end.
  const gapEnd = earlier.toPlainDateTime().equals(time) ? null : earlier.getTimeZoneTransition("next");
  return {
    first: (gapEnd ?? earlier).epochMilliseconds,
    last: (gapEnd ?? later).epochMilliseconds,
    isSkipped: gapEnd !== null,
  };
}
