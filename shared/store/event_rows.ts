/**
 * Rows of the outbox become values, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { type EventId, eventId, jobId } from "../domain/brand.ts";
import { EXECUTION_STATUSES } from "../domain/dispatch.ts";
import { FINAL_STATUS, type RunEvent } from "../domain/event.ts";
import { LEDGER_REASONS } from "../domain/ledger.ts";
import { flag, instant, ofDispatch, type Row } from "./rows.ts";

const happened = {
  id: z.number().transform(eventId),
  at: instant,
  job_id: z.number().transform(jobId),
};

const eventRow = z.union([
  z.object({
    ...happened,
    reason: z.null(),
    dispatch_id: ofDispatch,
    root_id: ofDispatch,
    scheduled_for: instant,
    execution: z.enum(EXECUTION_STATUSES),
    is_retried: flag,
  }),
  z.object({
    ...happened,
    reason: z.enum(LEDGER_REASONS),
    first_at: instant,
    last_at: instant,
    count: z.number(),
  }),
]);

/** A row of `run_events`. */
export function toRunEvent(row: Row): RunEvent {
  const r = eventRow.parse(row);
  const { id, at, job_id: jobId } = r;
  if (r.reason !== null) {
    return { kind: "not_run", id, jobId, at, reason: r.reason, firstAt: r.first_at, lastAt: r.last_at, count: r.count };
  }
  const { execution } = r;
  return {
    kind: "ended",
    id,
    jobId,
    at,
    dispatchId: r.dispatch_id,
    rootId: r.root_id,
    scheduledFor: r.scheduled_for,
    status: FINAL_STATUS[execution],
    execution,
    isRetried: r.is_retried,
  };
}

const positionRow = z.object({ position: z.number().transform(eventId) });

/** The position of a consumer: the column `position`. */
export function toPosition(row: Row | undefined): EventId {
  return positionRow.parse(row).position;
}
