/** When a schedule is due. @module */
import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { DstPolicy } from "../domain/dst.ts";
import type { Schedule } from "../domain/schedule.ts";
import { type CompiledSchedule, compileSchedule } from "./compile.ts";
import { countOccurrences, nextOccurrence, policyFor, previousOccurrence, type WallSearch } from "./wall_clock.ts";
import { LAST_SECOND, zoneOf } from "./zone.ts";

/** What {@linkcode calculateNextRun} needs beside the schedule. */
export interface NextRunOptions {
  /** IANA zone of the schedule's wall times. */
  readonly timezone: string;
  /** The answer is strictly after this instant. */
  readonly after: EpochMs;
  /** Default: gap `after`, fold `first`. */
  readonly dst?: DstPolicy;
}

/** The span {@linkcode latestRunAtOrBefore} looks into: after `notBefore`, up to and including `at`. */
export interface LatestRunOptions {
  /** IANA zone of the schedule's wall times. */
  readonly timezone: string;
  /** The end of the span, included. */
  readonly at: EpochMs;
  /** The start of the span, excluded. */
  readonly notBefore: EpochMs;
  /** Default: gap `after`, fold `first`. */
  readonly dst?: DstPolicy;
}

/** The span {@linkcode countRuns} looks into: after `after`, up to and including `until`. */
export interface CountRunsOptions extends NextRunOptions {
  /** The end of the span, included. */
  readonly until: EpochMs;
  /** Counting stops here. */
  readonly limit: number;
}

/**
 * The first occurrence strictly after `after`, or null when there is none: the schedule is manual, its one time is
 * over, it can never fire (31 February), or the answer is later than a date can hold.
 *
 * An interval's occurrences are anchor + k × every for whole k, before the anchor too; without an anchor the answer is
 * `after` + every.
 *
 * @example
 * ```ts
 * import { calculateNextRun, parseScheduleText } from "@jobtrigger/shared/schedule";
 * import { epochMs } from "@jobtrigger/shared/domain";
 * import assert from "node:assert/strict";
 *
 * const next = calculateNextRun(parseScheduleText("daily at 02:30"), {
 *   timezone: "Europe/Berlin",
 *   after: epochMs(Date.parse("2026-03-28T12:00Z")),
 * });
 * // 02:30 does not exist on that day; the first instant after the gap is 03:00 in Berlin.
 * assert.equal(next, Date.parse("2026-03-29T01:00Z"));
 * ```
 *
 * @throws {ScheduleError} when there is no such zone.
 */
export function calculateNextRun(schedule: Schedule, { timezone, after, dst }: NextRunOptions): EpochMs | null {
  const compiled = compileSchedule(schedule);
  switch (compiled.kind) {
    case "never":
      return null;
    case "interval": {
      const { everyMs, anchorMs } = compiled;
      return instant(after - sinceStep(after, anchorMs ?? after, everyMs) + everyMs);
    }
    case "wall": {
      const second = nextOccurrence(searchOf(compiled, timezone, dst), Math.floor(after / 1000) + 1);
      return second === null ? null : instant(second * 1000);
    }
  }
}

/** The next `count` occurrences in order; fewer when there are no more. @throws {ScheduleError} no such zone. */
export function nextRuns(schedule: Schedule, options: NextRunOptions, count: number): EpochMs[] {
  const runs: EpochMs[] = [];
  let next = calculateNextRun(schedule, options);
  while (next !== null && runs.length < count) {
    runs.push(next);
    next = calculateNextRun(schedule, { ...options, after: next });
  }
  return runs;
}

/**
 * The last occurrence after `notBefore` and not after `at`, or null. It takes no longer when thousands of occurrences
 * lie between the two. An interval without an anchor is counted from `notBefore`.
 *
 * @throws {ScheduleError} when there is no such zone.
 */
export function latestRunAtOrBefore(schedule: Schedule, options: LatestRunOptions): EpochMs | null {
  const { timezone, at, notBefore, dst } = options;
  const compiled = compileSchedule(schedule);
  switch (compiled.kind) {
    case "never":
      return null;
    case "interval": {
      const { everyMs, anchorMs } = compiled;
      const latest = at - sinceStep(at, anchorMs ?? notBefore, everyMs);
      return latest > notBefore ? instant(latest) : null;
    }
    case "wall": {
      const search = searchOf(compiled, timezone, dst);
      const second = previousOccurrence(search, Math.floor(at / 1000), Math.floor(notBefore / 1000));
      return second === null ? null : instant(second * 1000);
    }
  }
}

/**
 * How many occurrences lie after `after` and not after `until`, counted up to `limit`. They are not listed, so the cost does not
 * grow with their number, only with the months and clock changes between the two. An interval without an anchor is counted from
 * `after`.
 *
 * @throws {ScheduleError} when there is no such zone.
 */
export function countRuns(schedule: Schedule, { timezone, after, until, limit, dst }: CountRunsOptions): number {
  const compiled = compileSchedule(schedule);
  switch (compiled.kind) {
    case "never":
      return 0;
    case "interval": {
      const { everyMs, anchorMs } = compiled;
      const step = (at: number) => at - sinceStep(at, anchorMs ?? after, everyMs);
      return Math.min(Math.max(0, (step(until) - step(after)) / everyMs), limit);
    }
    case "wall": {
      const search = searchOf(compiled, timezone, dst);
      return countOccurrences(search, Math.floor(after / 1000) + 1, Math.floor(until / 1000), limit);
    }
  }
}

/**
 * How long before `at` the last of the steps from `anchor` was, in milliseconds. Remainders are taken first, because the
 * distance of two dates can be more than a number holds exactly.
 */
function sinceStep(at: number, anchor: number, everyMs: number): number {
  const since = (at % everyMs - anchor % everyMs) % everyMs;
  return since < 0 ? since + everyMs : since;
}

function searchOf(
  { times, repetition }: Extract<CompiledSchedule, { kind: "wall" }>,
  timezone: string,
  dst?: DstPolicy,
): WallSearch {
  return { times, zone: zoneOf(timezone), dst: policyFor(repetition, dst) };
}

function instant(ms: number): EpochMs | null {
  return Math.abs(ms) <= LAST_SECOND * 1000 ? epochMs(ms) : null;
}
