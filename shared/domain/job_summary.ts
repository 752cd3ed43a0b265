import type { DispatchId, EpochMs } from "./brand.ts";
import type { Dispatch, ExecutionStatus } from "./dispatch.ts";
import type { Job } from "./job.ts";
import type { JobFailure } from "./job_failure.ts";

/** A job with what a list shows of its runs. */
export interface JobSummary extends Job {
  /** The newest attempt, whatever its state; null when it never ran. */
  readonly lastRun: Dispatch | null;
  /** What it suffers from; null: it does not fail. */
  readonly failure: JobFailure | null;
  /** The newest attempts that ended, oldest first, at most {@linkcode RECENT_RUNS}. */
  readonly recent: readonly EndedRun[];
}

/** How many attempts a list shows of each job. */
export const RECENT_RUNS = 20;

/** An attempt that ended, as charts show it. */
export interface EndedRun {
  /** The attempt. */
  readonly id: DispatchId;
  /** How it ended. */
  readonly status: ExecutionStatus;
  /** How long the script ran; 0 where it never started. */
  readonly durationMs: number;
  /** When it ended. */
  readonly endedAt: EpochMs;
}
