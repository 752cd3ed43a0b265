/**
 * The moves of an attempt that more than one part of the store makes. Each runs inside the caller's write transaction.
 *
 * @module
 */
import type {
  Backfill,
  Cancel,
  Decision,
  DispatchId,
  EpochMs,
  FinalStatus,
  Job,
  JobId,
  RunWebhook,
  Trigger,
} from "../../domain/mod.ts";
import { queueGroupName, queueGroupOf } from "../../policy/queue_group.ts";
import { cancelColumns } from "../cancel_rows.ts";
import { formatDecision } from "../json.ts";
import type { ClaimRef } from "../store.ts";
import type { Connection } from "./connection.ts";
import { insertEnds } from "./events.ts";
import { toDispatchIds } from "../rows.ts";
import { DISPATCH_COLUMNS } from "../run_rows.ts";

/** Selects the columns that `toDispatch()` takes; a WHERE about `d` (the attempt) or `j` (its job) follows. */
export const SELECT_DISPATCH: string = `
  SELECT ${DISPATCH_COLUMNS.join(", ")} FROM job_dispatch d CROSS JOIN scheduled_jobs j ON j.id = d.job_id`;

/** Counts the waiting runs of the job `:jobId`. Index: job_dispatch_unfinished. */
export const COUNT_WAITING =
  "SELECT count(*) AS n FROM job_dispatch WHERE job_id = :jobId AND completed_at IS NULL AND status = 'PENDING'";

// A first attempt is its own root, so its id is taken ahead of the insert, under the write lock. Nothing is inserted where
// the occurrence has been dispatched already: index job_dispatch_occurrence.
const INSERT_FIRST = `
  INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, priority, lane,
    is_forced, backfill_id, at_once, decision, args, idempotency_key, job_revision, correlation_id, created_at, webhook_id,
    webhook_name)
  SELECT next, next, :jobId, :scheduledFor, :trigger, 'PENDING', 0, :availableAt, :priority, :group,
    :isForced, :backfillId, :atOnce, :decision, :args, :idempotencyKey, :jobRevision, :correlationId, :now, :webhookId,
    :webhookName
  FROM (SELECT coalesce(max(seq), 0) + 1 AS next FROM sqlite_sequence WHERE name = 'job_dispatch')
  WHERE true
  ON CONFLICT (job_id, scheduled_for) WHERE trigger = 'schedule' DO NOTHING
  RETURNING id`;

// Index: the primary key, as in all that follow.
const INSERT_RETRY = `
  INSERT INTO job_dispatch (root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, priority, lane,
    is_forced, backfill_id, at_once, args, job_revision, correlation_id, created_at)
  SELECT d.root_id, d.job_id, d.scheduled_for, 'retry', 'PENDING', d.retry_count + 1, :retryAt, d.priority, d.lane,
    d.is_forced, d.backfill_id, d.at_once, d.args, j.revision, d.correlation_id, :now
  FROM job_dispatch d CROSS JOIN scheduled_jobs j ON j.id = d.job_id
  WHERE d.id = :id AND d.cancel_requested_at IS NULL AND j.deleted_at IS NULL`;

const END_HELD = `
  UPDATE job_dispatch
  SET status = :status, completed_at = :now, started_at = coalesce(started_at, :startedAt), exit_code = :exitCode,
    signal = :signal, error_message = :errorMessage, reported_epoch = CASE WHEN :isReported = 1 THEN lease_epoch END,
    lease_epoch = NULL, lease_until = NULL, timeout_at = NULL, place_key = NULL, place = NULL
  WHERE id = :dispatchId AND status = 'IN_PROGRESS' AND lease_epoch = :epoch`;

const END_WAITING = `
  UPDATE job_dispatch
  SET status = 'CANCELLED', completed_at = :now, cancel_reason = :cancelReason, cancelled_for = :cancelledFor
  WHERE id = :id AND status = 'PENDING'`;

const TO_WAITING = `
  UPDATE job_dispatch
  SET status = 'PENDING', available_at = min(available_at, :now), worker_id = NULL, claimed_at = NULL, started_at = NULL,
    lease_epoch = NULL, lease_until = NULL, timeout_at = NULL, place_key = NULL, place = NULL,
    log_seq = (SELECT coalesce(max(seq) + 1, 0) FROM job_log_chunks WHERE dispatch_id = job_dispatch.id)
  WHERE id = :dispatchId AND status = 'IN_PROGRESS' AND lease_epoch = :epoch AND cancel_requested_at IS NULL`;

// Of an attempt that no worker reports on, the row and the stored output say all that is known.
const INSERT_EXECUTION_FROM_ROW = `
  INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, duration_ms, log_bytes, truncated)
  SELECT id, job_id, completed_at, status, max(0, completed_at - coalesce(started_at, completed_at)),
    (SELECT coalesce(sum(octet_length(data)), 0) FROM job_log_chunks WHERE dispatch_id = d.id AND stream <> 'system'), 0
  FROM job_dispatch d WHERE id = :id`;

const WAITING_OF_JOB = `
  SELECT id FROM job_dispatch
  WHERE job_id = :jobId AND completed_at IS NULL AND status = 'PENDING' AND (backfill_id IS NULL OR :withBackfills = 1)
    AND id IS NOT :cancelledFor`;

// Index: job_dispatch_unfinished.
const STOP_RUNNING = `
  UPDATE job_dispatch SET cancel_requested_at = :now, cancel_reason = :cancelReason, cancelled_for = :cancelledFor
  WHERE job_id = :jobId AND completed_at IS NULL AND status = 'IN_PROGRESS' AND cancel_requested_at IS NULL
    AND (backfill_id IS NULL OR :withBackfills = 1) AND id IS NOT :cancelledFor`;

/** A first attempt, beside its job. */
export interface FirstAttempt {
  readonly scheduledFor: EpochMs;
  readonly availableAt: EpochMs;
  readonly trigger: Trigger;
  readonly decision?: Decision;
  readonly args?: readonly string[] | null;
  readonly isForced?: boolean;
  readonly backfill?: Backfill;
  readonly idempotencyKey?: string | null;
  readonly webhook?: RunWebhook | undefined;
  /** Default: a new one. */
  readonly correlationId?: string;
  readonly now: EpochMs;
}

/** Writes a first attempt of `job`. Null: that occurrence has one already. */
export function insertFirst(db: Connection, job: Job, first: FirstAttempt): DispatchId | null {
  const { args = null, decision, isForced = false, backfill = null, idempotencyKey = null } = first;
  const rows = db.all(INSERT_FIRST, {
    jobId: job.id,
    scheduledFor: first.scheduledFor,
    availableAt: first.availableAt,
    trigger: first.trigger,
    priority: job.policies.priority,
    group: queueGroupName(queueGroupOf(job, { isForced, backfill })),
    isForced,
    backfillId: backfill?.id ?? null,
    atOnce: backfill?.atOnce ?? null,
    decision: decision === undefined ? null : formatDecision(decision),
    args: args === null ? null : JSON.stringify(args),
    idempotencyKey,
    jobRevision: job.revision,
    correlationId: first.correlationId ?? crypto.randomUUID(),
    webhookId: first.webhook?.id ?? null,
    webhookName: first.webhook?.name ?? null,
    now: first.now,
  });
  return toDispatchIds(rows)[0] ?? null;
}

/** Writes the attempt after `id`, unless a cancel was asked for or the job is deleted. Answers whether it did. */
export function insertRetry(db: Connection, id: DispatchId, at: { retryAt: EpochMs; now: EpochMs }): boolean {
  return db.run(INSERT_RETRY, { id, ...at }) === 1;
}

/** Puts a held attempt into a final state. False: `ref` does not hold it. The execution row and the event are the caller's to write. */
export function endHeld(
  db: Connection,
  { dispatchId, epoch }: ClaimRef,
  end: {
    readonly status: FinalStatus;
    readonly exitCode: number | null;
    readonly signal: string | null;
    readonly errorMessage: string | null;
    readonly startedAt: EpochMs | null;
    /** Whether the worker that holds it reports the end. */
    readonly isReported: boolean;
    readonly now: EpochMs;
  },
): boolean {
  const { status, exitCode, signal, errorMessage, startedAt, isReported, now } = end;
  const values = { dispatchId, epoch, status, exitCode, signal, errorMessage, startedAt, isReported, now };
  return db.run(END_HELD, values) === 1;
}

/** Ends a held attempt that no worker reports on, with its execution row, retry and event. False: `ref` does not hold it. */
export function endUnreported(
  db: Connection,
  ref: ClaimRef,
  end: {
    readonly status: "TIMEOUT" | "CANCELLED";
    readonly errorMessage: string | null;
    readonly retryAt: EpochMs | null;
    readonly now: EpochMs;
  },
): boolean {
  const { status, retryAt, now } = end;
  const unknown = { exitCode: null, signal: null, startedAt: null, isReported: false };
  if (!endHeld(db, ref, { ...end, ...unknown })) return false;
  const { dispatchId: id } = ref;
  db.run(INSERT_EXECUTION_FROM_ROW, { id });
  const isRetried = retryAt !== null && insertRetry(db, id, { retryAt, now });
  insertEnds(db, [{ id, execution: status, isRetried }]);
  return true;
}

/** Cancels a waiting attempt, with its execution row and event. False: it does not wait. */
export function cancelWaiting(
  db: Connection,
  id: DispatchId,
  { cancel, now }: { readonly cancel: Cancel; readonly now: EpochMs },
): boolean {
  if (db.run(END_WAITING, { id, ...cancelColumns(cancel), now }) !== 1) return false;
  db.run(INSERT_EXECUTION_FROM_ROW, { id });
  insertEnds(db, [{ id, execution: "CANCELLED", isRetried: false }]);
  return true;
}

/** Which runs of a job are cancelled, except the one that they make room for, and why. */
export interface Cancelling {
  readonly cancel: Cancel;
  readonly now: EpochMs;
  /** Whether runs of backfills are cancelled, too. */
  readonly withBackfills: boolean;
}

/** Cancels the unfinished runs of a job: waiting ones at once, running ones on request. Index: job_dispatch_unfinished. */
export function cancelAll(db: Connection, jobId: JobId, cancelling: Cancelling): void {
  const { cancel, now, withBackfills } = cancelling;
  db.run(STOP_RUNNING, { jobId, now, withBackfills, ...cancelColumns(cancel) });
  cancelAllWaiting(db, jobId, cancelling);
}

/** Cancels the waiting runs of a job. Answers how many. Index: job_dispatch_unfinished. */
export function cancelAllWaiting(db: Connection, jobId: JobId, { cancel, now, withBackfills }: Cancelling): number {
  const { cancelledFor } = cancelColumns(cancel);
  const waiting = toDispatchIds(db.all(WAITING_OF_JOB, { jobId, withBackfills, cancelledFor }));
  for (const id of waiting) cancelWaiting(db, id, { cancel, now });
  return waiting.length;
}

/** Releases a held attempt to the queue. One that was to be cancelled ends here, since nobody would stop it any more. */
export function release(db: Connection, { dispatchId, epoch }: ClaimRef, now: EpochMs): void {
  if (db.run(TO_WAITING, { dispatchId, epoch, now }) === 1) return;
  endUnreported(db, { dispatchId, epoch }, { status: "CANCELLED", errorMessage: null, retryAt: null, now });
}
