/**
 * The newest runs of some jobs, found among the newest runs of all: where many jobs are wanted, as by who may see those of a label, a
 * page is full after a few hundred, and nobody has to ask each job for its own. Where it does not fill a page, it proves nothing
 * about older runs, and the list is read job by job (`lists.ts`).
 *
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import type { DispatchStatus, ExecutionStatus } from "../domain/mod.ts";
import { isOfJobs } from "./job_set.ts";
import type { RunQuery } from "./store.ts";

/** How many of the newest runs in each state are looked at: they fill a page where one run in twenty is of such a job. */
const NEAR = 1000;

/** Which runs are wanted. */
export interface Near {
  readonly query: RunQuery;
  readonly limit: number;
  /** Before this one; null: to the last. */
  readonly before: number | null;
  /** Not before this one; null: from the first. */
  readonly first: number | null;
  /** States of those that have ended; null, with all states: those in any state. */
  readonly executions: readonly ExecutionStatus[] | null;
  /** States of those that have not. */
  readonly live: readonly DispatchStatus[];
}

/**
 * The ids of runs, newest first. Indexes: the primary keys; job_execution_logs_by_end; of live runs those of their state. Each branch
 * ends somewhere, by its number of rows or its least id, and a run counts only above the highest of these ends: nothing newer can be
 * missing.
 */
export function nearRunIds(
  { query, limit, before, first, executions, live }: Near,
): RawBuilder<{ readonly id: number }> {
  const within = (column: string) =>
    sql`${before === null ? sql`` : sql`and ${sql.ref(column)} < ${before}`} ${
      first === null ? sql`` : sql`and ${sql.ref(column)} >= ${first}`
    }`;
  const least = sql`(select coalesce(max(id), 0) - ${NEAR} from job_dispatch where id > 0 ${within("id")})`;
  const newest = sql`select id, job_id from job_dispatch where id > ${least} ${within("id")}`;
  const succeeded = sql`
    select dispatch_id as id, job_id from job_execution_logs
    where status = 'SUCCESS' and dispatch_id > ${least} ${within("dispatch_id")}`;
  const ended = (execution: ExecutionStatus) =>
    sql`
    select dispatch_id as id, job_id from job_execution_logs
    where status = ${sql.lit(execution)} and status <> 'SUCCESS' ${within("dispatch_id")}
    order by dispatch_id desc limit ${NEAR}`;
  // The `+` keeps the planner from walking the primary key in search of the few that are live.
  const withinOpen = sql`${before === null ? sql`` : sql`and +id < ${before}`} ${
    first === null ? sql`` : sql`and +id >= ${first}`
  }`;
  const open = (status: DispatchStatus) =>
    sql`
    select id, job_id from job_dispatch
    where status = ${sql.lit(status)} and completed_at is null ${withinOpen} order by +id desc limit ${NEAR}`;
  const isBounded = executions === null || executions.includes("SUCCESS");
  const branches = executions === null
    ? [newest]
    : [...live.map(open), ...executions.map((one) => one === "SUCCESS" ? succeeded : ended(one))];
  const near = branches.map((branch, i) => sql`select ${sql.lit(i)} as branch, b.id, b.job_id from (${branch}) b`);
  return sql<{ readonly id: number }>`(
    with near as materialized (${sql.join(near, sql` union all `)})
    select near.id from near
    where ${isOfJobs("near.job_id", query)} ${isBounded ? sql`and near.id > ${least}` : sql``} and near.id >= (
      select coalesce(max(f.id), 0) from (select min(id) as id from near group by branch having count(*) >= ${NEAR}) f)
    order by near.id desc limit ${limit})`;
}
