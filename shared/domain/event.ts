import type { DispatchId, EpochMs, EventId, JobId } from "./brand.ts";
import type { ExecutionStatus, FinalStatus } from "./dispatch.ts";
import type { LedgerReason } from "./ledger.ts";

/** Something that happened and that others act on: a row of `run_events`. */
export type RunEvent = EndedEvent | NotRunEvent;

/** What all events have. */
export interface Happened {
  /** Its id, and its position in the outbox. */
  readonly id: EventId;
  /** The job. */
  readonly jobId: JobId;
  /** When the attempt ended, or when the decision was made. Events come in the order of their ids, not of this. */
  readonly at: EpochMs;
}

/** An attempt has ended. Each end makes exactly one of these. */
export interface EndedEvent extends Happened {
  /** Tells it from {@linkcode NotRunEvent}. */
  readonly kind: "ended";
  /** The attempt that ended. */
  readonly dispatchId: DispatchId;
  /** The first attempt of the occurrence. */
  readonly rootId: DispatchId;
  /** The nominal time of the occurrence. */
  readonly scheduledFor: EpochMs;
  /** The state in which it ended. */
  readonly status: FinalStatus;
  /** How its execution is judged. */
  readonly execution: ExecutionStatus;
  /** Whether the occurrence is tried again; if not, this is its last event. */
  readonly isRetried: boolean;
}

/**
 * Occurrences did not run: what one decision added to the ledger. Where the ledger extends an earlier row, this holds only the
 * addition, so the counts of all events add up to the ledger's. Healing takes back what a wrong clock decided, but not its event.
 */
export interface NotRunEvent extends Happened {
  /** Tells it from {@linkcode EndedEvent}. */
  readonly kind: "not_run";
  /** Why they did not run. */
  readonly reason: LedgerReason;
  /** Nominal time of the first of them. */
  readonly firstAt: EpochMs;
  /** Nominal time of the last of them. */
  readonly lastAt: EpochMs;
  /** How many they are. */
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
