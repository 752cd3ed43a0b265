import type { EpochMs, LedgerEntry } from "../domain/mod.ts";

/**
 * Whether `entry` continues the job's latest row in the ledger: the same reason, later, and nothing that was dispatched
 * (`occurred`) in between.
 */
export function continuesEntry(
  latest: Omit<LedgerEntry, "jobId"> | null,
  entry: Omit<LedgerEntry, "jobId">,
  occurred: readonly EpochMs[],
): boolean {
  return latest !== null && latest.reason === entry.reason && latest.lastAt < entry.firstAt &&
    !occurred.some((at) => latest.lastAt < at && at < entry.firstAt);
}
