import type { RunBar } from "../../domain/mod.ts";
import { BAR_COLUMNS, toRunBar } from "../bar_rows.ts";
import type { BarQuery } from "../run_store.ts";
import type { Connection } from "./connection.ts";

const IN_SPAN = "l.job_id = v.value AND l.dispatch_id < :end AND l.run_time >= :from";

// Index: job_execution_logs_by_job, of each job from the first run that was made in time to the end of the span, the last of them.
// SQLite has no LATERAL, so each job's oldest wanted run is looked up first.
const ENDED = `
  SELECT ${BAR_COLUMNS} FROM json_each(:jobIds) v CROSS JOIN job_execution_logs l CROSS JOIN job_dispatch d
  WHERE ${IN_SPAN} AND d.id = l.dispatch_id AND l.dispatch_id >= coalesce((
    SELECT l.dispatch_id FROM job_execution_logs l WHERE ${IN_SPAN} AND l.dispatch_id >= :first
    ORDER BY l.dispatch_id DESC LIMIT 1 OFFSET :limit - 1), :first)
  ORDER BY d.job_id, d.id DESC`;

// Index: job_dispatch_unfinished.
const WAITS = "job_id = v.value AND completed_at IS NULL AND available_at <= :until";
const OPEN = `
  SELECT ${BAR_COLUMNS} FROM json_each(:jobIds) v CROSS JOIN job_dispatch d
  WHERE d.id IN (SELECT id FROM job_dispatch WHERE ${WAITS} ORDER BY id DESC LIMIT :limit)
  ORDER BY d.job_id, d.id DESC`;

/** The bars of a timeline. `first` and `end` are the ids between which runs that ended are looked for. */
export function barsOf(
  db: Connection,
  { jobIds, from, until, limit }: BarQuery,
  { first, end }: { readonly first: number; readonly end: number },
): readonly RunBar[] {
  const of = { jobIds: JSON.stringify(jobIds), limit };
  return [...db.all(OPEN, { ...of, until }), ...db.all(ENDED, { ...of, first, end, from })].map(toRunBar);
}
