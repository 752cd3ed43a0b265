import { z } from "zod";
import {
  type Cancel,
  CANCEL_REASONS,
  DECISION_OVERLAPS,
  DECISION_TIMINGS,
  type Dispatch,
  type DispatchId,
  EXECUTION_STATUSES,
  FINAL_STATUSES,
  LOG_STREAMS,
  type LogChunk,
  TRIGGERS,
  webhookId,
  type WorkerId,
  workerId,
} from "../../../domain/mod.ts";
import type { LogMatch } from "../../../policy/mod.ts";
import type { LogBeginning } from "../../log_beginning.ts";
import { type ShownExecution, type ShownQueue, type ShownRun, type ShownState, WAIT_KINDS } from "../../shown_run.ts";
import { idOfJob, idOfRun, instant, pageOf, texts } from "./_values.ts";

const number = z.number();
const idOfWorker: z.ZodType<WorkerId> = z.string().min(1).transform(workerId);

const cancelShape = { cancel_reason: z.enum(CANCEL_REASONS).nullable(), cancelled_for: idOfRun.nullable() };

function cancelOf(
  { cancel_reason: reason, cancelled_for: forRun }: {
    readonly cancel_reason: Cancel["reason"] | null;
    readonly cancelled_for: DispatchId | null;
  },
): Cancel | null {
  if (reason !== "overlap") return reason === null ? null : { reason };
  return forRun === null ? null : { reason, forRun };
}

/** How far a run has come: each status has members of its own. */
const state: z.ZodType<ShownState> = z.discriminatedUnion("status", [
  z.object({ status: z.literal("PENDING"), available_at: instant })
    .transform(({ status, available_at: availableAt }) => ({ status, availableAt })),
  z.object({
    status: z.literal("IN_PROGRESS"),
    worker_id: idOfWorker,
    claimed_at: instant,
    started_at: instant.nullable(),
    cancel_requested_at: instant.nullable(),
    ...cancelShape,
  }).transform((form) => ({
    status: form.status,
    lease: { workerId: form.worker_id },
    claimedAt: form.claimed_at,
    startedAt: form.started_at,
    cancelRequestedAt: form.cancel_requested_at,
    cancel: cancelOf(form),
  })),
  z.object({
    status: z.enum(FINAL_STATUSES),
    worker_id: idOfWorker.nullable(),
    claimed_at: instant.nullable(),
    started_at: instant.nullable(),
    completed_at: instant,
    exit_code: number.nullable(),
    signal: z.string().nullable(),
    error_message: z.string().nullable(),
    ...cancelShape,
  }).transform((form) => ({
    status: form.status,
    workerId: form.worker_id,
    claimedAt: form.claimed_at,
    startedAt: form.started_at,
    completedAt: form.completed_at,
    exitCode: form.exit_code,
    signal: form.signal,
    errorMessage: form.error_message,
    cancel: cancelOf(form),
  })),
]);

const facts: z.ZodType<Omit<Dispatch, "state">> = z.object({
  id: idOfRun,
  job_id: idOfJob,
  job_name: z.string(),
  trigger: z.enum(TRIGGERS),
  retry_count: number,
  root_id: idOfRun,
  scheduled_for: instant,
  args: texts.nullable(),
  job_revision: number,
  correlation_id: z.string(),
  priority: number,
  tags: texts,
  concurrency_key: z.string().nullable(),
  concurrency_limit: number.nullable(),
  turn: z.object({ group: z.string(), width: number.nullable() }).nullable(),
  decision: z.object({ timing: z.enum(DECISION_TIMINGS), overlap: z.enum(DECISION_OVERLAPS).nullable() }).nullable(),
  backfill: z.object({ id: z.string(), at_once: number }).nullable(),
  webhook: z.object({ id: z.int().min(1).transform(webhookId), name: z.string() }).nullable(),
  created_at: instant,
}).transform((form) => ({
  id: form.id,
  jobId: form.job_id,
  jobName: form.job_name,
  scheduledFor: form.scheduled_for,
  trigger: form.trigger,
  retryCount: form.retry_count,
  rootId: form.root_id,
  args: form.args,
  jobRevision: form.job_revision,
  correlationId: form.correlation_id,
  createdAt: form.created_at,
  priority: form.priority,
  needs: {
    tags: form.tags,
    concurrency: form.concurrency_key === null
      ? null
      : { key: form.concurrency_key, limit: form.concurrency_limit ?? 1 },
    serial: form.turn,
  },
  decision: form.decision,
  backfill: form.backfill === null ? null : { id: form.backfill.id, atOnce: form.backfill.at_once },
  webhook: form.webhook,
}));

/** Reads what `runForm()` made. */
export const readRun: z.ZodType<ShownRun> = z.intersection(facts, state.transform((state) => ({ state })));

/** Reads a page of runs. */
export const readRunPage: z.ZodType<{ readonly items: readonly ShownRun[]; readonly next: string | null }> = pageOf(
  readRun,
);

/** Reads what `executionForm()` made. */
const execution: z.ZodType<ShownExecution> = z.object({
  status: z.enum(EXECUTION_STATUSES),
  duration_ms: number,
  log_bytes: number,
  truncated: z.boolean(),
}).transform(({ status, duration_ms: durationMs, log_bytes: logBytes, truncated }) => ({
  status,
  durationMs,
  logBytes,
  truncated,
}));

/** Reads a run with its execution and all attempts of its occurrence. */
export const readRunDetails: z.ZodType<{
  readonly run: ShownRun;
  readonly execution: ShownExecution | null;
  readonly attempts: readonly ShownRun[];
}> = z.intersection(
  readRun.transform((run) => ({ run })),
  z.object({ execution: execution.nullable(), attempts: z.array(readRun) }),
);

/** Reads what `logChunkForm()` made. */
export const readLogChunk: z.ZodType<LogChunk> = z.object({
  seq: number,
  stream: z.enum(LOG_STREAMS),
  at: instant,
  data: z.string(),
});

/** Reads an answer with chunks of output. */
export const readLogChunks: z.ZodType<
  { readonly chunks: readonly LogChunk[]; readonly nextSeq: number; readonly isComplete: boolean }
> = z.object({ chunks: z.array(readLogChunk), next_seq: number, is_complete: z.boolean() })
  .transform(({ chunks, next_seq: nextSeq, is_complete: isComplete }) => ({ chunks, nextSeq, isComplete }));

/** Reads what `logBeginningForm()` made. */
export const readLogBeginning: z.ZodType<LogBeginning> = z.object({ seq: number, chunk_offset: number, offset: number })
  .transform(({ seq, chunk_offset: chunkOffset, offset }) => ({ seq, chunkOffset, offset }));

/** Reads the lines of an output that have a text. */
export const readLogMatches: z.ZodType<{ readonly items: readonly LogMatch[]; readonly nextLine: number | null }> = z
  .object({
    items: z.array(z.object({ line: number, stream: z.enum(LOG_STREAMS), text: z.string() })),
    next_line: number.nullable(),
  }).transform(({ items, next_line: nextLine }) => ({ items, nextLine }));

/** Reads what became of the wish to cancel a run. */
export const readCancelledRun: z.ZodType<{ readonly result: "cancelled" | "requested" }> = z.object({
  result: z.enum(["cancelled", "requested"]),
});

/** Reads sentences that say why. */
export const readWhy: z.ZodType<{ readonly why: readonly string[] }> = z.object({ why: texts });

/** Reads what `backfillForm()` made. */
export const readBackfill: z.ZodType<{ readonly id: string; readonly written: number; readonly present: number }> = z
  .object({ id: z.string(), written: number, present: number });

/** Reads a page of the queue. */
export const readQueuePage: z.ZodType<ShownQueue> = z.object({
  items: z.array(z.object({ position: z.number(), kind: z.enum(WAIT_KINDS), reason: z.string(), run: readRun })),
  next: z.string().nullable(),
  total: z.number(),
  oldest: instant.nullable(),
});
