/**
 * Rows of `worker_registration`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { type Worker, WORKER_STATUSES } from "../domain/mod.ts";
import type { SignAnswer } from "./worker_store.ts";
import { instant, ofDispatch, ofWorker, type Row, texts } from "./rows.ts";

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
  drain_requested_at: instant.nullable(),
  ended_at: instant.nullable(),
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
    drainRequestedAt: r.drain_requested_at,
    endedAt: r.ended_at,
  };
}

const lifeRow = z.object({ drain_requested_at: instant.nullable() });

/** What a row that was just written tells its worker. */
export function toSignAnswer(row: Row | undefined): SignAnswer {
  if (row === undefined) return { known: false, drains: false };
  return { known: true, drains: lifeRow.parse(row).drain_requested_at !== null };
}
