/**
 * The tables as Kysely sees them, the same for each database. Kysely compiles queries here and never runs one; what a query
 * answers is parsed by each store, so only what queries filter and sort by matters: an instant is a number of milliseconds
 * and a boolean a boolean, and each store converts them as it binds.
 *
 * @module
 */

/** All tables that lists read. */
export interface Schema {
  readonly scheduled_jobs: JobTable;
  readonly job_dispatch: DispatchTable;
  readonly job_execution_logs: ExecutionTable;
  readonly job_labels: LabelTable;
  readonly failing_jobs: FailingTable;
  readonly audit_events: AuditTable;
}

/** `audit_events`, as far as lists filter it. */
export interface AuditTable {
  readonly id: number;
  readonly at: number;
  readonly actor_name: string | null;
  readonly action: string;
  readonly subject_kind: string;
  readonly subject_id: number | null;
  readonly outcome: string;
}

/** `job_labels`. */
export interface LabelTable {
  readonly label: string;
  readonly job_id: number;
}

/** `failing_jobs`. */
export interface FailingTable {
  readonly job_id: number;
  readonly since: number;
}

/** `job_execution_logs`, as far as lists read it. */
export interface ExecutionTable {
  readonly dispatch_id: number;
  readonly job_id: number;
  readonly status: string;
}

/** `scheduled_jobs`. */
export interface JobTable {
  readonly id: number;
  readonly name: string;
  readonly script_path: string;
  readonly script_args: string;
  readonly schedule: string;
  readonly timezone: string;
  readonly policies: string;
  readonly is_active: boolean;
  readonly paused_note: string | null;
  readonly next_run: number | null;
  readonly last_dispatched_at: number | null;
  readonly revision: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly deleted_at: number | null;
  readonly search_key: string;
  readonly key: string | null;
  readonly managed_by: string | null;
  readonly labels: string;
}

/** `job_dispatch`. */
export interface DispatchTable {
  readonly id: number;
  readonly job_id: number;
  readonly scheduled_for: number;
  readonly trigger: string;
  readonly status: string;
  readonly retry_count: number;
  readonly root_id: number;
  readonly available_at: number;
  readonly priority: number;
  readonly args: string | null;
  readonly idempotency_key: string | null;
  readonly worker_id: string | null;
  readonly lease_epoch: number | null;
  readonly lease_until: number | null;
  readonly claimed_at: number | null;
  readonly started_at: number | null;
  readonly timeout_at: number | null;
  readonly completed_at: number | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly error_message: string | null;
  readonly cancel_requested_at: number | null;
  readonly cancel_reason: string | null;
  readonly cancelled_for: number | null;
  readonly job_revision: number;
  readonly correlation_id: string;
  readonly created_at: number;
  /** The name of the run's queue group. */
  readonly lane: string;
  readonly decision: string | null;
  readonly backfill_id: string | null;
  readonly at_once: number | null;
  readonly webhook_id: number | null;
  readonly webhook_name: string | null;
}
