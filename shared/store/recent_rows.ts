/**
 * The attempts of jobs that ended last, as one JSON text for each job: a page of 50 jobs has a thousand of them.
 *
 * @module
 */
import { z } from "zod";
import { type EndedRun, EXECUTION_STATUSES, type JobId } from "../domain/mod.ts";
import { instant, ofDispatch, ofJob, type Row } from "./rows.ts";

const endedRun = z.tuple([ofDispatch, z.enum(EXECUTION_STATUSES), z.number(), instant])
  .transform(([id, status, durationMs, endedAt]): EndedRun => ({ id, status, durationMs, endedAt }));

const recentRow = z.object({
  job_id: ofJob,
  runs: z.string().transform((text) => z.array(endedRun).parse(JSON.parse(text)).toReversed()),
});

/** Rows with `job_id` and `runs` (JSON: arrays of id, status, duration and end, newest first); the runs oldest first. */
export function toRecentRuns(rows: readonly Row[]): ReadonlyMap<JobId, readonly EndedRun[]> {
  return new Map(rows.map((row) => {
    const { job_id, runs } = recentRow.parse(row);
    return [job_id, runs];
  }));
}
