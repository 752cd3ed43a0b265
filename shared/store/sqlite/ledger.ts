import type { EpochMs, LedgerEntry } from "../../domain/mod.ts";
import { continuesEntry } from "../ledger.ts";
import { toLedgerEntry } from "../rows.ts";
import type { Connection } from "./connection.ts";

// Index: occurrence_ledger_by_job, its end.
const LATEST_ENTRY = "SELECT * FROM occurrence_ledger WHERE job_id = :jobId ORDER BY id DESC LIMIT 1";

const EXTEND_ENTRY = `
  UPDATE occurrence_ledger SET last_at = :lastAt, count = count + :count
  WHERE id = (SELECT max(id) FROM occurrence_ledger WHERE job_id = :jobId)`;

const INSERT_ENTRY = `
  INSERT INTO occurrence_ledger (job_id, reason, first_at, last_at, count)
  VALUES (:jobId, :reason, :firstAt, :lastAt, :count)`;

/**
 * Adds to the ledger, in the caller's transaction: to the job's latest row when that has the same reason and none of
 * `occurred`, which were dispatched, lies between; else as a row of its own.
 */
export function enterLedger(db: Connection, entry: LedgerEntry, occurred: readonly EpochMs[]): void {
  const { jobId, reason, firstAt, lastAt, count } = entry;
  const row = db.get(LATEST_ENTRY, { jobId });
  const latest = row === undefined ? null : toLedgerEntry(row);
  if (continuesEntry(latest, entry, occurred)) db.run(EXTEND_ENTRY, { jobId, lastAt, count });
  else db.run(INSERT_ENTRY, { jobId, reason, firstAt, lastAt, count });
}
