/**
 * What timelines draw of rows of `job_dispatch`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { DISPATCH_STATUSES, type RunBar } from "../domain/mod.ts";
import { instant, ofDispatch, ofJob, type Row } from "./rows.ts";

/** The columns of a bar, of the attempt `d`. */
export const BAR_COLUMNS = "d.id, d.job_id, d.status, d.available_at, d.started_at, d.completed_at";

const barRow = z.object({
  id: ofDispatch,
  job_id: ofJob,
  status: z.enum(DISPATCH_STATUSES),
  available_at: instant,
  started_at: instant.nullable(),
  completed_at: instant.nullable(),
});

/** A row with `BAR_COLUMNS`. */
export function toRunBar(row: Row): RunBar {
  const { id, job_id: jobId, status, available_at: availableAt, started_at: startedAt, completed_at: endedAt } = barRow
    .parse(row);
  return { id, jobId, status, availableAt, startedAt, endedAt };
}
