import { type EpochMs, epochMs } from "../domain/mod.ts";

/** Most jobs of a minute that are counted. */
export const MOST_NEIGHBOURS = 1_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** How many other jobs are due next in the minute of a planned start. */
export interface Crowd {
  /** The planned start. */
  readonly at: EpochMs;
  /** At most {@linkcode MOST_NEIGHBOURS}. */
  readonly jobs: number;
  /** Whether there are more than `jobs`. */
  readonly isMore: boolean;
  /** The same second of the first later minute of that hour in which no job is due; null: none is known. */
  readonly freeAt: EpochMs | null;
}

/** The span that {@linkcode crowdOf} looks at: from the minute of a planned start to the end of its hour. `until` is excluded. */
export function crowdSpan(at: EpochMs): { readonly from: EpochMs; readonly until: EpochMs } {
  return { from: startOf(at, MINUTE_MS), until: epochMs(startOf(at, HOUR_MS) + HOUR_MS) };
}

/**
 * Counts the other starts in the minute of `at`, and finds a free one after it.
 *
 * @param starts The planned starts of other jobs in {@linkcode crowdSpan}, earliest first, at most one more than
 * {@linkcode MOST_NEIGHBOURS}: where there are more, nothing is known of later minutes.
 *
 * @example
 * ```ts
 * import { epochMs } from "@jobtrigger/shared/domain";
 * import { crowdOf } from "@jobtrigger/shared/policy";
 * import assert from "node:assert/strict";
 *
 * const at = (time: string) => epochMs(Date.parse(`2026-01-05T${time}Z`));
 * const crowd = crowdOf(at("02:30"), [at("02:30"), at("02:30:30"), at("02:31")]);
 * assert.deepEqual(crowd, { at: at("02:30"), jobs: 2, isMore: false, freeAt: at("02:32") });
 * ```
 */
export function crowdOf(at: EpochMs, starts: readonly EpochMs[]): Crowd {
  const { from, until } = crowdSpan(at);
  const inMinute = starts.filter((start) => start < from + MINUTE_MS).length;
  const isWhole = starts.length <= MOST_NEIGHBOURS;
  const taken = new Set(starts.map((start) => startOf(start, MINUTE_MS)));
  let freeAt: EpochMs | null = null;
  for (let minute = from + MINUTE_MS; isWhole && freeAt === null && minute < until; minute += MINUTE_MS) {
    if (!taken.has(epochMs(minute))) freeAt = epochMs(minute + (at - from));
  }
  return { at, jobs: Math.min(inMinute, MOST_NEIGHBOURS), isMore: inMinute > MOST_NEIGHBOURS, freeAt };
}

function startOf(at: EpochMs, spanMs: number): EpochMs {
  return epochMs(Math.floor(at / spanMs) * spanMs);
}
