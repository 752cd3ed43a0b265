/**
 * Which history the retention deletes and keeps, in SQLite.
 *
 * @module
 */
import { toDispatchIds, toNumber, toSurplus } from "../rows.ts";
import type { PrunePass, SurplusPass, SurplusPruned } from "../scheduling_store.ts";
import type { Connection } from "./connection.ts";

// The occurrence of one attempt; of none, null.
const rootOf = (id: string) => `(SELECT root_id FROM job_dispatch WHERE id = ${id})`;

// The retention keeps the last run and the last failure of a job that is not deleted. Indexes: job_dispatch_unfinished,
// job_execution_logs_by_job, job_execution_logs_failures, the last entry of each.
const LAST_RUN = rootOf(`max(
  coalesce((SELECT max(id) FROM job_dispatch WHERE job_id = l.job_id AND completed_at IS NULL), 0),
  coalesce((SELECT max(dispatch_id) FROM job_execution_logs WHERE job_id = l.job_id), 0))`);
const LAST_FAILURE = rootOf(`(
  SELECT max(dispatch_id) FROM job_execution_logs WHERE job_id = l.job_id AND status IN ('FAILURE', 'ERROR', 'TIMEOUT'))`);

// Index: job_execution_logs_by_age, then job_dispatch_attempt for the other attempts of the occurrence.
/** Finds old occurrences. */
export const OLD_OCCURRENCES: string = `
  SELECT DISTINCT d.root_id AS id
  FROM job_execution_logs l CROSS JOIN job_dispatch d ON d.id = l.dispatch_id CROSS JOIN scheduled_jobs j ON j.id = l.job_id
  WHERE l.run_time < :before AND NOT EXISTS (
      SELECT 1 FROM job_dispatch o WHERE o.root_id = d.root_id AND (o.completed_at IS NULL OR o.completed_at >= :before))
    AND (j.deleted_at IS NOT NULL OR (d.root_id IS NOT ${LAST_RUN} AND d.root_id IS NOT ${LAST_FAILURE}))
  LIMIT :limit`;

// Index: job_dispatch_attempt. Executions and output go with their attempt.
const DELETE_OCCURRENCES = "DELETE FROM job_dispatch WHERE root_id IN (SELECT value FROM json_each(:roots))";

// Index: occurrence_ledger_by_age.
const DELETE_ENTRIES = `
  DELETE FROM occurrence_ledger
  WHERE id IN (SELECT id FROM occurrence_ledger WHERE last_at < :before ORDER BY last_at LIMIT :limit)`;

// A deleted job stays as long as something shows its name. Index: scheduled_jobs_deleted.
const GONE_JOBS = `
  deleted_at < :before AND deleted_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM job_dispatch WHERE job_id = scheduled_jobs.id)
    AND NOT EXISTS (SELECT 1 FROM occurrence_ledger WHERE job_id = scheduled_jobs.id)`;
const DELETE_JOBS = `
  DELETE FROM scheduled_jobs
  WHERE id IN (SELECT id FROM scheduled_jobs WHERE ${GONE_JOBS} ORDER BY deleted_at LIMIT :limit)`;

const SOMETHING_OLD = `
  SELECT EXISTS (${OLD_OCCURRENCES.replace(":limit", "1")})
    OR EXISTS (SELECT 1 FROM occurrence_ledger WHERE last_at < :before)
    OR EXISTS (SELECT 1 FROM scheduled_jobs WHERE ${GONE_JOBS}) AS n`;

// The newest attempt of each job that is one too many. Indexes: the primary key; job_execution_logs_by_job, from its end.
const CUTOFFS = `
  SELECT id, (
    SELECT dispatch_id FROM job_execution_logs WHERE job_id = scheduled_jobs.id ORDER BY dispatch_id DESC LIMIT 1 OFFSET :keep
  ) AS cutoff
  FROM scheduled_jobs WHERE id >= :from ORDER BY id LIMIT :jobs`;

// Indexes: job_execution_logs_by_job, then job_dispatch_attempt for the other attempts of the occurrence.
/** Finds the occurrences of a job that are too many. */
export const SURPLUS_OCCURRENCES: string = `
  SELECT DISTINCT d.root_id AS id
  FROM job_execution_logs l CROSS JOIN job_dispatch d ON d.id = l.dispatch_id
  WHERE l.job_id = :jobId AND l.dispatch_id <= :cutoff AND d.root_id IS NOT ${LAST_FAILURE}
    AND NOT EXISTS (
      SELECT 1 FROM job_dispatch o WHERE o.root_id = d.root_id AND (o.completed_at IS NULL OR o.id > :cutoff))
  LIMIT :limit`;

/** Deletes what is more than is kept of a job, as the contract says. */
export async function pruneSurplus(db: Connection, { keep, from, jobs, limit }: SurplusPass): Promise<SurplusPruned> {
  // One more than is looked at: the next pass goes on from it.
  const found = await db.read(() => db.all(CUTOFFS, { keep, from: from ?? 0, jobs: jobs + 1 }).map(toSurplus));
  let deleted = 0;
  for (const { id: jobId, cutoff } of found.slice(0, jobs)) {
    if (cutoff === null) continue;
    const old = () => toDispatchIds(db.all(SURPLUS_OCCURRENCES, { jobId, cutoff, limit: limit - deleted }));
    if ((await db.read(old)).length === 0) continue;
    deleted += await db.write(() => db.run(DELETE_OCCURRENCES, { roots: JSON.stringify(old()) }));
    if (deleted >= limit) return { deleted, next: jobId };
  }
  return { deleted, next: found[jobs]?.id ?? null };
}

/** Deletes what is older than `before`, as the contract says. */
export async function prune(db: Connection, { before, limit }: PrunePass): Promise<number> {
  if (await db.read(() => toNumber(db.one(SOMETHING_OLD, { before })) === 0)) return 0;
  return db.write(() => {
    const roots = toDispatchIds(db.all(OLD_OCCURRENCES, { before, limit }));
    let deleted = db.run(DELETE_OCCURRENCES, { roots: JSON.stringify(roots) });
    // In this order: a job goes once nothing of it is left. Each takes what those before it leave of the limit.
    for (const sql of [DELETE_ENTRIES, DELETE_JOBS]) {
      deleted += db.run(sql, { before, limit: Math.max(0, limit - deleted) });
    }
    return deleted;
  });
}
