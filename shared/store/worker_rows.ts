/**
 * Rows of `worker_registration`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { type DispatchId, type Worker, WORKER_STATUSES, workerId } from "../domain/mod.ts";
import { instantIn, numberIn, oneIn, orNull, textIn } from "./columns.ts";
import { parseTexts, remembered } from "./json.ts";
import type { SignAnswer } from "./worker_store.ts";
import { instant, ofDispatch, type Row } from "./rows.ts";

/** A row of `worker_registration` with `held`, a JSON array of the attempts it holds. */
export function toWorker(row: Row): Worker {
  return {
    workerId: workerId(textIn(row, "worker_id")),
    hostname: textIn(row, "hostname"),
    platform: textIn(row, "platform"),
    processId: numberIn(row, "process_id"),
    version: textIn(row, "version"),
    tags: parseTexts(textIn(row, "tags")),
    concurrency: numberIn(row, "concurrency"),
    status: oneIn(row, "status", WORKER_STATUSES),
    startedAt: instantIn(row, "started_at"),
    lastHeartbeat: instantIn(row, "last_heartbeat"),
    jobsProcessed: numberIn(row, "jobs_processed"),
    currentDispatchIds: parseHeld(textIn(row, "held")),
    drainRequestedAt: orNull(row, "drain_requested_at", instantIn),
    endedAt: orNull(row, "ended_at", instantIn),
  };
}

const held = z.array(ofDispatch);

/** Most workers hold the same for a while, many nothing. */
const parseHeld: (json: string) => readonly DispatchId[] = remembered((json) => held.parse(JSON.parse(json)));

const lifeRow = z.object({ drain_requested_at: instant.nullable() });

/** What a row that was just written tells its worker. */
export function toSignAnswer(row: Row | undefined): SignAnswer {
  if (row === undefined) return { known: false, drains: false };
  return { known: true, drains: lifeRow.parse(row).drain_requested_at !== null };
}
