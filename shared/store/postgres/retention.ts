/**
 * Which history the retention deletes and keeps, in PostgreSQL.
 *
 * @module
 */
import { type Row, toDispatchIds, toNumber, toSurplus } from "../rows.ts";
import type { PrunePass, SurplusPass, SurplusPruned } from "../scheduling_store.ts";
import { type Session, type Statement, statement } from "./connection.ts";
import { instant } from "./values.ts";

// One scheduler at a time: two would only wait for each other.
const PRUNE_LOCK = statement("SELECT pg_try_advisory_xact_lock(hashtext('jobtrigger'), hashtext('prune')) AS got");

// The occurrence of one attempt; of none, null.
const rootOf = (id: string) => `(SELECT root_id FROM job_dispatch WHERE id = ${id})`;

// The retention keeps the last run and the last failure of a job that is not deleted. Indexes:
// job_dispatch_waiting_by_job, job_dispatch_running; job_execution_logs_by_job and job_execution_logs_failures, the last entry
// of each.
const LAST_RUN = rootOf(`greatest(
  (SELECT max(id) FROM job_dispatch WHERE job_id = l.job_id AND status = 'PENDING'),
  (SELECT max(id) FROM job_dispatch WHERE job_id = l.job_id AND status = 'IN_PROGRESS'),
  (SELECT max(dispatch_id) FROM job_execution_logs WHERE job_id = l.job_id))`);
const LAST_FAILURE = rootOf(`(
  SELECT max(dispatch_id) FROM job_execution_logs WHERE job_id = l.job_id AND status IN ('FAILURE', 'ERROR', 'TIMEOUT'))`);

// Index: job_execution_logs_by_age, then the attempts of each occurrence by their keys. OFFSET 0 keeps the planner from reading
// the whole of job_dispatch for joins.
/** Finds old occurrences. $1: before, $2: limit. */
export const OLD_OCCURRENCES: Statement = statement(`
  SELECT DISTINCT root_id AS id FROM (
    SELECT d.root_id
    FROM job_execution_logs l JOIN scheduled_jobs j ON j.id = l.job_id
      CROSS JOIN LATERAL (SELECT root_id FROM job_dispatch WHERE id = l.dispatch_id OFFSET 0) d
    WHERE l.run_time < $1
      AND NOT EXISTS (
        SELECT 1 FROM job_dispatch o WHERE o.id = d.root_id AND (o.completed_at IS NULL OR o.completed_at >= $1)
        OFFSET 0)
      AND NOT EXISTS (
        SELECT 1 FROM job_dispatch o WHERE o.root_id = d.root_id AND o.retry_count > 0
          AND (o.completed_at IS NULL OR o.completed_at >= $1)
        OFFSET 0)
      AND (j.deleted_at IS NOT NULL
        OR (d.root_id IS DISTINCT FROM ${LAST_RUN} AND d.root_id IS DISTINCT FROM ${LAST_FAILURE}))
    LIMIT $2) old`);

const DELETE_OCCURRENCES = statement(`
  WITH gone AS (
    DELETE FROM job_dispatch WHERE id = ANY($1::bigint[]) OR (root_id = ANY($1::bigint[]) AND retry_count > 0)
    RETURNING id
  ), logs AS (
    DELETE FROM job_execution_logs WHERE dispatch_id IN (SELECT id FROM gone)
  ), chunks AS (
    DELETE FROM job_log_chunks WHERE dispatch_id IN (SELECT id FROM gone)
  )
  SELECT count(*) AS n FROM gone`);

// Index: occurrence_ledger_by_age.
const DELETE_ENTRIES = statement(`
  WITH gone AS (
    DELETE FROM occurrence_ledger
    WHERE id = ANY(ARRAY(SELECT id FROM occurrence_ledger WHERE last_at < $1 ORDER BY last_at LIMIT $2))
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone`);

// A deleted job stays as long as something shows its name. Index: scheduled_jobs_deleted.
const DELETE_JOBS = statement(`
  WITH gone AS (
    DELETE FROM scheduled_jobs
    WHERE id = ANY(ARRAY(
      SELECT id FROM scheduled_jobs j
      WHERE deleted_at < $1 AND deleted_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM job_execution_logs WHERE job_id = j.id)
        AND NOT EXISTS (SELECT 1 FROM job_dispatch WHERE job_id = j.id AND status = 'PENDING')
        AND NOT EXISTS (SELECT 1 FROM job_dispatch WHERE job_id = j.id AND status = 'IN_PROGRESS')
        AND NOT EXISTS (SELECT 1 FROM occurrence_ledger WHERE job_id = j.id)
      ORDER BY deleted_at LIMIT $2))
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone`);

// Indexes: the primary key; job_execution_logs_by_job, from its end.
const CUTOFFS = statement(`
  SELECT id, (
    SELECT dispatch_id FROM job_execution_logs WHERE job_id = j.id ORDER BY dispatch_id DESC LIMIT 1 OFFSET $1
  ) AS cutoff
  FROM scheduled_jobs j WHERE id >= $2 ORDER BY id LIMIT $3`);

// Index: job_execution_logs_by_job, then the attempts of each occurrence by their keys, as above.
/** Finds the occurrences of a job that are too many. $1: job, $2: cutoff, $3: limit. */
export const SURPLUS_OCCURRENCES: Statement = statement(`
  SELECT DISTINCT root_id AS id FROM (
    SELECT d.root_id
    FROM job_execution_logs l
      CROSS JOIN LATERAL (SELECT root_id FROM job_dispatch WHERE id = l.dispatch_id OFFSET 0) d
    WHERE l.job_id = $1 AND l.dispatch_id <= $2 AND d.root_id IS DISTINCT FROM ${LAST_FAILURE}
      AND NOT EXISTS (SELECT 1 FROM job_dispatch o WHERE o.id = d.root_id AND o.completed_at IS NULL OFFSET 0)
      AND NOT EXISTS (
        SELECT 1 FROM job_dispatch o WHERE o.root_id = d.root_id AND o.retry_count > 0
          AND (o.completed_at IS NULL OR o.id > $2)
        OFFSET 0)
    LIMIT $3) old`);

/** Deletes what is more than is kept of a job, as the contract says, in the caller's transaction. */
export async function pruneSurplus(tx: Session, { keep, from, jobs, limit }: SurplusPass): Promise<SurplusPruned> {
  const [lock] = await tx.all(PRUNE_LOCK);
  if (lock?.["got"] !== true) return { deleted: 0, next: null };
  // One more than is looked at: the next pass goes on from it.
  const found = (await tx.all(CUTOFFS, [keep, from ?? 0, jobs + 1])).map(toSurplus);
  let deleted = 0;
  for (const { id, cutoff } of found.slice(0, jobs)) {
    if (cutoff === null) continue;
    const old = toDispatchIds(await tx.all(SURPLUS_OCCURRENCES, [id, cutoff, limit - deleted]));
    if (old.length > 0) deleted += await count(tx.all(DELETE_OCCURRENCES, [old]));
    if (deleted >= limit) return { deleted, next: id };
  }
  return { deleted, next: found[jobs]?.id ?? null };
}

/** Deletes what is older than `before`, as the contract says, in the caller's transaction. */
export async function prune(tx: Session, pass: PrunePass): Promise<number> {
  const { limit } = pass;
  const before = instant(pass.before);
  const [lock] = await tx.all(PRUNE_LOCK);
  if (lock?.["got"] !== true) return 0;
  const roots = toDispatchIds(await tx.all(OLD_OCCURRENCES, [before, limit]));
  let deleted = roots.length === 0 ? 0 : await count(tx.all(DELETE_OCCURRENCES, [roots]));
  // In this order: a job goes once nothing of it is left. Each takes what those before it leave of the limit.
  for (const sql of [DELETE_ENTRIES, DELETE_JOBS]) {
    deleted += await count(tx.all(sql, [before, Math.max(0, limit - deleted)]));
  }
  return deleted;
}

async function count(rows: Promise<readonly Row[]>): Promise<number> {
  const [row] = await rows;
  return row === undefined ? 0 : toNumber(row);
}
