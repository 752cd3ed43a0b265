/**
 * Rows of `job_dispatch` and `job_execution_logs`, as in `rows.ts`.
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
  type RunTotals,
  TRIGGERS,
  webhookId,
} from "../domain/mod.ts";
import { cancelMessage, toCancel } from "./cancel_rows.ts";
import { damageOf, parseDecision, parsePolicies, parseTexts, UNREADABLE_RETRY } from "./json.ts";
import { toQueueGroup } from "./need_rows.ts";
import { flag, instant, ofDispatch, ofJob, ofWorker, type Row } from "./rows.ts";
import type { DispatchedRun, LostAttempt } from "./scheduling_store.ts";

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
  args: z.string().transform((json) => readable(() => parseTexts(json), [])).nullable(),
  job_revision: z.number(),
  correlation_id: z.string(),
  created_at: instant,
  priority: z.number(),
  lane: z.string().transform(toQueueGroup),
  decision: z.string().transform((text) => readable(() => parseDecision(text), null)).nullable(),
  backfill_id: z.string().nullable(),
  at_once: z.number().nullable(),
  webhook_id: z.number().transform(webhookId).nullable(),
  webhook_name: z.string().nullable(),
});

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
  const r = dispatchRow.parse(row);
  const webhook = r.webhook_id === null || r.webhook_name === null ? null : { id: r.webhook_id, name: r.webhook_name };
  return {
    id: r.id,
    jobId: r.job_id,
    jobName: r.job_name,
    scheduledFor: r.scheduled_for,
    // Its row says `api`, so that an earlier version can read it.
    trigger: webhook === null ? r.trigger : "webhook",
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
    webhook,
    state: toState(row),
  };
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

const dispatchedRunRow = z.object({
  id: ofDispatch,
  job_id: ofJob,
  scheduled_for: instant,
  correlation_id: z.string(),
});

/** A dispatch that was just written. */
export function toDispatchedRun(row: Row): DispatchedRun {
  const { id, job_id: jobId, scheduled_for: scheduledFor, correlation_id: correlationId } = dispatchedRunRow.parse(row);
  return { id, jobId, scheduledFor, correlationId };
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
