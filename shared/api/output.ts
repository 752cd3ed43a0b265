/**
 * What programs are shown: each thing as a JSON object whose names are the columns of the tables, instants in ISO 8601 UTC.
 * The schemas of `schemas/` describe each, from the same arrays and fields as everything else.
 *
 * @module
 */
import type { Backfill, EndedRun, EpochMs, Job, LedgerEntry, LogChunk, Problem, Worker } from "../domain/mod.ts";
import { formatSchedule } from "../schedule/mod.ts";
import { isoUtc } from "../time/mod.ts";
import { policyFields } from "./policy_input.ts";
import type { ShownExecution, ShownJobSummary, ShownRun, ShownWaitingRun } from "./shown_run.ts";

/** What a JSON text can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
/** A JSON object. */
export type JsonObject = { readonly [name: string]: Json };

const iso = (at: EpochMs | null): string | null => at === null ? null : isoUtc(at);

/** A job. */
export function jobForm(job: Job): JsonObject {
  return {
    id: job.id,
    name: job.name,
    key: job.key,
    managed_by: job.managedBy,
    labels: [...job.labels],
    script_path: job.scriptPath,
    script_args: job.scriptArgs,
    schedule: formatSchedule(job.schedule),
    schedule_json: { ...job.schedule },
    timezone: job.timezone,
    is_active: job.isActive,
    paused_note: job.pausedNote,
    next_run: iso(job.nextRun),
    last_dispatched_at: iso(job.lastDispatchedAt),
    revision: job.revision,
    ...policyFields(job.policies),
    tags: [...job.policies.tags],
    dst: { ...job.policies.dst },
    env: { ...job.policies.env },
    created_at: isoUtc(job.createdAt),
    updated_at: isoUtc(job.updatedAt),
    damage: job.damage,
  };
}

/** A job of a list, with its newest run and what it suffers from. */
export function jobSummaryForm({ lastRun, failure, recent, ...job }: ShownJobSummary): JsonObject {
  return {
    ...jobForm(job),
    last_run: lastRun === null ? null : runForm(lastRun),
    failure: failure === null
      ? null
      : { run_id: failure.dispatchId, since: isoUtc(failure.since), message: failure.message },
    recent_runs: recent.map(endedRunForm),
  };
}

/** An attempt that ended, as charts show it. */
function endedRunForm({ id, status, durationMs, endedAt }: EndedRun): JsonObject {
  return { id, status, duration_ms: durationMs, ended_at: isoUtc(endedAt) };
}

/** A run. */
export function runForm(run: ShownRun): JsonObject {
  const { state } = run;
  const isFinal = state.status !== "PENDING" && state.status !== "IN_PROGRESS";
  const isRunning = state.status === "IN_PROGRESS";
  const cancel = state.status === "PENDING" ? null : state.cancel;
  return {
    id: run.id,
    job_id: run.jobId,
    job_name: run.jobName,
    status: state.status,
    trigger: run.trigger,
    retry_count: run.retryCount,
    root_id: run.rootId,
    scheduled_for: isoUtc(run.scheduledFor),
    available_at: state.status === "PENDING" ? isoUtc(state.availableAt) : null,
    claimed_at: state.status === "PENDING" ? null : iso(state.claimedAt),
    started_at: state.status === "PENDING" ? null : iso(state.startedAt),
    completed_at: isFinal ? isoUtc(state.completedAt) : null,
    worker_id: isFinal ? state.workerId : isRunning ? state.lease.workerId : null,
    exit_code: isFinal ? state.exitCode : null,
    signal: isFinal ? state.signal : null,
    error_message: isFinal ? state.errorMessage : null,
    cancel_requested_at: isRunning ? iso(state.cancelRequestedAt) : null,
    cancel_reason: cancel?.reason ?? null,
    cancelled_for: cancel?.reason === "overlap" ? cancel.forRun : null,
    args: run.args,
    webhook: run.webhook === null ? null : { ...run.webhook },
    job_revision: run.jobRevision,
    correlation_id: run.correlationId,
    priority: run.priority,
    tags: run.needs.tags,
    concurrency_key: run.needs.concurrency?.key ?? null,
    concurrency_limit: run.needs.concurrency?.limit ?? null,
    turn: run.needs.serial === null ? null : { ...run.needs.serial },
    decision: run.decision === null ? null : { ...run.decision },
    backfill: run.backfill === null ? null : { id: run.backfill.id, at_once: run.backfill.atOnce },
    created_at: isoUtc(run.createdAt),
  };
}

/** The facts of a finished attempt. */
export function executionForm(execution: ShownExecution): JsonObject {
  return {
    status: execution.status,
    duration_ms: execution.durationMs,
    log_bytes: execution.logBytes,
    truncated: execution.truncated,
  };
}

/** A chunk of a run's output. */
export function logChunkForm({ seq, stream, at, data }: LogChunk): JsonObject {
  return { seq, stream, at: isoUtc(at), data };
}

/** A waiting run with its place in the queue and why it waits. */
export function waitingRunForm({ run, position, kind, reason }: ShownWaitingRun): JsonObject {
  return { position, kind, reason, run: runForm(run) };
}

/** A worker. */
export function workerForm(worker: Worker): JsonObject {
  return {
    worker_id: worker.workerId,
    hostname: worker.hostname,
    platform: worker.platform,
    process_id: worker.processId,
    version: worker.version,
    tags: worker.tags,
    concurrency: worker.concurrency,
    status: worker.status,
    started_at: isoUtc(worker.startedAt),
    last_heartbeat: isoUtc(worker.lastHeartbeat),
    jobs_processed: worker.jobsProcessed,
    current_run_ids: worker.currentDispatchIds,
    drain_requested_at: worker.drainRequestedAt === null ? null : isoUtc(worker.drainRequestedAt),
    ended_at: worker.endedAt === null ? null : isoUtc(worker.endedAt),
  };
}

/** Occurrences that did not run. */
export function ledgerForm(entry: LedgerEntry): JsonObject {
  return {
    job_id: entry.jobId,
    reason: entry.reason,
    first_at: isoUtc(entry.firstAt),
    last_at: isoUtc(entry.lastAt),
    count: entry.count,
  };
}

/** What a backfill wrote: `present` of its runs were there already. */
export function backfillForm({ id, written, present }: {
  readonly id: Backfill["id"];
  readonly written: number;
  readonly present: number;
}): JsonObject {
  return { id, written, present };
}

/** One thing wrong with an input. */
export function problemForm({ field, message, code }: Problem): JsonObject {
  return { field, message, code };
}
