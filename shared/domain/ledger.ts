import type { EpochMs, JobId } from "./brand.ts";

/** Why occurrences do not become dispatches. */
export const LEDGER_REASONS = ["overlap", "missed", "paused", "excluded", "expired"] as const;

/** One of {@linkcode LEDGER_REASONS}. */
export type LedgerReason = typeof LEDGER_REASONS[number];

/** Consecutive occurrences of one job that did not become dispatches, for one reason: a row of `occurrence_ledger`. */
export interface LedgerEntry {
  /** The job. */
  readonly jobId: JobId;
  /** Why they did not become dispatches. */
  readonly reason: LedgerReason;
  /** Nominal time of the first of them. */
  readonly firstAt: EpochMs;
  /** Nominal time of the last of them. */
  readonly lastAt: EpochMs;
  /** How many they are. */
  readonly count: number;
}
