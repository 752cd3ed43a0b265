import type { EpochMs, LedgerEntry } from "../domain/mod.ts";

/**
 * Whether `entry` continues the job's latest row in the ledger: the same reason, later, of the same schedule, which the job has
 * `since`, and nothing that was dispatched (`occurred`) in between. So a row can be cut where a clock was ahead.
 */
export function continuesEntry(
  latest: Omit<LedgerEntry, "jobId"> | null,
  entry: Omit<LedgerEntry, "jobId">,
  { since, occurred }: { readonly since: EpochMs; readonly occurred: readonly EpochMs[] },
): boolean {
  return latest !== null && latest.reason === entry.reason && latest.firstAt > since && latest.lastAt < entry.firstAt &&
    !occurred.some((at) => latest.lastAt < at && at < entry.firstAt);
}
