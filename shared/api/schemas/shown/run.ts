/**
 * What programs are shown of runs, of the queue and of output.
 *
 * @module
 */
import { z } from "zod";
import {
  CANCEL_REASONS,
  DECISION_OVERLAPS,
  DECISION_TIMINGS,
  DISPATCH_STATUSES,
  EXECUTION_STATUSES,
  LOG_STREAMS,
  TRIGGERS,
} from "../../../domain/mod.ts";
import { WAIT_KINDS } from "../../shown_run.ts";
import { count, id, instant, pageOf, texts } from "./_values.ts";

/** A run. */
export const run: z.ZodObject = z.strictObject({
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
  webhook: z.strictObject({ id, name: z.string() }).nullable(),
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

const waitingRun = z.strictObject({
  position: id,
  kind: z.enum(WAIT_KINDS),
  reason: z.string(),
  run,
});

const execution = z.strictObject({
  status: z.enum(EXECUTION_STATUSES),
  duration_ms: count,
  log_bytes: count,
  truncated: z.boolean(),
});

const logChunk = z.strictObject({
  seq: count,
  stream: z.enum(LOG_STREAMS),
  at: instant,
  data: z.string(),
});

/** The names of these schemas. */
export type RunName =
  | "Run"
  | "RunPage"
  | "RunDetails"
  | "Execution"
  | "CancelledRun"
  | "WaitingRun"
  | "Queue"
  | "LogChunks"
  | "LogBeginning"
  | "LogMatches";

/** The schemas, by their names. */
export const RUN_SHOWN: Readonly<Record<RunName, z.ZodType>> = {
  Run: run,
  RunPage: pageOf(run),
  RunDetails: run.extend({ execution: execution.nullable(), attempts: z.array(run) }),
  Execution: execution,
  CancelledRun: z.strictObject({ id, result: z.enum(["cancelled", "requested"]) }),
  WaitingRun: waitingRun,
  Queue: z.strictObject({
    items: z.array(waitingRun),
    next: z.string().nullable(),
    total: count,
    oldest: instant.nullable(),
  }),
  LogChunks: z.strictObject({ chunks: z.array(logChunk), next_seq: count, is_complete: z.boolean() }),
  LogBeginning: z.strictObject({ offset: count, seq: count, chunk_offset: count }),
  LogMatches: z.strictObject({
    items: z.array(z.strictObject({ line: count, stream: z.enum(LOG_STREAMS), text: z.string() })),
    next_line: count.nullable().meta({ description: "goes on where this answer ended; null: all output was searched" }),
  }),
};
