/**
 * Parts of the statements that end attempts. Attempts end in one statement: a WITH whose part `ended` is the guarded UPDATE, which
 * returns whole rows of `job_dispatch`, and the parts below, which follow from it.
 *
 * @module
 */
import type { Backfill, Cancel, Decision, EpochMs, Job, JobId, Trigger } from "../../domain/mod.ts";
import { queueGroupName, queueGroupOf } from "../../policy/queue_group.ts";
import { formatDecision } from "../json.ts";
import { cancelColumns } from "../cancel_rows.ts";
import { DISPATCH_COLUMNS, toDispatchedRun } from "../run_rows.ts";
import type { DispatchedRun } from "../scheduling_store.ts";
import { type Session, type Statement, statement } from "./connection.ts";
import { insertEnds } from "./events.ts";
import { instant, json, type Value } from "./values.ts";

/** The channel of all notifications; the payload names the topic, or `runs` where there is none. */
export const CHANNEL = "job_trigger";

/** Selects the columns that `toDispatch()` takes; a WHERE about `d` (the attempt) or `j` (its job) follows. */
export const SELECT_DISPATCH: string = `
  SELECT ${DISPATCH_COLUMNS.join(", ")} FROM job_dispatch d JOIN scheduled_jobs j ON j.id = d.job_id`;

/** Ends a lease, in an UPDATE of `job_dispatch`. */
export const END_LEASE = "lease_epoch = NULL, lease_until = NULL, timeout_at = NULL, place_key = NULL, place = NULL";

/** Counts the chunks of `d` that are stored, for the claim after this one. Index: the primary key. */
export const NEXT_SEQ = "(SELECT coalesce(max(seq) + 1, 0) FROM job_log_chunks WHERE dispatch_id = d.id)";

/** The execution row of an attempt that no worker reports on, from its row and its stored output: a part that needs `ended`. */
export const LOG_FROM_ROW = `
  INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, duration_ms, log_bytes, truncated)
  SELECT id, job_id, completed_at, status,
    greatest(0, extract(epoch FROM completed_at - coalesce(started_at, completed_at)) * 1000)::bigint,
    (SELECT coalesce(sum(octet_length(data)), 0) FROM job_log_chunks
      WHERE dispatch_id = ended.id AND stream <> 'system'), false
  FROM ended`;

/** The retries of attempts that have ended: a part that needs `ended` with `retry_at`, a timestamptz. */
export const INSERT_RETRIES = `
  INSERT INTO job_dispatch (root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, priority, lane,
    is_forced, backfill_id, at_once, args, job_revision, correlation_id, created_at)
  SELECT e.root_id, e.job_id, e.scheduled_for, 'retry', 'PENDING', e.retry_count + 1, e.retry_at, e.priority, e.lane,
    e.is_forced, e.backfill_id, e.at_once, e.args, j.revision, e.correlation_id, e.completed_at
  FROM ended e JOIN scheduled_jobs j ON j.id = e.job_id
  WHERE e.retry_at IS NOT NULL AND e.cancel_requested_at IS NULL AND j.deleted_at IS NULL
  RETURNING root_id`;

/**
 * Whether the end of a row of `ended` may let another run start. A run that waits for another's end is in a queue group with a name,
 * and so is the other.
 */
export const FREES = "EXISTS (SELECT 1 FROM ended WHERE lane <> '')";

/** Whether {@linkcode INSERT_RETRIES} as the part `retried` has written a row. */
export const RETRIES = "EXISTS (SELECT 1 FROM retried)";

/** Wakes workers when another run may start: a select to be joined by UNION ALL, of no more than one row. */
export const WAKE_AFTER_END: string = `
  SELECT NULL, pg_notify('${CHANNEL}', 'queue')::text WHERE ${FREES} OR ${RETRIES}`;

/**
 * Cancels waiting runs, with their execution rows and events: those rows of `d` that match a row of `from`, whose column `run` is the
 * run that they make room for. $1: now, $2: the reason.
 */
export function cancelWaiting({ from, condition }: { readonly from: string; readonly condition: string }): string {
  return `
    WITH ended AS (
      UPDATE job_dispatch d
      SET status = 'CANCELLED', completed_at = $1::timestamptz, cancel_reason = $2, cancelled_for = c.run
      FROM ${from} WHERE d.status = 'PENDING' AND ${condition}
      RETURNING d.*
    ), logged AS (${LOG_FROM_ROW}), events AS (${insertEnds()}), retried AS (SELECT 1 WHERE false)
    SELECT id, NULL AS notified FROM ended UNION ALL ${WAKE_AFTER_END}`;
}

// The runs of some jobs, except the one of each job that they make room for. $3: the jobs, $4: those runs, $5: backfills too.
const OF_JOBS = {
  from: "unnest($3::bigint[], $4::bigint[]) AS c (job, run)",
  condition: "d.job_id = c.job AND d.id IS DISTINCT FROM c.run AND (d.backfill_id IS NULL OR $5)",
};

// Indexes: job_dispatch_waiting_by_job, job_dispatch_running.
const CANCEL_WAITING_OF = statement(cancelWaiting(OF_JOBS));
const STOP_RUNNING_OF = statement(`
  UPDATE job_dispatch d SET cancel_requested_at = $1::timestamptz, cancel_reason = $2, cancelled_for = c.run
  FROM ${OF_JOBS.from} WHERE d.status = 'IN_PROGRESS' AND d.cancel_requested_at IS NULL AND ${OF_JOBS.condition}`);
const NOTIFY_CANCEL = statement(`SELECT pg_notify('${CHANNEL}', 'cancel')::text AS notified`);

/** The jobs whose runs are cancelled, and why. All have the same reason. */
export interface Cancelling {
  readonly jobs: readonly { readonly jobId: JobId; readonly cancel: Cancel }[];
  readonly now: EpochMs;
  /** Whether runs of backfills are cancelled, too. */
  readonly withBackfills: boolean;
}

/** Cancels the unfinished runs of some jobs: waiting ones at once, running ones on request. */
export async function cancelAll(tx: Session, cancelling: Cancelling): Promise<void> {
  if (cancelling.jobs.length === 0) return;
  await tx.all(STOP_RUNNING_OF, valuesOf(cancelling));
  await cancelAllWaiting(tx, cancelling);
}

/** Cancels the waiting runs of some jobs. Answers how many. */
export async function cancelAllWaiting(tx: Session, cancelling: Cancelling): Promise<number> {
  const rows = await tx.all(CANCEL_WAITING_OF, valuesOf(cancelling));
  await tx.all(NOTIFY_CANCEL);
  return rows.filter((row) => row["id"] !== null).length;
}

function valuesOf({ jobs, now, withBackfills }: Cancelling): Value[] {
  const columns = jobs.map(({ cancel }) => cancelColumns(cancel));
  return [
    instant(now),
    columns[0]?.cancelReason ?? null,
    jobs.map(({ jobId }) => jobId),
    columns.map(({ cancelledFor }) => cancelledFor),
    withBackfills,
  ];
}

/** Counts the waiting runs of the job $1. Index: job_dispatch_waiting_by_job. */
export const COUNT_WAITING: Statement = statement(
  "SELECT count(*) AS n FROM job_dispatch WHERE job_id = $1 AND status = 'PENDING'",
);

// Nothing is inserted where the occurrence has been dispatched already: index job_dispatch_occurrence.
const INSERT_FIRST = statement(`
  INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, priority, lane,
    is_forced, backfill_id, at_once, decision, args, idempotency_key, job_revision, correlation_id, created_at)
  SELECT f.id, f.id, f.job_id, f.at, $12, 'PENDING', 0, f.available, f.priority, f.lane,
    f.is_forced, f.backfill_id, f.at_once, f.decision, f.args::jsonb, f.key, f.revision, gen_random_uuid()::text,
    $13::timestamptz
  FROM (
    SELECT nextval(pg_get_serial_sequence('job_dispatch', 'id')) AS id, job_id, to_timestamp(ms / 1000) AS at,
      to_timestamp(available / 1000) AS available, priority, lane, is_forced, backfill_id, at_once, decision, args, key,
      revision
    FROM unnest($1::bigint[], $2::float8[], $3::float8[], $4::integer[], $5::text[], $6::boolean[], $7::text[],
        $8::integer[], $9::text[], $10::text[], $11::text[], $14::integer[])
      AS o (job_id, ms, available, priority, lane, is_forced, backfill_id, at_once, decision, args, key, revision)
  ) f
  ON CONFLICT DO NOTHING
  RETURNING id, job_id, scheduled_for, correlation_id`);

/** A first attempt. */
export interface FirstAttempt {
  readonly job: Job;
  readonly scheduledFor: EpochMs;
  readonly availableAt: EpochMs;
  readonly decision?: Decision;
  readonly args?: readonly string[] | null;
  readonly isForced?: boolean;
  readonly backfill?: Backfill;
  readonly idempotencyKey?: string | null;
}

/** Writes first attempts. Answers those that did not exist yet. */
export async function insertFirst(
  tx: Session,
  firsts: readonly FirstAttempt[],
  { trigger, now }: { readonly trigger: Trigger; readonly now: EpochMs },
): Promise<readonly DispatchedRun[]> {
  if (firsts.length === 0) return [];
  const rows = await tx.all(INSERT_FIRST, [
    firsts.map(({ job }) => job.id),
    firsts.map(({ scheduledFor }) => scheduledFor),
    firsts.map(({ availableAt }) => availableAt),
    firsts.map(({ job }) => job.policies.priority),
    firsts.map(({ job, isForced = false, backfill = null }) =>
      queueGroupName(queueGroupOf(job, { isForced, backfill }))
    ),
    firsts.map(({ isForced = false }) => isForced),
    firsts.map(({ backfill }) => backfill?.id ?? null),
    firsts.map(({ backfill }) => backfill?.atOnce ?? null),
    firsts.map(({ decision }) => decision === undefined ? null : formatDecision(decision)),
    firsts.map(({ args = null }) => args === null ? null : json(args)),
    firsts.map(({ idempotencyKey }) => idempotencyKey ?? null),
    trigger,
    instant(now),
    firsts.map(({ job }) => job.revision),
  ]);
  return rows.map(toDispatchedRun);
}
