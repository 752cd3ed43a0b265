/**
 * The jobs that fail, by one query for every database: each with its last failure, which retention keeps.
 *
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import type { JobId } from "../domain/mod.ts";
import { isOfJobs } from "./job_set.ts";
import type { ListDialect } from "./list_dialect.ts";
import type { Visible } from "./page.ts";

/** Which failing jobs. */
export interface FailingQuery {
  /** Those among these, paused ones too; absent: all but the paused ones. */
  readonly ids?: readonly JobId[];
  /** Of which jobs. Default: all. */
  readonly visible?: Visible;
  /** Most jobs that are answered. */
  readonly limit: number;
}

/**
 * Whether a job, whose id is `column`, is among those that somebody may see: a condition to go on from. Asked for one job at a time,
 * because a list of all that somebody may see takes longer than the rest of the statement.
 */
export function andSeen(column: string, visible: Visible): RawBuilder<unknown> {
  return visible === "all" ? sql`` : sql`AND ${isOfJobs(column, { visible })}`;
}

/** Answers rows for `toFailingJob()`, the latest to begin to fail first. */
export function failingSql(
  { ids, visible = "all", limit }: FailingQuery,
  { yes }: Pick<ListDialect, "yes">,
): RawBuilder<unknown> {
  const which = ids === undefined
    ? sql`AND j.is_active = ${yes}`
    : ids.length === 0
    ? sql`AND false`
    : sql`AND f.job_id IN (${sql.join(ids)})`;
  // Indexes: failing_jobs, all of it or its primary key; job_execution_logs_failures, one look for each job.
  return sql`
    SELECT f.job_id, j.name AS job_name, f.since, d.id AS dispatch_id, d.error_message AS message
    FROM failing_jobs f CROSS JOIN scheduled_jobs j CROSS JOIN job_dispatch d
    WHERE j.id = f.job_id AND j.deleted_at IS NULL ${which} ${andSeen("f.job_id", visible)}
      AND d.id = (
        SELECT max(l.dispatch_id) FROM job_execution_logs l
        WHERE l.job_id = f.job_id AND l.status IN ('FAILURE', 'ERROR', 'TIMEOUT'))
    ORDER BY f.since DESC, f.job_id LIMIT ${limit}`;
}
