import type { DispatchId, EpochMs, EventId, JobId } from "./brand.ts";
import type { ExecutionStatus, FinalStatus } from "./dispatch.ts";
import type { LedgerReason } from "./ledger.ts";

/** Something that happened and that others act on: a row of `run_events`. */
export type RunEvent = EndedEvent | NotRunEvent;

interface Happened {
  readonly id: EventId;
  readonly jobId: JobId;
  /** When the attempt ended, or when the decision was made. Events come in the order of their ids, not of this. */
  readonly at: EpochMs;
}

/** An attempt has ended. Each end makes exactly one of these. */
export interface EndedEvent extends Happened {
  readonly kind: "ended";
  readonly dispatchId: DispatchId;
  /** The first attempt of the occurrence. */
  readonly rootId: DispatchId;
  /** The nominal time of the occurrence. */
  readonly scheduledFor: EpochMs;
  readonly status: FinalStatus;
  readonly execution: ExecutionStatus;
  /** Whether the occurrence is tried again; if not, this is its last word. */
  readonly isRetried: boolean;
}

/**
 * Occurrences did not run: what one decision added to the ledger. Where the ledger counts on in an earlier row, this holds only
 * what was added, so the counts of all events make the ledger's. What a wrong clock decided and healing took back stays told.
 */
export interface NotRunEvent extends Happened {
  readonly kind: "not_run";
  readonly reason: LedgerReason;
  /** Nominal times of the first and the last of them. */
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly count: number;
}

/** The final status of an attempt by how its execution is judged. */
export const FINAL_STATUS: Readonly<Record<ExecutionStatus, FinalStatus>> = {
  SUCCESS: "COMPLETED",
  FAILURE: "FAILED",
  ERROR: "FAILED",
  TIMEOUT: "TIMEOUT",
  CANCELLED: "CANCELLED",
};
