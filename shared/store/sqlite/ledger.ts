import type { EpochMs, Job, LedgerEntry } from "../../domain/mod.ts";
import { partsBeside, pastOf } from "../../policy/ahead.ts";
import { continuesEntry } from "../ledger.ts";
import { toLedgerEntry, toSettled } from "../ledger_rows.ts";
import { toInstant, toNumber } from "../rows.ts";
import type { Connection } from "./connection.ts";
import { insertNotRun } from "./events.ts";

// Index: occurrence_ledger_by_job, its end.
const LATEST_ENTRY = "SELECT * FROM occurrence_ledger WHERE job_id = :jobId ORDER BY id DESC LIMIT 1";

const EXTEND_ENTRY = `
  UPDATE occurrence_ledger SET last_at = :lastAt, count = count + :count
  WHERE id = (SELECT max(id) FROM occurrence_ledger WHERE job_id = :jobId)`;

const INSERT_ENTRY = `
  INSERT INTO occurrence_ledger (job_id, reason, first_at, last_at, count)
  VALUES (:jobId, :reason, :firstAt, :lastAt, :count)`;

/**
 * Adds an entry to the ledger, in the caller's transaction: to the job's latest row if the entry continues that, else as a new row.
 * `since`: when the job got its schedule; `occurred`: occurrences that were dispatched. Each entry makes an event, written `now`.
 */
export function enterLedger(
  db: Connection,
  entry: LedgerEntry,
  known: { readonly since: EpochMs; readonly occurred: readonly EpochMs[]; readonly now: EpochMs },
): void {
  const { jobId, reason, firstAt, lastAt, count } = entry;
  const row = db.get(LATEST_ENTRY, { jobId });
  const latest = row === undefined ? null : toLedgerEntry(row);
  if (continuesEntry(latest, entry, known)) db.run(EXTEND_ENTRY, { jobId, lastAt, count });
  else db.run(INSERT_ENTRY, { jobId, reason, firstAt, lastAt, count });
  insertNotRun(db, entry, known.now);
}

// Index: occurrence_ledger_by_age, whose end is normally in the past.
const AHEAD = "SELECT *, id AS n FROM occurrence_ledger WHERE last_at > :now AND +job_id = :jobId";
const DELETE_ENTRY = "DELETE FROM occurrence_ledger WHERE id = :id";
const SHORTEN_ENTRY = "UPDATE occurrence_ledger SET last_at = :lastAt, count = :count WHERE id = :id";

// Index: job_dispatch_occurrence.
const LAST_DISPATCHED = `
  UPDATE scheduled_jobs
  SET last_dispatched_at = (
    SELECT max(scheduled_for) FROM job_dispatch WHERE job_id = :jobId AND trigger = 'schedule' AND scheduled_for <= :now)
  WHERE id = :jobId AND last_dispatched_at > :now
  RETURNING last_dispatched_at AS at`;

/**
 * Forgets what a clock that was ahead has written of times to come: ledger entries after `now`, and which occurrence was the
 * last to be dispatched. Answers the latter.
 */
export function forgetAhead(db: Connection, job: Job, now: EpochMs): EpochMs | null {
  const { id: jobId, lastDispatchedAt } = job;
  for (const row of db.all(AHEAD, { jobId, now })) {
    const past = pastOf(toLedgerEntry(row), job, now);
    if (past === null) db.run(DELETE_ENTRY, { id: toNumber(row) });
    else db.run(SHORTEN_ENTRY, { id: toNumber(row), lastAt: past.lastAt, count: past.count });
  }
  const corrected = db.get(LAST_DISPATCHED, { jobId, now });
  return corrected === undefined ? lastDispatchedAt : toInstant(corrected);
}

// Index: job_dispatch_occurrence.
const SETTLED = `
  SELECT json_group_array(scheduled_for ORDER BY scheduled_for) AS settled FROM job_dispatch
  WHERE job_id = :jobId AND trigger = 'schedule' AND scheduled_for BETWEEN :firstAt AND :lastAt`;

/**
 * Enters the occurrences that a person's change of a job skips, unless they were dispatched all the same, and forgets what a clock
 * that was ahead has written.
 */
export function enterSkipped(
  db: Connection,
  job: Job,
  { entries, now }: { readonly entries: readonly Omit<LedgerEntry, "jobId">[]; readonly now: EpochMs },
): void {
  const lastDispatchedAt = forgetAhead(db, job, now);
  for (const entry of entries) {
    const { firstAt, lastAt } = entry;
    const settled = toSettled(db.one(SETTLED, { jobId: job.id, firstAt, lastAt }));
    const occurred = lastDispatchedAt === null ? settled : [lastDispatchedAt, ...settled];
    for (const part of partsBeside(entry, job, settled)) {
      enterLedger(db, { ...part, jobId: job.id }, { since: job.updatedAt, occurred, now });
    }
  }
}
