import { type EpochMs, epochMs, type JobId } from "./brand.ts";
import { EXECUTION_STATUSES, type ExecutionStatus } from "./dispatch.ts";
import { type Histogram, mergeHistograms } from "./histogram.ts";

/** What statistics count in. A day begins at midnight of UTC. */
export type Grain = "hour" | "day";

/** The length of each grain, in milliseconds. */
export const GRAIN_MS: Readonly<Record<Grain, number>> = { hour: 3_600_000, day: 86_400_000 };

/** How many attempts ended in each way, and how many occurrences did not run. */
export type Counts = Readonly<Record<ExecutionStatus | "NOT_RUN", number>>;

/** What happened in a time. */
export interface Tally {
  /** The attempts that ended then, and the occurrences about which it was decided then that they do not run. */
  readonly counts: Counts;
  /** The sum of the durations of those that had started, in milliseconds. */
  readonly busyMs: number;
  /** The durations of those that had started. */
  readonly durations: Histogram;
  /** From when each of those could have started to its start. */
  readonly delays: Histogram;
}

/** What happened in one hour or day. */
export interface TallyOfPeriod extends Tally {
  /** When the hour or day begins. */
  readonly at: EpochMs;
}

/** What happened to the runs of a job. */
export interface TallyOfJob extends Tally {
  /** The job. */
  readonly jobId: JobId;
}

/** What happened to the runs of a worker's host. */
export interface TallyOfHost extends Tally {
  /** The name of the host. */
  readonly host: string;
}

/** A range of whole hours or days. */
export interface TallyRange {
  /** What is counted in. */
  readonly grain: Grain;
  /** The first hour or day. */
  readonly from: EpochMs;
  /** The end: the hour or day that begins here is not in it. */
  readonly until: EpochMs;
}

/** How far the count is. */
export interface CountProgress {
  /** Whether a scheduler has begun to count. */
  readonly hasBegun: boolean;
  /** Whether the first count is done: all runs that had ended before it are counted. */
  readonly isFilled: boolean;
  /** When the oldest event that is still to be counted happened; null: all are counted. */
  readonly uncountedSince: EpochMs | null;
}

/** Statistics of a range. */
export interface Statistics extends TallyRange {
  /** All together. */
  readonly total: Tally;
  /** Each hour or day in which something happened, oldest first. */
  readonly periods: readonly TallyOfPeriod[];
  /** The jobs that come first. */
  readonly jobs: readonly RankedJob[];
  /** From when on jobs were ranked: later than `from` where there was too much to read. */
  readonly rankedFrom: EpochMs;
  /** Each worker's host; null: for who may see all jobs only, and not of some labels. */
  readonly hosts: readonly TallyOfHost[] | null;
  /** How far the count is. */
  readonly progress: CountProgress;
}

/** By what jobs may be ranked, highest first: failed runs, the part that failed, all runs, the time that they took. */
export const RANKINGS = ["failed", "rate", "runs", "time"] as const;

/** One of {@linkcode RANKINGS}. */
export type Ranking = typeof RANKINGS[number];

/** A job that is ranked. */
export interface RankedJob extends Tally {
  /** Its id. */
  readonly jobId: JobId;
  /** Its name; null: it is deleted. */
  readonly name: string | null;
}

/** Nothing happened. */
export const NO_COUNTS: Counts = { SUCCESS: 0, FAILURE: 0, ERROR: 0, TIMEOUT: 0, CANCELLED: 0, NOT_RUN: 0 };

/** The counts of several times or jobs together. */
function addCounts(one: Counts, other: Counts): Counts {
  const sum = { ...one, NOT_RUN: one.NOT_RUN + other.NOT_RUN };
  for (const execution of EXECUTION_STATUSES) sum[execution] += other[execution];
  return sum;
}

/** The tallies of several times or jobs together. */
export function sumTallies(tallies: readonly Tally[]): Tally {
  return {
    counts: tallies.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS),
    busyMs: tallies.reduce((sum, { busyMs }) => sum + busyMs, 0),
    durations: mergeHistograms(tallies.map(({ durations }) => durations)),
    delays: mergeHistograms(tallies.map(({ delays }) => delays)),
  };
}

/** How many attempts failed: by themselves, because they could not be run, or out of time. */
export function failedOf({ FAILURE, ERROR, TIMEOUT }: Counts): number {
  return FAILURE + ERROR + TIMEOUT;
}

/** How many attempts ended. */
export function endedOf(counts: Counts): number {
  return counts.SUCCESS + failedOf(counts) + counts.CANCELLED;
}

/** The part of attempts that succeeded, of those that succeeded or failed: who cancels says nothing about a script. Null: none. */
export function successRateOf(counts: Counts): number | null {
  const judged = counts.SUCCESS + failedOf(counts);
  return judged === 0 ? null : counts.SUCCESS / judged;
}

/** When the hour or day of an instant begins. */
export function periodOf(at: EpochMs, grain: Grain): EpochMs {
  return epochMs(Math.floor(at / GRAIN_MS[grain]) * GRAIN_MS[grain]);
}
