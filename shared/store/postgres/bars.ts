import type { RunBar } from "../../domain/mod.ts";
import { BAR_COLUMNS, toRunBar } from "../bar_rows.ts";
import { BAR_OVERLAPS, type BarQuery } from "../run_store.ts";
import { type Connection, statement } from "./connection.ts";
import { instant } from "./values.ts";

// Pairs in the order of the index job_execution_logs_by_job, as in the lists.
const ENDED = statement(`
  SELECT ${BAR_COLUMNS} FROM unnest($1::bigint[]) AS v (job_id) CROSS JOIN LATERAL (
    SELECT dispatch_id FROM (
      SELECT l.dispatch_id, l.run_time FROM job_execution_logs l
      WHERE (l.job_id, l.dispatch_id) >= (v.job_id, $2::bigint) AND (l.job_id, l.dispatch_id) < (v.job_id, $3::bigint)
      ORDER BY l.job_id DESC, l.dispatch_id DESC LIMIT $5::integer + ${BAR_OVERLAPS}
    ) newest WHERE run_time >= $4 ORDER BY dispatch_id DESC LIMIT $5::integer
  ) e JOIN job_dispatch d ON d.id = e.dispatch_id ORDER BY d.job_id, d.id DESC`);

// Indexes: job_dispatch_waiting_by_job, job_dispatch_running.
const open = (status: string) => `
  SELECT ${BAR_COLUMNS} FROM unnest($1::bigint[]) AS v (job_id) CROSS JOIN LATERAL (
    SELECT * FROM job_dispatch w WHERE w.job_id = v.job_id AND w.status = '${status}' AND w.available_at <= $2 LIMIT $3
  ) d`;
const OPEN = statement(`${open("PENDING")} UNION ALL ${open("IN_PROGRESS")} ORDER BY job_id, id DESC`);

/** The bars of a timeline. Those that have not ended are read first, so that a run that ends meanwhile is missed by neither. */
export async function barsOf(
  db: Connection,
  { jobIds, from, until, limit, bounds: { first, end } }: BarQuery,
): Promise<readonly RunBar[]> {
  const unfinished = await db.all(OPEN, [jobIds, instant(until), limit]);
  const ended = await db.all(ENDED, [jobIds, first, end, instant(from), limit]);
  return [...unfinished, ...ended].map(toRunBar);
}
