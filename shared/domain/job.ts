import type { Schedule } from "../schedule/types.ts";
import type { DstPolicy } from "../schedule/types.ts";
import type { EpochMs, JobId } from "./brand.ts";

/** How a job behaves beyond its schedule. `null` means: what the service's configuration says. */
export interface Policies {
  /** Time limit of one attempt in seconds; null: WORKER_JOB_TIMEOUT. */
  readonly timeoutSeconds: number | null;
  /** Retries after a failed, timed-out or lost attempt, 0 for none; null: MAX_RETRY_ATTEMPTS. */
  readonly maxRetries: number | null;
  /** What a schedule in wall time does where clocks change. */
  readonly dst: DstPolicy;
  /** Environment variables of the script, on top of those the worker always sets. */
  readonly env: Readonly<Record<string, string>>;
}

/** The policies of a job that says nothing. */
export const DEFAULT_POLICIES: Policies = {
  timeoutSeconds: null,
  maxRetries: null,
  dst: { gap: "after", fold: "first" },
  env: {},
};

/** What a person decides about a job. */
export interface JobDefinition {
  readonly name: string;
  /** Path of the script, relative to one of the script directories, with `/`. */
  readonly scriptPath: string;
  /** Passed to the script as they are; no shell sees them. */
  readonly scriptArgs: readonly string[];
  readonly schedule: Schedule;
  /** IANA zone in which the schedule's wall times are meant. */
  readonly timezone: string;
  readonly policies: Policies;
}

/** A job as stored. */
export interface Job extends JobDefinition {
  readonly id: JobId;
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
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}
