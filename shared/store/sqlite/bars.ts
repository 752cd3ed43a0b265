import type { RunBar } from "../../domain/mod.ts";
import { BAR_COLUMNS, toRunBar } from "../bar_rows.ts";
import { BAR_OVERLAPS, type BarQuery } from "../run_store.ts";
import type { Connection } from "./connection.ts";

const IN_TIME = "l.job_id = v.value AND l.dispatch_id < :end";
// The id of the attempt at this place among those of a job that were made in time, counted from the newest.
const nth = (place: string, more = "") =>
  `(
    SELECT l.dispatch_id FROM job_execution_logs l WHERE ${IN_TIME} AND l.dispatch_id >= :first ${more}
    ORDER BY l.dispatch_id DESC LIMIT 1 OFFSET ${place})`;

// Index: job_execution_logs_by_job, of each job from the oldest that is looked at to the end of the span. SQLite has no LATERAL, so
// that one is looked up first, and then the oldest wanted one.
const ENDED = `
  WITH looked AS MATERIALIZED (
    SELECT v.value, coalesce(${nth(`:limit + ${BAR_OVERLAPS} - 1`)}, :first) AS least FROM json_each(:jobIds) v
  )
  SELECT ${BAR_COLUMNS} FROM looked v CROSS JOIN job_execution_logs l CROSS JOIN job_dispatch d
  WHERE ${IN_TIME} AND l.run_time >= :from AND d.id = l.dispatch_id
    AND l.dispatch_id >= coalesce(${nth(":limit - 1", "AND l.dispatch_id >= v.least AND l.run_time >= :from")}, v.least)
  ORDER BY d.job_id, d.id DESC`;

// Index: job_dispatch_unfinished.
const WAITS = "job_id = v.value AND completed_at IS NULL AND available_at <= :until";
const OPEN = `
  SELECT ${BAR_COLUMNS} FROM json_each(:jobIds) v CROSS JOIN job_dispatch d
  WHERE d.id IN (SELECT id FROM job_dispatch WHERE ${WAITS} ORDER BY id DESC LIMIT :limit)
  ORDER BY d.job_id, d.id DESC`;

/** The bars of a timeline. */
export function barsOf(
  db: Connection,
  { jobIds, from, until, limit, bounds: { first, end } }: BarQuery,
): readonly RunBar[] {
  const of = { jobIds: JSON.stringify(jobIds), limit };
  return [...db.all(OPEN, { ...of, until }), ...db.all(ENDED, { ...of, first, end, from })].map(toRunBar);
}
