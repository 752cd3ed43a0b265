/**
 * The numbers that say at a glance whether all is well, by one query for every database. Each is counted in a partial index that
 * holds little else, and no further than `MOST_COUNTED`.
 *
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { type EpochMs, LATE_MS, MOST_COUNTED } from "../domain/mod.ts";
import { andSeen } from "./failing.ts";
import type { ListDialect } from "./list_dialect.ts";
import type { Visible } from "./page.ts";

/** Which numbers. */
export interface TotalsQuery {
  /** The present. */
  readonly now: EpochMs;
  /** From when failures count. */
  readonly failedSince: EpochMs;
  /** Of which jobs. Default: all. */
  readonly visible?: Visible;
}

/** Answers one row for `toTotals()`. */
export function totalsSql(
  { now, failedSince, visible = "all" }: TotalsQuery,
  dialect: Pick<ListDialect, "instant" | "yes">,
): RawBuilder<unknown> {
  const seen = (column: string) => andSeen(column, visible);
  const at = (ms: number) => dialect.instant(ms);
  const most = sql.lit(MOST_COUNTED);
  // Indexes: job_dispatch_running, job_dispatch_waiting, job_execution_logs_failed, scheduled_jobs_due; failing_jobs, all of it.
  return sql`
    SELECT running.n AS running, waiting.n AS waiting, waiting.since AS waiting_since, failed.n AS failed,
      late.n AS late, late.since AS late_since, failing.n AS failing, failing.since AS failing_since
    FROM (SELECT count(*) AS n FROM (
        SELECT 1 AS one FROM job_dispatch WHERE status = 'IN_PROGRESS' ${
    seen("job_dispatch.job_id")
  } LIMIT ${most}) r) running,
      (SELECT count(*) AS n, min(available_at) AS since FROM (
        SELECT available_at FROM job_dispatch
        WHERE status = 'PENDING' AND available_at <= ${at(now)} ${
    seen("job_dispatch.job_id")
  } LIMIT ${most}) w) waiting,
      (SELECT count(*) AS n FROM (
        SELECT 1 AS one FROM job_execution_logs
        WHERE status IN ('FAILURE', 'ERROR', 'TIMEOUT') AND run_time >= ${at(failedSince)} ${
    seen("job_execution_logs.job_id")
  }
        LIMIT ${most}) f) failed,
      (SELECT count(*) AS n, min(next_run) AS since FROM (
        SELECT next_run FROM scheduled_jobs
        WHERE is_active = ${dialect.yes} AND next_run IS NOT NULL AND deleted_at IS NULL AND next_run <= ${
    at(now - LATE_MS)
  } ${seen("scheduled_jobs.id")}
        ORDER BY next_run LIMIT ${most}) l) late,
      (SELECT count(*) AS n, min(since) AS since FROM (
        SELECT f.since FROM failing_jobs f CROSS JOIN scheduled_jobs j
        WHERE j.id = f.job_id AND j.is_active = ${dialect.yes} AND j.deleted_at IS NULL ${seen("f.job_id")}
        LIMIT ${most}) g) failing`;
}
