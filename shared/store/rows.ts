/**
 * Rows become domain values here, and nowhere else. Every database answers in the same shapes: an instant is a number of
 * milliseconds, JSON is text; a truth value is 0 or 1 in SQLite and a boolean in PostgreSQL.
 *
 * @module
 */
import { z } from "zod";
import {
  type Dispatch,
  type DispatchState,
  type Execution,
  EXECUTION_STATUSES,
  FINAL_STATUSES,
  type Job,
  LEDGER_REASONS,
  type LedgerEntry,
  LOG_STREAMS,
  type LogChunk,
  TRIGGERS,
  type Worker,
  WORKER_STATUSES,
} from "../domain/mod.ts";
import { type DispatchId, dispatchId, type EpochMs, epochMs, type JobId, jobId, workerId } from "../domain/brand.ts";
import { parseQueueGroup } from "../policy/queue_group.ts";
import { cancelMessage, toCancel } from "./cancel_rows.ts";
import { parseDecision, parsePolicies, parseSchedule, parseTexts } from "./json.ts";
import type { Claim, ClaimRef, LogPlace, LostAttempt } from "./store.ts";

/** A row as a driver answers it. */
export type Row = Readonly<Record<string, unknown>>;

/** An instant, in milliseconds. */
export const instant: z.ZodType<EpochMs, number> = z.number().transform(epochMs);
const ofJob = z.number().transform(jobId);
/** The id of an attempt. */
export const ofDispatch: z.ZodType<DispatchId, number> = z.number().transform(dispatchId);
const ofWorker = z.string().transform(workerId);
const texts = z.string().transform(parseTexts);
/** A truth value, as each database has it. */
export const flag: z.ZodType<boolean, boolean | 0 | 1> = z.union([z.boolean(), z.literal(0), z.literal(1)]).transform((
  value,
) => value === true || value === 1);

const jobRow = z.object({
  id: ofJob,
  name: z.string(),
  key: z.string().nullable(),
  managed_by: z.string().nullable(),
  labels: texts,
  script_path: z.string(),
  script_args: texts,
  schedule: z.string().transform(parseSchedule),
  timezone: z.string(),
  policies: z.string().transform(parsePolicies),
  is_active: flag,
  paused_note: z.string().nullable(),
  next_run: instant.nullable(),
  last_dispatched_at: instant.nullable(),
  revision: z.number(),
  created_at: instant,
  updated_at: instant,
});

/** A row of `scheduled_jobs`. */
export function toJob(row: Row): Job {
  const r = jobRow.parse(row);
  return {
    id: r.id,
    name: r.name,
    key: r.key,
    managedBy: r.managed_by,
    labels: r.labels,
    scriptPath: r.script_path,
    scriptArgs: r.script_args,
    schedule: r.schedule,
    timezone: r.timezone,
    policies: r.policies,
    isActive: r.is_active,
    pausedNote: r.paused_note,
    nextRun: r.next_run,
    lastDispatchedAt: r.last_dispatched_at,
    revision: r.revision,
    createdAt: r.created_at,
    updatedAt: r.updated_at,
  };
}

const ended = {
  worker_id: ofWorker.nullable(),
  claimed_at: instant.nullable(),
  started_at: instant.nullable(),
  completed_at: instant,
  exit_code: z.number().nullable(),
  signal: z.string().nullable(),
  error_message: z.string().nullable(),
};

const stateRow = z.discriminatedUnion("status", [
  z.object({ status: z.literal("PENDING"), available_at: instant }),
  z.object({
    status: z.literal("IN_PROGRESS"),
    worker_id: ofWorker,
    lease_epoch: z.number(),
    lease_until: instant,
    claimed_at: instant,
    started_at: instant.nullable(),
    cancel_requested_at: instant.nullable(),
  }),
  z.object({ status: z.enum(FINAL_STATUSES), ...ended }),
]);

function toState(row: Row): DispatchState {
  const r = stateRow.parse(row);
  switch (r.status) {
    case "PENDING":
      return { status: r.status, availableAt: r.available_at };
    case "IN_PROGRESS":
      return {
        status: r.status,
        lease: { workerId: r.worker_id, epoch: r.lease_epoch, until: r.lease_until },
        claimedAt: r.claimed_at,
        startedAt: r.started_at,
        cancelRequestedAt: r.cancel_requested_at,
        cancel: toCancel(row),
      };
    case "COMPLETED":
    case "FAILED":
    case "TIMEOUT":
    case "CANCELLED": {
      const cancel = toCancel(row);
      return {
        status: r.status,
        workerId: r.worker_id,
        claimedAt: r.claimed_at,
        startedAt: r.started_at,
        completedAt: r.completed_at,
        exitCode: r.exit_code,
        signal: r.signal,
        errorMessage: r.status === "CANCELLED" ? cancelMessage(cancel, r.error_message) : r.error_message,
        cancel,
      };
    }
  }
}

const dispatchRow = z.object({
  id: ofDispatch,
  job_id: ofJob,
  job_name: z.string(),
  scheduled_for: instant,
  trigger: z.enum(TRIGGERS),
  retry_count: z.number(),
  root_id: ofDispatch,
  args: texts.nullable(),
  job_revision: z.number(),
  correlation_id: z.string(),
  created_at: instant,
  priority: z.number(),
  lane: z.string().transform(parseQueueGroup),
  decision: z.string().transform(parseDecision).nullable(),
  backfill_id: z.string().nullable(),
  at_once: z.number().nullable(),
});

/** A row of `job_dispatch` with `job_name`: the columns `DISPATCH_COLUMNS`. */
export function toDispatch(row: Row): Dispatch {
  const r = dispatchRow.parse(row);
  return {
    id: r.id,
    jobId: r.job_id,
    jobName: r.job_name,
    scheduledFor: r.scheduled_for,
    trigger: r.trigger,
    retryCount: r.retry_count,
    rootId: r.root_id,
    args: r.args,
    jobRevision: r.job_revision,
    correlationId: r.correlation_id,
    createdAt: r.created_at,
    priority: r.priority,
    needs: r.lane,
    decision: r.decision,
    backfill: r.backfill_id === null || r.at_once === null ? null : { id: r.backfill_id, atOnce: r.at_once },
    state: toState(row),
  };
}

const claimRow = z.object({
  id: ofDispatch,
  job_id: ofJob,
  job_name: z.string(),
  script_path: z.string(),
  args: texts,
  policies: z.string().transform(parsePolicies),
  timezone: z.string(),
  scheduled_for: instant,
  retry_count: z.number(),
  correlation_id: z.string(),
  revision: z.number(),
  log_seq: z.number(),
});

/** A waiting attempt with its job, about to be held by `lease`. */
export function toClaim(row: Row, lease: { readonly epoch: number; readonly until: EpochMs }): Claim {
  const r = claimRow.parse(row);
  return {
    dispatchId: r.id,
    epoch: lease.epoch,
    leaseUntil: lease.until,
    jobId: r.job_id,
    jobName: r.job_name,
    scriptPath: r.script_path,
    args: r.args,
    env: r.policies.env,
    timeoutSeconds: r.policies.timeoutSeconds,
    retry: r.policies.retry,
    scheduledFor: r.scheduled_for,
    retryCount: r.retry_count,
    correlationId: r.correlation_id,
    timezone: r.timezone,
    jobRevision: r.revision,
    nextLogSeq: r.log_seq,
  };
}

const jobForClaimRow = z.object({
  id: ofJob,
  name: z.string(),
  script_path: z.string(),
  script_args: texts,
  policies: z.string().transform(parsePolicies),
  timezone: z.string(),
  revision: z.number(),
});

/** What a claim carries of its job: a row of `scheduled_jobs`. */
export function toJobForClaim(row: Row):
  & { readonly id: JobId }
  & Pick<
    Claim,
    "jobName" | "scriptPath" | "args" | "env" | "timeoutSeconds" | "retry" | "timezone" | "jobRevision"
  > {
  const r = jobForClaimRow.parse(row);
  return {
    id: r.id,
    jobName: r.name,
    scriptPath: r.script_path,
    args: r.script_args,
    env: r.policies.env,
    timeoutSeconds: r.policies.timeoutSeconds,
    retry: r.policies.retry,
    timezone: r.timezone,
    jobRevision: r.revision,
  };
}

const lostRow = z.object({
  id: ofDispatch,
  job_id: ofJob,
  worker_id: ofWorker,
  scheduled_for: instant,
  retry_count: z.number(),
  losses: z.coerce.number(),
  policies: z.string().transform(parsePolicies),
  reason: z.enum(["lease", "overdue"]),
});

/** A running attempt to be taken from its worker. */
export function toLost(row: Row): LostAttempt {
  const r = lostRow.parse(row);
  return {
    dispatchId: r.id,
    jobId: r.job_id,
    workerId: r.worker_id,
    scheduledFor: r.scheduled_for,
    retryCount: r.retry_count,
    losses: r.losses,
    retry: r.policies.retry,
    reason: r.reason,
  };
}

const executionRow = z.object({
  dispatch_id: ofDispatch,
  job_id: ofJob,
  run_time: instant,
  status: z.enum(EXECUTION_STATUSES),
  exit_code: z.number().nullable(),
  duration_ms: z.number(),
  log_bytes: z.number(),
  truncated: flag,
});

/** A row of `job_execution_logs`. */
export function toExecution(row: Row): Execution {
  const r = executionRow.parse(row);
  return {
    dispatchId: r.dispatch_id,
    jobId: r.job_id,
    runTime: r.run_time,
    status: r.status,
    exitCode: r.exit_code,
    durationMs: r.duration_ms,
    logBytes: r.log_bytes,
    truncated: r.truncated,
  };
}

const chunkRow = z.object({
  seq: z.number(),
  stream: z.enum(LOG_STREAMS),
  at: instant,
  data: z.string(),
});

/** A row of `job_log_chunks`. */
export function toChunk(row: Row): LogChunk {
  return chunkRow.parse(row);
}

const chunkSizeRow = z.object({ seq: z.number(), bytes: z.number() });

/** Number and size of a row of `job_log_chunks`. */
export function toChunkSize(row: Row): { readonly seq: number; readonly bytes: number } {
  return chunkSizeRow.parse(row);
}

const logPlaceRow = z.object({ seq: z.number(), offset: z.number(), line: z.number() });

/** Where a chunk begins. */
export function toLogPlace(row: Row): LogPlace {
  return logPlaceRow.parse(row);
}

const workerRow = z.object({
  worker_id: ofWorker,
  hostname: z.string(),
  platform: z.string(),
  process_id: z.number(),
  version: z.string(),
  tags: texts,
  concurrency: z.number(),
  status: z.enum(WORKER_STATUSES),
  started_at: instant,
  last_heartbeat: instant,
  jobs_processed: z.number(),
  held: z.string().transform((json) => z.array(ofDispatch).parse(JSON.parse(json))),
});

/** A row of `worker_registration` with `held`, a JSON array of the attempts it holds. */
export function toWorker(row: Row): Worker {
  const r = workerRow.parse(row);
  return {
    workerId: r.worker_id,
    hostname: r.hostname,
    platform: r.platform,
    processId: r.process_id,
    version: r.version,
    tags: r.tags,
    concurrency: r.concurrency,
    status: r.status,
    startedAt: r.started_at,
    lastHeartbeat: r.last_heartbeat,
    jobsProcessed: r.jobs_processed,
    currentDispatchIds: r.held,
  };
}

const ledgerRow = z.object({
  job_id: ofJob,
  reason: z.enum(LEDGER_REASONS),
  first_at: instant,
  last_at: instant,
  count: z.number(),
});

/** A row of `occurrence_ledger`. */
export function toLedgerEntry(row: Row): LedgerEntry {
  const r = ledgerRow.parse(row);
  return { jobId: r.job_id, reason: r.reason, firstAt: r.first_at, lastAt: r.last_at, count: r.count };
}

const instantRow = z.object({ at: instant.nullable() });
const numberRow = z.object({ n: z.number() });
const idRow = z.object({ id: ofDispatch });
const claimRefRow = z.object({ id: ofDispatch, epoch: z.number() });

/** An instant that a query answers in its column `at`; null when there is none. */
export function toInstant(row: Row): EpochMs | null {
  return instantRow.parse(row).at;
}

/** A number that a query answers in its column `n`. */
export function toNumber(row: Row): number {
  return numberRow.parse(row).n;
}

/** A run and its job. */
export interface RunOfJob {
  readonly id: DispatchId;
  readonly jobId: JobId;
}

const runOfJobRow = z.object({ id: ofDispatch, job_id: ofJob });

/** A run and its job: `id` and `job_id`. */
export function toRunOfJob(row: Row): RunOfJob {
  const { id, job_id: jobId } = runOfJobRow.parse(row);
  return { id, jobId };
}

const settledRow = z.object({ settled: z.string().nullable() });
const instants = z.array(instant);

/** Instants that a query answers in its column `settled`, a JSON array or null. */
export function toSettled(row: Row): readonly EpochMs[] {
  const { settled } = settledRow.parse(row);
  return settled === null ? [] : instants.parse(JSON.parse(settled));
}

/** The ids that a query answers in its column `id`. */
export function toDispatchIds(rows: readonly Row[]): readonly DispatchId[] {
  return rows.map((row) => idRow.parse(row).id);
}

/** A held attempt: `id` and `epoch`. */
export function toClaimRef(row: Row): ClaimRef {
  const { id, epoch } = claimRefRow.parse(row);
  return { dispatchId: id, epoch };
}
