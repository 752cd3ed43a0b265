import type { DispatchId, EpochMs, JobId } from "./brand.ts";
import type { DispatchStatus } from "./dispatch.ts";

/** What a timeline draws of an attempt. */
export interface RunBar {
  /** The attempt. */
  readonly id: DispatchId;
  /** The job. */
  readonly jobId: JobId;
  /** Its state. */
  readonly status: DispatchStatus;
  /** When it could begin. */
  readonly availableAt: EpochMs;
  /** When its script started; null: it has not, or never did. */
  readonly startedAt: EpochMs | null;
  /** When it ended; null: it has not. */
  readonly endedAt: EpochMs | null;
}
