import type { RunBar } from "../../domain/mod.ts";
import { BAR_COLUMNS, toRunBar } from "../bar_rows.ts";
import type { BarQuery } from "../run_store.ts";
import type { Connection } from "./connection.ts";

// Index: job_execution_logs_by_job, from the first run that was made in time to the end of the span.
const ENDED = `
  SELECT ${BAR_COLUMNS} FROM job_execution_logs l CROSS JOIN job_dispatch d ON d.id = l.dispatch_id
  WHERE l.job_id = :jobId AND l.dispatch_id >= :first AND l.dispatch_id < :end AND l.run_time >= :from
  ORDER BY l.dispatch_id DESC LIMIT :limit`;

// Index: job_dispatch_unfinished.
const OPEN = `
  SELECT ${BAR_COLUMNS} FROM job_dispatch d
  WHERE d.job_id = :jobId AND d.completed_at IS NULL AND d.available_at <= :until ORDER BY d.id DESC LIMIT :limit`;

/** The bars of a timeline. `first` and `end` are the ids between which runs that ended are looked for. */
export function barsOf(
  db: Connection,
  { jobIds, from, until, limit }: BarQuery,
  { first, end }: { readonly first: number; readonly end: number },
): readonly RunBar[] {
  return jobIds.flatMap((jobId) => [
    ...db.all(OPEN, { jobId, until, limit }),
    ...db.all(ENDED, { jobId, first, end, from, limit }),
  ]).map(toRunBar);
}
