import type { EpochMs, LedgerEntry } from "../domain/mod.ts";

/**
 * Whether `entry` continues the job's latest row in the ledger: it has the same reason, is later, belongs to the same schedule, which
 * the job has `since`, and no dispatched occurrence (`occurred`) lies in between. So healing can shorten a row.
 */
export function continuesEntry(
  latest: Omit<LedgerEntry, "jobId"> | null,
  entry: Omit<LedgerEntry, "jobId">,
  { since, occurred }: { readonly since: EpochMs; readonly occurred: readonly EpochMs[] },
): boolean {
  return latest !== null && latest.reason === entry.reason && latest.firstAt > since && latest.lastAt < entry.firstAt &&
    !occurred.some((at) => latest.lastAt < at && at < entry.firstAt);
}
