import type { DispatchId, EpochMs, JobId } from "./brand.ts";

/** What a failing job suffers from: its last occurrence failed or ran out of time, and no retry is left. */
export interface JobFailure {
  /** The last attempt that failed. */
  readonly dispatchId: DispatchId;
  /** When the first of the failures in a row ended: no run has succeeded since. */
  readonly since: EpochMs;
  /** In a sentence why the last one failed; null: its worker did not say. */
  readonly message: string | null;
}

/** A failing job, as lists of troubles name it. */
export interface FailingJob extends JobFailure {
  /** The job. */
  readonly jobId: JobId;
  /** Its name. */
  readonly jobName: string;
}
