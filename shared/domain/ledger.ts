import type { EpochMs, JobId } from "./brand.ts";

/** Why occurrences do not become dispatches. */
export const LEDGER_REASONS = ["overlap", "missed", "paused", "excluded", "expired"] as const;

/** One of {@linkcode LEDGER_REASONS}. */
export type LedgerReason = typeof LEDGER_REASONS[number];

/** Consecutive occurrences of one job that did not become dispatches, for one reason: a row of `occurrence_ledger`. */
export interface LedgerEntry {
  readonly jobId: JobId;
  readonly reason: LedgerReason;
  /** Nominal times of the first and the last of them. */
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly count: number;
}
