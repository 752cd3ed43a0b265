/**
 * Pieces of statements that end attempts. Each statement that ends some is one statement: a WITH whose part `ended` is the
 * guarded UPDATE, returning whole rows of `job_dispatch`, and the parts below, which follow from it.
 *
 * @module
 */
import { DISPATCH_COLUMNS } from "../lists.ts";

/** The channel of all notifications; the payload names the topic, or `runs` where there is none. */
export const CHANNEL = "job_trigger";

/** Selects what `toDispatch()` takes; a WHERE about `d` (the attempt) or `j` (its job) follows. */
export const SELECT_DISPATCH: string = `
  SELECT ${DISPATCH_COLUMNS.join(", ")} FROM job_dispatch d JOIN scheduled_jobs j ON j.id = d.job_id`;

/** What ends a lease, in an UPDATE of `job_dispatch`. */
export const END_LEASE = "lease_epoch = NULL, lease_until = NULL, timeout_at = NULL";

/** Counts the chunks of `d` that are stored, for the claim after this one. Index: the primary key. */
export const NEXT_SEQ = "(SELECT coalesce(max(seq) + 1, 0) FROM job_log_chunks WHERE dispatch_id = d.id)";

/** What the row and the stored output tell of an attempt that no worker reports on: a part that needs `ended`. */
export const LOG_FROM_ROW = `
  INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, duration_ms, log_bytes, truncated)
  SELECT id, job_id, completed_at, status,
    greatest(0, extract(epoch FROM completed_at - coalesce(started_at, completed_at)) * 1000)::bigint,
    (SELECT coalesce(sum(octet_length(data)), 0) FROM job_log_chunks
      WHERE dispatch_id = ended.id AND stream <> 'system'), false
  FROM ended`;

/** The retries of what has ended: a part that needs `ended` with `retry_at`, a timestamptz. */
export const INSERT_RETRIES = `
  INSERT INTO job_dispatch (root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, priority, args,
    job_revision, correlation_id, created_at)
  SELECT e.root_id, e.job_id, e.scheduled_for, 'retry', 'PENDING', e.retry_count + 1, e.retry_at, e.priority, e.args,
    j.revision, e.correlation_id, e.completed_at
  FROM ended e JOIN scheduled_jobs j ON j.id = e.job_id
  WHERE e.retry_at IS NOT NULL AND e.cancel_requested_at IS NULL AND j.deleted_at IS NULL
  RETURNING 1`;

/** Ends what waits, chosen by a condition on `d`, with its execution rows. $1: now, $2: the message. */
export function cancelWaiting(condition: string): string {
  return `
    WITH ended AS (
      UPDATE job_dispatch d SET status = 'CANCELLED', completed_at = $1::timestamptz, error_message = $2
      WHERE d.status = 'PENDING' AND ${condition}
      RETURNING d.*
    ), logged AS (${LOG_FROM_ROW})
    SELECT id FROM ended`;
}
