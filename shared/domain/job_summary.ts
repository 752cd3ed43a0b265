import type { Dispatch } from "./dispatch.ts";
import type { Job } from "./job.ts";
import type { JobFailure } from "./job_failure.ts";

/** A job with what a list shows of its runs. */
export interface JobSummary extends Job {
  /** The newest attempt, whatever its state; null when it never ran. */
  readonly lastRun: Dispatch | null;
  /** What it suffers from; null: it does not fail. */
  readonly failure: JobFailure | null;
}
