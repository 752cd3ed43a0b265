/**
 * Puts right what a clock that was ahead has written, in SQLite. Looks first, and takes the write lock only when there is something to do.
 *
 * @module
 */
import { type EpochMs, epochMs, type Job } from "../../domain/mod.ts";
import { isNextRunTooLate, soonestRun } from "../../policy/ahead.ts";
import { toJob } from "../job_rows.ts";
import { CLOCKS_DIFFER_MS, type Healed, healedFrom, LATEST_CALL_MS } from "../store.ts";
import type { Connection } from "./connection.ts";
import { forgetAhead } from "./ledger.ts";

/** Most jobs that one transaction puts right, so that it holds the lock for some milliseconds only. */
const JOBS_AT_ONCE = 50;

// Index: the primary key, page by page.
const ACTIVE_JOBS = `
  SELECT * FROM scheduled_jobs WHERE id > :after AND is_active = 1 AND deleted_at IS NULL ORDER BY id LIMIT :limit`;

// First attempts of occurrences that are still to come, which no worker has begun. Index: job_dispatch_unfinished, all of it.
const AHEAD =
  "status = 'PENDING' AND completed_at IS NULL AND trigger = 'schedule' AND scheduled_for > :now AND log_seq = 0";
/** An instant after this one was written ahead. */
const RIGHT = `:now + ${CLOCKS_DIFFER_MS}`;
const JOBS_WITH_RUNS_AHEAD = `
  SELECT * FROM scheduled_jobs WHERE deleted_at IS NULL
    AND id IN (SELECT job_id FROM job_dispatch WHERE ${AHEAD} AND scheduled_for > ${RIGHT})`;

const SELECT = "SELECT * FROM scheduled_jobs WHERE id = :id AND deleted_at IS NULL";

// Index: job_dispatch_occurrence.
const DELETE_AHEAD = `DELETE FROM job_dispatch WHERE job_id = :jobId AND ${AHEAD}`;

const SET_NEXT_RUN = "UPDATE scheduled_jobs SET next_run = :nextRun WHERE id = :id";

// Other waiting runs that were written ahead. A run of the schedule is available by its own time, any other waits as long as was
// meant. Index: job_dispatch_unfinished, all of it, as in those that follow.
const WAITING_AHEAD = `status = 'PENDING' AND completed_at IS NULL AND created_at > ${RIGHT} AND NOT (${AHEAD})`;
const PULL_WAITING = `
  UPDATE job_dispatch
  SET created_at = :now, available_at = CASE
    WHEN trigger <> 'schedule' THEN :now + available_at - created_at
    WHEN scheduled_for > :now THEN min(available_at, :now)
    ELSE available_at END
  WHERE ${WAITING_AHEAD}`;

const RUNNING_AHEAD = `
  status = 'IN_PROGRESS' AND completed_at IS NULL
    AND (lease_until > :now + 2 * :leaseMs OR claimed_at > ${RIGHT} OR started_at > ${RIGHT})`;
const PULL_RUNNING = `
  UPDATE job_dispatch
  SET lease_until = min(lease_until, :now + :leaseMs), claimed_at = min(claimed_at, :now),
    timeout_at = timeout_at - max(0, started_at - :now), started_at = min(started_at, :now)
  WHERE ${RUNNING_AHEAD}`;

// These instants of a job are compared with the past only.
const LATEST = `:now + ${LATEST_CALL_MS}`;
const JOBS_AHEAD = `created_at > ${LATEST} OR updated_at > ${LATEST} OR deleted_at > ${LATEST}`;
const PULL_JOBS = `
  UPDATE scheduled_jobs
  SET created_at = min(created_at, :now), updated_at = min(updated_at, :now), deleted_at = min(deleted_at, :now)
  WHERE ${JOBS_AHEAD}`;

const SOME_JOB_AHEAD = `SELECT 1 FROM scheduled_jobs WHERE ${JOBS_AHEAD} LIMIT 1`;

const WORKERS_AHEAD = `last_heartbeat > ${RIGHT}`;
const PULL_HEARTBEATS = `UPDATE worker_registration SET last_heartbeat = :now WHERE ${WORKERS_AHEAD}`;

const SOMETHING_AHEAD = `
  SELECT 1 WHERE EXISTS (SELECT 1 FROM job_dispatch WHERE ${WAITING_AHEAD})
    OR EXISTS (SELECT 1 FROM job_dispatch WHERE ${RUNNING_AHEAD})
    OR EXISTS (SELECT 1 FROM worker_registration WHERE ${WORKERS_AHEAD})`;

/** Puts right what was written ahead of `now`, as the contract says. */
export async function heal(
  db: Connection,
  { now, leaseMs }: { readonly now: EpochMs; readonly leaseMs: number },
): Promise<Healed> {
  // The quick part first: the longer `now` is ago, the sooner leases would end that are right.
  const runs = await healRuns(db, { now, leaseMs });
  let jobs = 0;
  for await (const some of suspects(db, now)) {
    jobs += await db.write(() => {
      let healed = 0;
      for (const { id } of some) if (healJob(db, id, now)) healed++;
      return healed;
    });
  }
  // Last: healing jobs needs these instants, to know which entries of the ledger belong to an earlier schedule.
  if (await db.read(() => db.get(SOME_JOB_AHEAD, { now })) !== undefined) {
    await db.write(() => db.run(PULL_JOBS, { now }));
  }
  return { jobs, ...runs };
}

async function healRuns(
  db: Connection,
  { now, leaseMs }: { readonly now: EpochMs; readonly leaseMs: number },
): Promise<Omit<Healed, "jobs">> {
  if (await db.read(() => db.get(SOMETHING_AHEAD, { now, leaseMs })) === undefined) return { waiting: 0, running: 0 };
  return await db.write(() => {
    const waiting = db.run(PULL_WAITING, { now });
    const running = db.run(PULL_RUNNING, { now, leaseMs });
    db.run(PULL_HEARTBEATS, { now });
    return { waiting, running };
  });
}

/** Jobs that may have to be put right, some at a time. */
async function* suspects(db: Connection, now: EpochMs): AsyncGenerator<readonly Job[]> {
  for (let after = 0;;) {
    const page = await db.read(() => db.all(ACTIVE_JOBS, { after, limit: JOBS_AT_ONCE }).map(toJob));
    const late = page.filter((job) => isNextRunTooLate(job, epochMs(healedFrom(job, now) + CLOCKS_DIFFER_MS)));
    if (late.length > 0) yield late;
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  const others = await db.read(() => db.all(JOBS_WITH_RUNS_AHEAD, { now }).map(toJob));
  for (let from = 0; from < others.length; from += JOBS_AT_ONCE) yield others.slice(from, from + JOBS_AT_ONCE);
}

/** Puts one job right as it is now. Answers whether it changed anything. */
function healJob(db: Connection, id: Job["id"], now: EpochMs): boolean {
  const row = db.get(SELECT, { id });
  if (row === undefined) return false;
  const job = toJob(row);
  const from = healedFrom(job, now);
  // A scheduler dispatches the deleted runs of an active job again in their time, but none of a paused job.
  const deleted = db.run(DELETE_AHEAD, { jobId: id, now: job.isActive ? from : epochMs(now + LATEST_CALL_MS) });
  if (!isNextRunTooLate(job, from)) return deleted > 0;
  forgetAhead(db, job, from);
  db.run(SET_NEXT_RUN, { id, nextRun: soonestRun(job, from) });
  return true;
}
