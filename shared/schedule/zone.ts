/**
 * Time zones as the engine sees them: between two transitions a zone has one offset, and the time between them is a
 * {@linkcode Segment}. Every segment comes from Temporal; none is computed here. Segments are cached because a conversion by
 * Temporal takes about 2 µs, and almost every question falls into the segment of the question before.
 *
 * @module
 */
import { nearest } from "../domain/mod.ts";
import { quote, ScheduleError } from "./errors.ts";
import { zoneCalled } from "./zone_words.ts";

/** The last second a date can hold, and with a minus the first (ECMAScript, Time Values and Time Range). */
export const LAST_SECOND = 8_640_000_000_000;

/** A stretch of time in which a zone has one offset. All figures are seconds. */
export interface Segment {
  /** First second of it since the epoch; -Infinity when nothing changed before. */
  readonly from: number;
  /** First second after it; Infinity when nothing changes any more. */
  readonly until: number;
  /** Wall time minus UTC. */
  readonly offset: number;
  /** Offset of the segment before, or the same offset when there is none. */
  readonly offsetBefore: number;
  /** Offset of the segment after, or the same offset when there is none. */
  readonly offsetAfter: number;
}

/** A segment that holds no second. */
const NOWHERE: Segment = { from: Infinity, until: -Infinity, offset: 0, offsetBefore: 0, offsetAfter: 0 };

/** Most cached segments of a zone: more than the longest search visits, so that a repeated search finds all of them. */
const MAX_SEGMENTS = 1_500;
const MAX_ZONES = 1_000;

/** One IANA zone and the segments of it that were asked for. */
export class Zone {
  /** The name as it was asked for. */
  readonly name: string;
  /** In order, without overlap, not necessarily without holes. */
  #segments: Segment[] = [];
  #latest: Segment = NOWHERE;

  /** `name` is one that Temporal knows. */
  constructor(name: string) {
    this.name = name;
  }

  /** The segment that holds `second`, which is within ±{@linkcode LAST_SECOND}. */
  segmentAt(second: number): Segment {
    const latest = this.#latest;
    if (latest.from <= second && second < latest.until) return latest;
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const segment = this.#segments[middle];
      if (segment !== undefined && segment.until <= second) low = middle + 1;
      else high = middle;
    }
    const known = this.#segments[low];
    if (known !== undefined && known.from <= second) return this.#latest = known;
    const segment = this.#ask(second);
    if (this.#segments.length >= MAX_SEGMENTS) this.#segments = [segment];
    else this.#segments.splice(low, 0, segment);
    return this.#latest = segment;
  }

  #ask(second: number): Segment {
    // "previous" is strictly before, and transitions fall on whole seconds: one second later it includes `second`.
    const before = this.#at(Math.min(second + 1, LAST_SECOND)).getTimeZoneTransition("previous");
    const now = this.#at(second);
    const after = now.getTimeZoneTransition("next");
    const from = before === null ? -Infinity : before.epochMilliseconds / 1000;
    const until = after === null ? Infinity : after.epochMilliseconds / 1000;
    const offset = offsetOf(now);
    return {
      from,
      until,
      offset,
      offsetBefore: before === null ? offset : offsetOf(this.#at(from - 1)),
      offsetAfter: after === null ? offset : offsetOf(after),
    };
  }

  #at(second: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(second * 1000).toZonedDateTimeISO(this.name);
  }
}

function offsetOf(time: Temporal.ZonedDateTime): number {
  return time.offsetNanoseconds / 1_000_000_000;
}

const zones = new Map<string, Zone>();

/** The zone of that name. @throws {ScheduleError} field `timezone`, when there is none. */
export function zoneOf(timezone: string): Zone {
  const known = zones.get(timezone);
  if (known !== undefined) return known;
  const zone = new Zone(parseTimezone(timezone));
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(timezone, zone);
  return zone;
}

/**
 * The IANA name of a zone, in the letters the database of zones uses; an alias such as `Asia/Calcutta` stays itself.
 *
 * @example
 * ```ts
 * import { parseTimezone } from "@jobtrigger/shared/schedule";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseTimezone("asia/hong_kong"), "Asia/Hong_Kong");
 * assert.throws(() => parseTimezone("Asia/HongKong"), /did you mean "Asia\/Hong_Kong"/);
 * ```
 *
 * @throws {ScheduleError} field `timezone`: not a name of the database, or an offset such as `+08:00`, which knows no
 * daylight saving.
 */
export function parseTimezone(text: string): string {
  const name = text.trim();
  if (/^utc$/i.test(name)) return "UTC";
  if (/^[a-z]/i.test(name)) {
    try {
      return new Temporal.ZonedDateTime(0n, name).timeZoneId;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  const like = suggestZone(name);
  const right = like === null ? `, it must be an IANA name such as "Asia/Hong_Kong"` : `, did you mean "${like}"?`;
  throw new ScheduleError(`Cannot use time zone ${quote(text)}: there is no such zone${right}`, "timezone", 0);
}

/** The zone that people call so, else the one whose name, or whose city, is nearest to `name`. */
function suggestZone(name: string): string | null {
  const called = zoneCalled(name);
  if (called !== null) return called;
  const names = Intl.supportedValuesOf("timeZone");
  const spelled = name.replaceAll(/\s+/g, "_");
  const byCity = new Map(names.map((zone) => [zone.slice(zone.lastIndexOf("/") + 1), zone]));
  const city = spelled.includes("/") ? null : nearest(spelled, byCity.keys());
  return nearest(spelled, names) ?? (city === null ? null : byCity.get(city) ?? null);
}
