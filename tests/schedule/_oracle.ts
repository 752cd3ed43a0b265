/**
 * An independent and simple check of the engine: walk through a span of time step by step, let Temporal compute the wall time of
 * each step, and ask whether the schedule matches it. It shares no code with the engine, not even the parser: a schedule here is a
 * text for the engine and a predicate for the walk.
 *
 * @module
 */
import type { DstPolicy } from "@jobtrigger/shared/schedule";

/** A wall time. */
export interface Face {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 0 for Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A schedule as the engine reads it and as the walk does. */
export interface Meaning {
  readonly text: string;
  /** Fixed wall times, to which the policy applies; otherwise it repeats and follows elapsed time. */
  readonly isFixed: boolean;
  /** Whether some hours of the day never match, so that a gap may swallow an occurrence. */
  readonly leavesHoursOut: boolean;
  readonly matches: (face: Face) => boolean;
}

/** A moment and its wall time. */
export interface Moment {
  /** Seconds since the epoch. */
  readonly at: number;
  /** The face read as if it were UTC, in seconds. */
  readonly wall: number;
  readonly face: Face;
}

/** Every `step` seconds from `from` to `until`, both included. */
export function walk(zone: string, from: number, until: number, step: number): Moment[] {
  const moments: Moment[] = [];
  for (let at = from; at <= until; at += step) {
    const time = Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone).toPlainDateTime();
    const { year, month, day, hour, minute, second } = time;
    const wall = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
    moments.push({ at, wall, face: { year, month, day, weekday: time.dayOfWeek % 7, hour, minute, second } });
  }
  return moments;
}

/** The occurrences in a walk, in seconds since the epoch. Clocks may change within it, not at its ends. */
export function occurrences(moments: readonly Moment[], meaning: Meaning, dst: DstPolicy, step: number): number[] {
  const matching = moments.filter((moment) => meaning.matches(moment.face));
  const fold = meaning.isFixed ? dst.fold : "both";
  const makesUp = dst.gap === "after" && (meaning.isFixed || meaning.leavesHoursOut);
  const passes = Map.groupBy(matching, (moment) => moment.wall);
  const due = new Set<number>();
  for (const instants of passes.values()) {
    const chosen = { first: instants.slice(0, 1), second: instants.slice(-1), both: instants }[fold];
    for (const { at } of chosen) due.add(at);
  }
  const shown = new Set(moments.map((moment) => moment.wall));
  for (const [index, { at, wall }] of moments.entries()) {
    const before = moments[index - 1];
    if (before === undefined || !makesUp) continue;
    for (let missing = before.wall + step; missing < wall; missing += step) {
      if (!shown.has(missing) && meaning.matches(faceOf(missing))) due.add(at);
    }
  }
  return [...due].sort((a, b) => a - b);
}

/** The fields of a wall time. */
export function faceOf(wall: number): Face {
  const date = new Date(wall * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/** Days in the month of a face. */
export function lengthOfMonth({ year, month }: Face): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Weekday of another day in the month of a face, 0 for Sunday. */
export function weekdayIn({ year, month }: Face, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

/** All changes of a zone's clocks in a span of years, in seconds since the epoch. */
export function changesOf(zone: string, fromYear: number, untilYear: number): number[] {
  const changes: number[] = [];
  const end = Date.UTC(untilYear, 0, 1);
  let time = Temporal.Instant.fromEpochMilliseconds(Date.UTC(fromYear, 0, 1)).toZonedDateTimeISO(zone);
  for (;;) {
    const next = time.getTimeZoneTransition("next");
    if (next === null || next.epochMilliseconds > end) return changes;
    changes.push(next.epochMilliseconds / 1000);
    time = next;
  }
}
