/**
 * Puts right what a clock that was ahead has written, in PostgreSQL. Looks without locks first.
 *
 * @module
 */
import { type EpochMs, epochMs, type JobId } from "../../domain/mod.ts";
import { isNextRunTooLate, soonestRun } from "../../policy/ahead.ts";
import { toJob } from "../job_rows.ts";
import { CLOCKS_DIFFER_MS, type Healed, healedFrom, LATEST_CALL_MS } from "../store.ts";
import { CHANNEL } from "./attempts.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { forgetAhead } from "./ledger.ts";
import { instant } from "./values.ts";

/** Most jobs that one transaction puts right. */
const JOBS_AT_ONCE = 500;

// Index: the primary key, page by page.
const ACTIVE_JOBS = statement(
  "SELECT * FROM scheduled_jobs WHERE id > $1 AND is_active AND deleted_at IS NULL ORDER BY id LIMIT $2",
);

// First attempts of occurrences that are still to come, which no worker has begun. Index: job_dispatch_waiting, all of it, as in all that
// follow: waiting runs are live rows.
const AHEAD = "status = 'PENDING' AND trigger = 'schedule' AND scheduled_for > $1 AND log_seq = 0";
/** An instant after this one was written ahead. */
const RIGHT = `$1::timestamptz + interval '${CLOCKS_DIFFER_MS} milliseconds'`;
const JOBS_WITH_RUNS_AHEAD = statement(
  `SELECT * FROM scheduled_jobs WHERE deleted_at IS NULL AND id IN (SELECT job_id FROM job_dispatch WHERE ${AHEAD} AND scheduled_for > ${RIGHT})`,
);

// In one order, so that two schedulers that heal the same jobs wait for each other and never deadlock.
const LOCK = statement(`
  SELECT * FROM scheduled_jobs WHERE id = ANY($1::bigint[]) AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE`);

// A run that a worker is claiming at this moment stays. The jobs are locked, so that no scheduler dispatches meanwhile. Index:
// job_dispatch_waiting_by_job.
const DELETE_AHEAD = statement(`
  DELETE FROM job_dispatch WHERE id = ANY(ARRAY(
    SELECT d.id FROM unnest($1::bigint[], $2::float8[]) AS h (job_id, ms) JOIN job_dispatch d ON d.job_id = h.job_id
    WHERE d.status = 'PENDING' AND d.trigger = 'schedule' AND d.scheduled_for > to_timestamp(h.ms / 1000) AND d.log_seq = 0
    FOR UPDATE OF d SKIP LOCKED))
  RETURNING job_id`);

const SET_NEXT_RUNS = statement(`
  UPDATE scheduled_jobs j SET next_run = to_timestamp(n.at / 1000)
  FROM unnest($1::bigint[], $2::float8[]) AS n (id, at) WHERE j.id = n.id`);

// Other waiting runs that were written ahead. A run of the schedule is available by its own time, any other waits as long as was
// meant.
const PULL_WAITING = statement(`
  UPDATE job_dispatch
  SET created_at = $1::timestamptz, available_at = CASE
    WHEN trigger <> 'schedule' THEN $1::timestamptz + (available_at - created_at)
    WHEN scheduled_for > $1 THEN least(available_at, $1::timestamptz)
    ELSE available_at END
  WHERE id = ANY(ARRAY(
    SELECT id FROM job_dispatch WHERE status = 'PENDING' AND created_at > ${RIGHT} AND NOT (${AHEAD}) FOR UPDATE SKIP LOCKED))
  RETURNING 1`);

// $2: the end of a lease that begins now. A row that is locked is passed over: its worker is writing it, by a clock that is right.
// Index: job_dispatch_running, all of it.
const PULL_RUNNING = statement(`
  UPDATE job_dispatch
  SET lease_until = least(lease_until, $2::timestamptz), claimed_at = least(claimed_at, $1::timestamptz),
    timeout_at = timeout_at - greatest(interval '0', started_at - $1::timestamptz),
    started_at = CASE WHEN started_at > $1 THEN $1::timestamptz ELSE started_at END
  WHERE id = ANY(ARRAY(
    SELECT id FROM job_dispatch
    WHERE status = 'IN_PROGRESS' AND (lease_until > $2::timestamptz + ($2::timestamptz - $1::timestamptz) OR claimed_at > ${RIGHT} OR started_at > ${RIGHT})
    FOR UPDATE SKIP LOCKED))
  RETURNING 1`);

const LATEST = `$1::timestamptz + interval '${LATEST_CALL_MS} milliseconds'`;

// These instants of a job are compared with the past only.
const PULL_JOBS = statement(`
  UPDATE scheduled_jobs
  SET created_at = least(created_at, $1::timestamptz), updated_at = least(updated_at, $1::timestamptz),
    deleted_at = CASE WHEN deleted_at > $1 THEN $1::timestamptz ELSE deleted_at END
  WHERE id = ANY(ARRAY(
    SELECT id FROM scheduled_jobs WHERE created_at > ${LATEST} OR updated_at > ${LATEST} OR deleted_at > ${LATEST}
    FOR NO KEY UPDATE SKIP LOCKED))`);

const PULL_HEARTBEATS = statement(
  `UPDATE worker_registration SET last_heartbeat = $1 WHERE last_heartbeat > ${RIGHT}`,
);

const NOTIFY = statement(`
  SELECT pg_notify('${CHANNEL}', 'schedule')::text AS schedule, pg_notify('${CHANNEL}', 'queue')::text AS queue`);

/** Puts right what was written ahead of `now`, as the contract says. */
export async function heal(
  db: Connection,
  { now, leaseMs }: { readonly now: EpochMs; readonly leaseMs: number },
): Promise<Healed> {
  // The quick part first: the longer `now` is ago, the sooner leases would end that are right.
  const leaseUntil = instant(epochMs(now + leaseMs));
  const waiting = (await db.all(PULL_WAITING, [instant(now)])).length;
  const running = (await db.all(PULL_RUNNING, [instant(now), leaseUntil])).length;
  await db.all(PULL_HEARTBEATS, [instant(now)]);
  let jobs = 0;
  for await (const some of suspects(db, now)) jobs += await db.transaction((tx) => healJobs(tx, some, now));
  // Last: healing jobs needs these instants, to know which entries of the ledger belong to an earlier schedule.
  await db.all(PULL_JOBS, [instant(now)]);
  if (jobs + waiting > 0) await db.all(NOTIFY);
  return { jobs, waiting, running };
}

/** Jobs that may have to be put right, some at a time. */
async function* suspects(db: Connection, now: EpochMs): AsyncGenerator<readonly JobId[]> {
  for (let after = 0;;) {
    const page = (await db.all(ACTIVE_JOBS, [after, JOBS_AT_ONCE])).map(toJob);
    const late = page.filter((job) => isNextRunTooLate(job, epochMs(healedFrom(job, now) + CLOCKS_DIFFER_MS)));
    if (late.length > 0) yield late.map(({ id }) => id);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  const others = (await db.all(JOBS_WITH_RUNS_AHEAD, [instant(now)])).map(toJob).map(({ id }) => id);
  for (let from = 0; from < others.length; from += JOBS_AT_ONCE) yield others.slice(from, from + JOBS_AT_ONCE);
}

/** Puts some jobs right as they are now. Answers how many it changed. */
async function healJobs(tx: Session, ids: readonly JobId[], now: EpochMs): Promise<number> {
  const jobs = (await tx.all(LOCK, [ids])).map(toJob);
  // A scheduler dispatches the deleted runs of an active job again in their time, but none of a paused job.
  const deleted = await tx.all(DELETE_AHEAD, [
    jobs.map(({ id }) => id),
    jobs.map((job) => job.isActive ? healedFrom(job, now) : now + LATEST_CALL_MS),
  ]);
  const changed = new Set(deleted.map((row) => row["job_id"]));
  const late = jobs.filter((job) => isNextRunTooLate(job, healedFrom(job, now)));
  for (const [from, some] of Map.groupBy(late, (job) => healedFrom(job, now))) await forgetAhead(tx, some, from);
  if (late.length > 0) {
    await tx.all(SET_NEXT_RUNS, [
      late.map(({ id }) => id),
      late.map((job) => soonestRun(job, healedFrom(job, now))),
    ]);
  }
  for (const { id } of late) changed.add(id);
  return changed.size;
}
