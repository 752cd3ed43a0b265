/**
 * Rows of `bulk_changes` and `bulk_jobs`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import type { BulkAction, BulkChange, BulkJob } from "../domain/mod.ts";
import { instant, ofDispatch, ofJob, type Row } from "./rows.ts";

const texts = z.array(z.string());

const action: z.ZodType<BulkAction> = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["run", "resume", "delete"]) }),
  z.object({ kind: z.literal("pause"), note: z.string().nullable(), cancelsWaiting: z.boolean() }),
  z.object({ kind: z.literal("label"), add: texts, remove: texts }),
]);

const changeRow = z.object({
  id: z.number(),
  change: z.string().transform((text) => action.parse(JSON.parse(text))),
  created_at: instant,
  touched_at: instant,
  finished_at: instant.nullable(),
  total: z.number(),
  done: z.number(),
  refused: z.number(),
});

/** A row of `bulk_changes`. */
export function toBulkChange(row: Row): BulkChange {
  const r = changeRow.parse(row);
  return {
    id: r.id,
    action: r.change,
    createdAt: r.created_at,
    touchedAt: r.touched_at,
    finishedAt: r.finished_at,
    total: r.total,
    done: r.done,
    refused: r.refused,
  };
}

const jobRow = z.object({
  job_id: ofJob,
  job_name: z.string(),
  outcome: z.enum(["done", "refused"]).nullable(),
  message: z.string().nullable(),
  run_id: ofDispatch.nullable(),
});

/** A row of `bulk_jobs`. */
export function toBulkJob(row: Row): BulkJob {
  const r = jobRow.parse(row);
  return { jobId: r.job_id, jobName: r.job_name, outcome: r.outcome, message: r.message, runId: r.run_id };
}
