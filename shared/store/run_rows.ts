/**
 * Rows of `job_dispatch` and `job_execution_logs`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import {
  type Decision,
  type Dispatch,
  type DispatchId,
  dispatchId,
  type DispatchState,
  type Execution,
  EXECUTION_STATUSES,
  FINAL_STATUSES,
  jobId,
  type RunTotals,
  TRIGGERS,
  webhookId,
  type WorkerId,
  workerId,
} from "../domain/mod.ts";
import { cancelMessage, toCancel } from "./cancel_rows.ts";
import { instantIn, numberIn, oneIn, orNull, textIn } from "./columns.ts";
import { damageOf, parseDecision, parsePolicies, parseTexts, UNREADABLE_RETRY } from "./json.ts";
import { toQueueGroup } from "./need_rows.ts";
import { flag, instant, ofDispatch, ofJob, ofWorker, type Row } from "./rows.ts";
import type { DispatchedRun, LostAttempt } from "./scheduling_store.ts";

const STATUSES = ["PENDING", "IN_PROGRESS", ...FINAL_STATUSES] as const;

function toState(row: Row): DispatchState {
  const status = oneIn(row, "status", STATUSES);
  switch (status) {
    case "PENDING":
      return { status, availableAt: instantIn(row, "available_at") };
    case "IN_PROGRESS":
      return {
        status,
        lease: {
          workerId: workerIn(row, "worker_id"),
          epoch: numberIn(row, "lease_epoch"),
          until: instantIn(row, "lease_until"),
        },
        claimedAt: instantIn(row, "claimed_at"),
        startedAt: orNull(row, "started_at", instantIn),
        cancelRequestedAt: orNull(row, "cancel_requested_at", instantIn),
        cancel: toCancel(row),
      };
    case "COMPLETED":
    case "FAILED":
    case "TIMEOUT":
    case "CANCELLED": {
      const cancel = toCancel(row);
      const message = orNull(row, "error_message", textIn);
      return {
        status,
        workerId: orNull(row, "worker_id", workerIn),
        claimedAt: orNull(row, "claimed_at", instantIn),
        startedAt: orNull(row, "started_at", instantIn),
        completedAt: instantIn(row, "completed_at"),
        exitCode: orNull(row, "exit_code", numberIn),
        signal: orNull(row, "signal", textIn),
        errorMessage: status === "CANCELLED" ? cancelMessage(cancel, message) : message,
        cancel,
      };
    }
  }
}

function workerIn(row: Row, column: string): WorkerId {
  return workerId(textIn(row, column));
}

function runIn(row: Row, column: string): DispatchId {
  return dispatchId(numberIn(row, column));
}

/** What `read` answers, or the stand-in of what cannot be read: one damaged run must not take its whole list with it. */
function readable<Value, StandIn>(read: () => Value, standIn: StandIn): Value | StandIn {
  try {
    return read();
  } catch (error) {
    damageOf(error);
    return standIn;
  }
}

/** Columns of `job_dispatch` and the name of its job, by which a row becomes a `Dispatch`. */
export const DISPATCH_COLUMNS = [
  "d.id",
  "d.job_id",
  "j.name as job_name",
  "d.scheduled_for",
  "d.trigger",
  "d.status",
  "d.retry_count",
  "d.root_id",
  "d.available_at",
  "d.args",
  "d.worker_id",
  "d.lease_epoch",
  "d.lease_until",
  "d.claimed_at",
  "d.started_at",
  "d.completed_at",
  "d.exit_code",
  "d.signal",
  "d.error_message",
  "d.cancel_requested_at",
  "d.cancel_reason",
  "d.cancelled_for",
  "d.job_revision",
  "d.correlation_id",
  "d.created_at",
  "d.priority",
  "d.lane",
  "d.decision",
  "d.backfill_id",
  "d.at_once",
  "d.webhook_id",
  "d.webhook_name",
] as const;

/** A row of `job_dispatch` with `job_name`: the columns `DISPATCH_COLUMNS`. */
export function toDispatch(row: Row): Dispatch {
  const webhookNumber = orNull(row, "webhook_id", numberIn);
  const webhookName = orNull(row, "webhook_name", textIn);
  const webhook = webhookNumber === null || webhookName === null
    ? null
    : { id: webhookId(webhookNumber), name: webhookName };
  const backfill = orNull(row, "backfill_id", textIn);
  const atOnce = orNull(row, "at_once", numberIn);
  const trigger = oneIn(row, "trigger", TRIGGERS);
  return {
    id: runIn(row, "id"),
    jobId: jobId(numberIn(row, "job_id")),
    jobName: textIn(row, "job_name"),
    scheduledFor: instantIn(row, "scheduled_for"),
    // Its row says `api`, so that an earlier version can read it.
    trigger: webhook === null ? trigger : "webhook",
    retryCount: numberIn(row, "retry_count"),
    rootId: runIn(row, "root_id"),
    args: orNull(row, "args", argsIn),
    jobRevision: numberIn(row, "job_revision"),
    correlationId: textIn(row, "correlation_id"),
    createdAt: instantIn(row, "created_at"),
    priority: numberIn(row, "priority"),
    needs: toQueueGroup(textIn(row, "lane")),
    decision: orNull(row, "decision", decisionIn),
    backfill: backfill === null || atOnce === null ? null : { id: backfill, atOnce },
    webhook,
    state: toState(row),
  };
}

function argsIn(row: Row, column: string): readonly string[] {
  const json = textIn(row, column);
  return readable(() => parseTexts(json), []);
}

function decisionIn(row: Row, column: string): Decision | null {
  const text = textIn(row, column);
  return readable(() => parseDecision(text), null);
}

const lostRow = z.object({
  id: ofDispatch,
  job_id: ofJob,
  worker_id: ofWorker,
  scheduled_for: instant,
  correlation_id: z.string(),
  retry_count: z.number(),
  losses: z.coerce.number(),
  policies: z.string(),
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
    correlationId: r.correlation_id,
    retryCount: r.retry_count,
    losses: r.losses,
    retry: readable(() => parsePolicies(r.policies).retry, UNREADABLE_RETRY),
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

/** A dispatch that was just written. */
export function toDispatchedRun(row: Row): DispatchedRun {
  return {
    id: dispatchId(numberIn(row, "id")),
    jobId: jobId(numberIn(row, "job_id")),
    scheduledFor: instantIn(row, "scheduled_for"),
    correlationId: textIn(row, "correlation_id"),
  };
}

const totalsRow = z.object({
  running: z.number(),
  waiting: z.number(),
  waiting_since: instant.nullable(),
  failed: z.number(),
  late: z.number(),
  late_since: instant.nullable(),
  failing: z.number(),
  failing_since: instant.nullable(),
});

/** The row that `totalsSql()` answers. */
export function toTotals(row: Row): RunTotals {
  const { waiting_since, late_since, failing_since, ...counts } = totalsRow.parse(row);
  return { ...counts, waitingSince: waiting_since, lateSince: late_since, failingSince: failing_since };
}
