/**
 * The attempts of jobs that ended last, as one JSON text for each job: a page of 50 jobs has a thousand of them.
 *
 * @module
 */
import { z } from "zod";
import {
  dispatchId,
  type EndedRun,
  epochMs,
  EXECUTION_STATUSES,
  type ExecutionStatus,
  type JobId,
} from "../domain/mod.ts";
import { ofJob, type Row } from "./rows.ts";

const recentRow = z.object({ job_id: ofJob, runs: z.string().transform((text) => toEndedRuns(JSON.parse(text))) });

/** Rows with `job_id` and `runs` (JSON: arrays of id, status, duration and end, newest first); the runs oldest first. */
export function toRecentRuns(rows: readonly Row[]): ReadonlyMap<JobId, readonly EndedRun[]> {
  return new Map(rows.map((row) => {
    const { job_id, runs } = recentRow.parse(row);
    return [job_id, runs];
  }));
}

/** Checked by hand: a page of jobs has a thousand of them, and a schema for each was a good part of its time. */
function toEndedRuns(all: unknown): readonly EndedRun[] {
  if (!Array.isArray(all)) throw new TypeError("Cannot read the last runs of a job: they are no array");
  return all.map(toEndedRun).reverse();
}

function toEndedRun(attempt: unknown): EndedRun {
  const [id, status, durationMs, endedAt]: readonly unknown[] = Array.isArray(attempt) ? attempt : [];
  const known = STATUSES.get(status);
  if (typeof id === "number" && known !== undefined && typeof durationMs === "number" && typeof endedAt === "number") {
    return { id: dispatchId(id), status: known, durationMs, endedAt: epochMs(endedAt) };
  }
  throw new TypeError(`Cannot read ${JSON.stringify(attempt)} as an attempt that has ended`);
}

const STATUSES: ReadonlyMap<unknown, ExecutionStatus> = new Map(EXECUTION_STATUSES.map((status) => [status, status]));
