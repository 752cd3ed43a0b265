import type { EpochMs, JobId } from "./brand.ts";
import type { DstPolicy } from "./dst.ts";
import type { Schedule } from "./schedule.ts";

/** What becomes of missed occurrences: the latest runs late, each runs late, or none does. */
export const MISFIRE_POLICIES = ["run_latest", "run_all", "skip"] as const;

/** What becomes of occurrences that no scheduler handled in time. */
export interface MisfirePolicy {
  /** Which of them run late. */
  readonly kind: typeof MISFIRE_POLICIES[number];
  /** An occurrence at most this late is on time. */
  readonly graceSeconds: number;
  /** `run_all` runs at most this many missed occurrences, the latest ones. */
  readonly limit: number;
  /** Missed occurrences older than this never run; null: no such limit. */
  readonly catchupSeconds: number | null;
}

/**
 * What becomes of an occurrence while earlier runs of its job have not ended: it does not run (`skip`); it waits for them,
 * alone (`queue_one`) or with up to 99 others (`queue_all`); it cancels them and runs when they have ended
 * (`cancel_running`); it runs beside them (`allow`).
 */
export const OVERLAP_POLICIES = ["skip", "queue_one", "queue_all", "cancel_running", "allow"] as const;

/** One of {@linkcode OVERLAP_POLICIES}. */
export type OverlapPolicy = typeof OVERLAP_POLICIES[number];

/** When and how often a failed, timed-out or lost run is tried again. */
export interface RetryPolicy {
  /** Retries of an occurrence, 0 for none; null: MAX_RETRY_ATTEMPTS. */
  readonly max: number | null;
  /** Delay before the first retry; each further one doubles it. */
  readonly baseSeconds: number;
  /** No delay is longer. */
  readonly capSeconds: number;
}

/** Runs of all jobs with the same key share its slots: each run takes one of the first `limit` slots, or waits. */
export interface ConcurrencyPolicy {
  /** The key that the runs share. */
  readonly key: string;
  /** How many runs of this job and of others with the key may run at once, from 1. */
  readonly limit: number;
}

/** How a job behaves beyond its schedule. */
export interface Policies {
  /** Time limit of one attempt in seconds; null: WORKER_JOB_TIMEOUT. */
  readonly timeoutSeconds: number | null;
  /** How failed runs are tried again. */
  readonly retry: RetryPolicy;
  /** What a schedule in wall time does where clocks change. */
  readonly dst: DstPolicy;
  /** What becomes of missed occurrences. */
  readonly misfire: MisfirePolicy;
  /** What becomes of an occurrence while earlier runs have not ended. */
  readonly overlap: OverlapPolicy;
  /** Each start is delayed by a fixed offset of the job, from 0 up to this. */
  readonly spreadSeconds: number;
  /** Before this instant nothing is due; null: no such bound. */
  readonly startsAt: EpochMs | null;
  /** After this instant nothing is due; null: no such bound. */
  readonly endsAt: EpochMs | null;
  /** Waiting runs with a higher priority are claimed first. */
  readonly priority: number;
  /** Tags that a worker must have to run it: sorted, each once. */
  readonly tags: readonly string[];
  /** Null: no limit shared with others. */
  readonly concurrency: ConcurrencyPolicy | null;
  /** Environment variables of the script, on top of those the worker always sets. */
  readonly env: Readonly<Record<string, string>>;
}

/** Default policies. */
export const DEFAULT_POLICIES: Policies = {
  timeoutSeconds: null,
  retry: { max: null, baseSeconds: 10, capSeconds: 3600 },
  dst: { gap: "after", fold: "first" },
  misfire: { kind: "run_latest", graceSeconds: 60, limit: 100, catchupSeconds: null },
  overlap: "skip",
  spreadSeconds: 0,
  startsAt: null,
  endsAt: null,
  priority: 0,
  tags: [],
  concurrency: null,
  env: {},
};

/** What a person decides about a job. */
export interface JobDefinition {
  /** What people call it; several jobs may have the same name. */
  readonly name: string;
  /** Unique name for files, programs and the command line; as `parseJobKey()` makes it. Null: it has none. */
  readonly key: string | null;
  /** Words by which people group jobs; as `parseLabels()` makes them. */
  readonly labels: readonly string[];
  /** Path of the script, relative to one of the script directories, with `/`. */
  readonly scriptPath: string;
  /** Passed to the script as they are; no shell sees them. */
  readonly scriptArgs: readonly string[];
  /** When it is due. */
  readonly schedule: Schedule;
  /** IANA zone of the schedule's wall times. */
  readonly timezone: string;
  /** How it behaves beyond that. */
  readonly policies: Policies;
}

/** The definition of a job alone. */
export function definitionOf(job: JobDefinition): JobDefinition {
  const { name, key, labels, scriptPath, scriptArgs, schedule, timezone, policies } = job;
  return { name, key, labels, scriptPath, scriptArgs, schedule, timezone, policies };
}

/**
 * What a list of jobs can be narrowed to: whether the schedule is followed (`active`, `paused`); jobs whose newest attempt that ended
 * did not succeed (`failing`); that no scheduler started in time (`late`); of which a run waits (`waiting`) or runs (`running`); that
 * have no schedule (`manual`).
 */
export const JOB_STATES = ["active", "paused", "failing", "late", "waiting", "running", "manual"] as const;

/** One of {@linkcode JOB_STATES}. */
export type JobState = typeof JOB_STATES[number];

/** A job as stored. */
export interface Job extends JobDefinition {
  /** Its id. */
  readonly id: JobId;
  /** What owns the job and writes its definition; null: people. */
  readonly managedBy: string | null;
  /** False while paused: nothing is due, and nothing piles up. */
  readonly isActive: boolean;
  /** Why it is paused, if somebody said so. */
  readonly pausedNote: string | null;
  /** Next nominal time; null when paused or when the schedule has no further occurrence. */
  readonly nextRun: EpochMs | null;
  /** Nominal time of the last occurrence that became a dispatch by schedule. */
  readonly lastDispatchedAt: EpochMs | null;
  /** Grows by one with each edit, pause and resume; an edit names the revision it was made on. */
  readonly revision: number;
  /** When it was created. */
  readonly createdAt: EpochMs;
  /** When its revision last grew. */
  readonly updatedAt: EpochMs;
  /**
   * Why a part of its stored definition cannot be read, as a sentence; null: all can. A stand-in is in the place of that part: no
   * labels, no arguments, the schedule `manual`, the zone UTC, the default policies.
   */
  readonly damage: string | null;
}
