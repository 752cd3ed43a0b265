import type { BulkChange, BulkJob, BulkKind } from "../domain/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { JsonObject } from "./output.ts";

/** The participle of each change: "3 jobs paused". */
export const BULK_DONE_WORDS: Readonly<Record<BulkKind, string>> = {
  run: "started",
  pause: "paused",
  resume: "resumed",
  label: "labelled",
  delete: "deleted",
};

/** A change of many jobs, and how far it has come. */
export function bulkForm({ id, action, createdAt, finishedAt, total, done, refused }: BulkChange): JsonObject {
  return {
    id,
    action: action.kind,
    created_at: isoUtc(createdAt),
    finished_at: finishedAt === null ? null : isoUtc(finishedAt),
    total,
    done,
    refused,
  };
}

/** What became of one job of a change. */
export function bulkJobForm({ jobId, jobName, outcome, message, runId }: BulkJob): JsonObject {
  return { job_id: jobId, job_name: jobName, outcome, message, run_id: runId };
}
