import type { EpochMs, JobId } from "./brand.ts";

/** Why an occurrence did not become a dispatch. */
export type LedgerReason = "overlap" | "missed" | "paused" | "excluded" | "expired";

/** Consecutive occurrences of one job that did not become dispatches, for one reason: a row of `occurrence_ledger`. */
export interface LedgerEntry {
  readonly jobId: JobId;
  readonly reason: LedgerReason;
  /** Nominal times of the first and the last of them. */
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly count: number;
}
