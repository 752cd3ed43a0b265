/**
 * What programs are shown: each thing as a JSON object whose names are the columns of the tables, instants in ISO 8601 UTC.
 * {@linkcode OUTPUT} describes each, from the same arrays and fields as everything else.
 *
 * @module
 */
import { z } from "zod";
import {
  type Backfill,
  CANCEL_REASONS,
  DECISION_OVERLAPS,
  DECISION_TIMINGS,
  type Dispatch,
  DISPATCH_STATUSES,
  type EpochMs,
  type Execution,
  EXECUTION_STATUSES,
  type Job,
  type JobSummary,
  LEDGER_REASONS,
  type LedgerEntry,
  type Problem,
  PROBLEM_CODES,
  TRIGGERS,
  type Worker,
  WORKER_STATUSES,
} from "../domain/mod.ts";
import { formatSchedule } from "../schedule/mod.ts";
import { isoUtc } from "../time/mod.ts";
import { JOB_FIELDS } from "./job_fields.ts";
import { dstSchema, POLICY_NAMES, policyFields } from "./policy_input.ts";

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
  };
}

/** A job of a list, with its newest run. */
export function jobSummaryForm(job: JobSummary): JsonObject {
  return { ...jobForm(job), last_run: job.lastRun === null ? null : runForm(job.lastRun) };
}

/** A run. */
export function runForm(run: Dispatch): JsonObject {
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
export function executionForm(execution: Execution): JsonObject {
  return {
    status: execution.status,
    duration_ms: execution.durationMs,
    log_bytes: execution.logBytes,
    truncated: execution.truncated,
  };
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

const instant = z.iso.datetime({ offset: false });
const texts = z.array(z.string());
const id = z.int().min(1);
const count = z.int().min(0);

/** The policies that are texts or numbers, with the words of the table of fields. */
const policies = Object.fromEntries(POLICY_NAMES.map((name) => {
  const { bounds, choices, label, flag: [, about] } = JOB_FIELDS[name];
  const value = bounds !== null
    ? z.int().min(bounds.min).max(bounds.max)
    : choices !== null
    ? z.enum(choices.map(([word]) => word))
    : z.string();
  return [name, value.nullable().meta({ title: label, description: about })];
}));

const job = z.strictObject({
  id,
  name: z.string(),
  key: z.string().nullable(),
  managed_by: z.string().nullable(),
  labels: texts,
  script_path: z.string(),
  script_args: texts,
  schedule: z.string(),
  schedule_json: z.looseObject({ kind: z.string() }),
  timezone: z.string(),
  is_active: z.boolean(),
  paused_note: z.string().nullable(),
  next_run: instant.nullable(),
  last_dispatched_at: instant.nullable(),
  revision: id,
  ...policies,
  tags: texts,
  dst: dstSchema,
  env: z.record(z.string(), z.string()),
  created_at: instant,
  updated_at: instant,
});

const run = z.strictObject({
  id,
  job_id: id,
  job_name: z.string(),
  status: z.enum(DISPATCH_STATUSES),
  trigger: z.enum(TRIGGERS),
  retry_count: count,
  root_id: id,
  scheduled_for: instant,
  available_at: instant.nullable(),
  claimed_at: instant.nullable(),
  started_at: instant.nullable(),
  completed_at: instant.nullable(),
  worker_id: z.string().nullable(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  error_message: z.string().nullable(),
  cancel_requested_at: instant.nullable(),
  cancel_reason: z.enum(CANCEL_REASONS).nullable(),
  cancelled_for: id.nullable(),
  args: texts.nullable(),
  job_revision: id,
  correlation_id: z.string(),
  priority: z.int(),
  tags: texts,
  concurrency_key: z.string().nullable(),
  concurrency_limit: id.nullable(),
  turn: z.strictObject({ group: z.string(), width: id.nullable() }).nullable(),
  decision: z.strictObject({ timing: z.enum(DECISION_TIMINGS), overlap: z.enum(DECISION_OVERLAPS).nullable() })
    .nullable(),
  backfill: z.strictObject({ id: z.string(), at_once: id }).nullable(),
  created_at: instant,
});

/** The schema of each thing that is shown. Only this folder draws from it: `mod.ts` does not export the types of zod. */
export const OUTPUT: Readonly<
  Record<"job" | "run" | "execution" | "worker" | "ledger_entry" | "backfill" | "problem", z.ZodType>
> = {
  job,
  run,
  execution: z.strictObject({
    status: z.enum(EXECUTION_STATUSES),
    duration_ms: count,
    log_bytes: count,
    truncated: z.boolean(),
  }),
  worker: z.strictObject({
    worker_id: z.string(),
    hostname: z.string(),
    platform: z.string(),
    process_id: count,
    version: z.string(),
    tags: texts,
    concurrency: id,
    status: z.enum(WORKER_STATUSES),
    started_at: instant,
    last_heartbeat: instant,
    jobs_processed: count,
    current_run_ids: z.array(id),
  }),
  ledger_entry: z.strictObject({
    job_id: id,
    reason: z.enum(LEDGER_REASONS),
    first_at: instant,
    last_at: instant,
    count: id,
  }),
  backfill: z.strictObject({ id: z.string(), written: count, present: count }),
  problem: z.strictObject({ field: z.string(), message: z.string(), code: z.enum(PROBLEM_CODES) }),
};
