/**
 * What timelines draw of rows of `job_dispatch`, as in `rows.ts`.
 *
 * @module
 */
import { DISPATCH_STATUSES, dispatchId, jobId, type RunBar } from "../domain/mod.ts";
import { instantIn, numberIn, oneIn, orNull } from "./columns.ts";
import type { Row } from "./rows.ts";

/** The columns of a bar, of the attempt `d`. */
export const BAR_COLUMNS = "d.id, d.job_id, d.status, d.available_at, d.started_at, d.completed_at";

/** A row with `BAR_COLUMNS`. */
export function toRunBar(row: Row): RunBar {
  return {
    id: dispatchId(numberIn(row, "id")),
    jobId: jobId(numberIn(row, "job_id")),
    status: oneIn(row, "status", DISPATCH_STATUSES),
    availableAt: instantIn(row, "available_at"),
    startedAt: orNull(row, "started_at", instantIn),
    endedAt: orNull(row, "completed_at", instantIn),
  };
}
