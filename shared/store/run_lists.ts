/**
 * The lists of runs. Their ids come from the indexes that hold such runs, then their rows by id.
 *
 * @module
 */
import {
  type AliasableExpression,
  type Kysely,
  type RawBuilder,
  type SelectQueryBuilder,
  sql,
  type SqlBool,
} from "kysely";
import {
  DISPATCH_STATUSES,
  type DispatchStatus,
  type EpochMs,
  type ExecutionStatus,
  FINAL_STATUSES,
  type Trigger,
} from "../domain/mod.ts";
import { decodeCursor } from "./cursor.ts";
import { isInSet, isLikeOne, isOfJobs, jobSet } from "./job_set.ts";
import type { ListDialect } from "./list_dialect.ts";
import { compiled, limitOf, type ListQuery, oneOf } from "./list_query.ts";
import { nearRunIds } from "./near_runs.ts";
import { isTriggered, lastOfWorkers } from "./run_narrowing.ts";
import { DISPATCH_COLUMNS } from "./run_rows.ts";
import type { Schema } from "./schema.ts";
import type { RunQuery } from "./store.ts";

/** Every state of an attempt, and how an attempt that ended in it may have been executed. */
const EXECUTIONS_OF: Readonly<Record<DispatchStatus, readonly ExecutionStatus[]>> = {
  PENDING: [],
  IN_PROGRESS: [],
  COMPLETED: ["SUCCESS"],
  FAILED: ["FAILURE", "ERROR"],
  TIMEOUT: ["TIMEOUT"],
  CANCELLED: ["CANCELLED"],
};
const LIVE_STATUSES = ["PENDING", "IN_PROGRESS"] as const;

/** A query for ids of runs. */
type Ids = AliasableExpression<{ readonly id: number }>;

/** Between which ids runs are wanted. */
export interface RunBounds {
  /** Not before this one; null: from the first. */
  readonly first?: number | null;
  /** Before this one; null: to the last. */
  readonly end?: number | null;
}

/** Between which ids a page of runs is wanted, and how many. */
interface Range {
  readonly before: number | null;
  readonly first: number | null;
  readonly limit: number;
}

/** Turns queries for runs into the SQL of one database. */
export class RunLists {
  readonly #db: Kysely<Schema>;
  readonly #dialect: ListDialect;

  /** `db` compiles for the database of `dialect`. */
  constructor(db: Kysely<Schema>, dialect: ListDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  /**
   * Rows of `job_dispatch` with the name of the job, newest first. Their ids come first, each from where such runs are indexed:
   * waiting and running ones from the partial indexes of their state, ended ones from `job_execution_logs`.
   *
   * @throws {Invalid} when the cursor is not of this list. @throws {RangeError} when the limit is not 1…200.
   */
  page(query: RunQuery, bounds: RunBounds): ListQuery {
    const limit = limitOf(query);
    const [first, ...others] = this.#runIds(query, bounds);
    const some = (ids: Ids) => this.#db.selectFrom(ids.as("some")).select("id");
    return this.#rowsOf(
      others.map(some).reduce((all, next) => all.unionAll(next), some(first)).orderBy("id", "desc").limit(limit),
    );
  }

  /**
   * The same rows as {@linkcode RunLists.page}, if there are enough of them among the newest runs of all jobs (`near_runs.ts`); fewer
   * rows than a page and one prove nothing. Null: no jobs are named, so that there is no quicker way.
   */
  near(query: RunQuery, bounds: RunBounds): ListQuery | null {
    const { jobId, statuses, triggers, workers, ids } = query;
    const others = [jobId, triggers, workers, ids];
    if (jobSet(query) === null || others.some((one) => one !== undefined)) return null;
    const executions = statuses?.flatMap((status) => EXECUTIONS_OF[status]) ?? null;
    const live = LIVE_STATUSES.filter((status) => statuses?.includes(status));
    if (executions?.length === 0 && live.length === 0) return null;
    return this.#rowsOf(nearRunIds({ query, ...rangeOf(query, bounds), executions, live }));
  }

  #rowsOf(ids: Ids): ListQuery {
    // CROSS JOIN: SQLite reads the ids first, and then one row of each table for each of them.
    const rows = this.#db.selectFrom(ids.as("wanted")).crossJoin("job_dispatch as d").crossJoin("scheduled_jobs as j")
      .whereRef("d.id", "=", "wanted.id").whereRef("j.id", "=", "d.job_id")
      .select(DISPATCH_COLUMNS).orderBy("wanted.id", "desc");
    return compiled(rows.compile());
  }

  /**
   * The first run that was made at or after an instant, as one row with its id; where there is none, an id that no run has yet.
   * Ids are given in the order in which runs are made, so that about 20 looks at the primary key find it among a million.
   */
  first(since: EpochMs): ListQuery {
    const isEarlier = sql`
      (select created_at from job_dispatch where id >= (low + high) / 2 order by id limit 1) < ${
      this.#dialect.instant(since)
    }`;
    return compiled(
      sql`
      with recursive bisect (low, high) as (
        select coalesce((select min(id) from job_dispatch), 1), coalesce((select max(id) from job_dispatch), 0) + 1
        union all
        select case when ${isEarlier} then (low + high) / 2 + 1 else low end,
          case when ${isEarlier} then high else (low + high) / 2 end
        from bisect where low < high
      )
      select low as n from bisect where low >= high`.compile(this.#db),
    );
  }

  /** The newest ids in each index where runs of a query may be. */
  #runIds(query: RunQuery, bounds: RunBounds): readonly [Ids, ...Ids[]] {
    const { jobId, statuses, triggers, workers, ids } = query;
    const range = rangeOf(query, bounds);
    const isOfAllJobs = jobId === undefined && jobSet(query) === null;
    // Index: the primary key.
    let newest = this.#attempts(query).orderBy("id", "desc").limit(range.limit);
    if (range.before !== null) newest = newest.where("id", "<", range.before);
    if (range.first !== null) newest = newest.where("id", ">=", range.first);
    const inState = statuses === undefined ? newest : newest.where("status", "in", statuses);
    if (ids !== undefined) return [inState.where(oneOf("id", ids))];
    if (isOfAllJobs && statuses === undefined && workers === undefined) {
      if (triggers === undefined || triggers.includes("schedule")) return [newest];
    }
    const wanted = new Set(statuses ?? DISPATCH_STATUSES);
    const live = this.#liveIds(query, wanted, range);
    if (workers !== undefined) {
      const ended = FINAL_STATUSES.filter((status) => wanted.has(status));
      const last = { workers, ended, conditions: conditionsOf(query), ...range };
      return someOf(ended.length === 0 ? live : [idsOf(lastOfWorkers(last, this.#dialect)), ...live], newest);
    }
    // Those that the schedule did not cause are few, and so are those that did not succeed.
    if (triggers !== undefined && !triggers.includes("schedule") && wanted.has("COMPLETED")) {
      const ofTrigger = inState.where("trigger", "<>", sql.lit("schedule"));
      return someOf(triggers.map((trigger) => ofTrigger.where(isTriggered("job_dispatch", [trigger]))), newest);
    }
    return someOf([...live, ...this.#endedIds(query, range)], newest);
  }

  /** The attempts of a query, whatever their state. */
  #attempts(query: RunQuery): SelectQueryBuilder<Schema, "job_dispatch", { readonly id: number }> {
    const { jobId, triggers, workers } = query;
    let attempts = this.#db.selectFrom("job_dispatch").select("id");
    if (jobId !== undefined) attempts = attempts.where("job_id", "=", jobId);
    // Asked for one run at a time: those that are live are few.
    if (jobSet(query) !== null) attempts = attempts.where(isOfJobs("job_dispatch.job_id", query));
    if (triggers !== undefined) attempts = attempts.where(isTriggered("job_dispatch", triggers));
    if (workers !== undefined) attempts = attempts.where(isLikeOne("worker_id", workers, "worker"));
    return attempts;
  }

  /**
   * The newest that wait, and the newest that run. Each `+` keeps the planner from walking the primary key in search of the few that
   * are live. Indexes: of SQLite job_dispatch_waiting, _running, with a job _unfinished; of PostgreSQL job_dispatch_waiting,
   * _waiting_by_job, _running.
   */
  #liveIds(query: RunQuery, wanted: ReadonlySet<DispatchStatus>, { before, first, limit }: Range): readonly Ids[] {
    let open = this.#attempts(query);
    if (before !== null) open = open.where(sql<SqlBool>`+id < ${before}`);
    if (first !== null) open = open.where(sql<SqlBool>`+id >= ${first}`);
    return LIVE_STATUSES.filter((status) => wanted.has(status)).map((status) =>
      open.where("status", "=", sql.lit(status)).where("completed_at", "is", null)
        .orderBy(sql`+id`, "desc").limit(limit)
    );
  }

  /** The newest that have ended, of each way in which they may have. Indexes: job_execution_logs_by_job, _by_end, _by_failure. */
  #endedIds(query: RunQuery, { before, first, limit }: Range): readonly Ids[] {
    const { jobId, statuses, triggers } = query;
    const set = jobSet(query);
    let ended = this.#db.selectFrom("job_execution_logs").select("dispatch_id as id");
    if (before !== null) ended = ended.where("dispatch_id", "<", before);
    if (first !== null) ended = ended.where("dispatch_id", ">=", first);
    if (jobId !== undefined) ended = ended.where("job_id", "=", jobId);
    if (set !== null) ended = ended.where(isInSet("job_id", set));
    if (triggers !== undefined) ended = ended.where(causedBy("dispatch_id", triggers));
    const lastEnded = ended.orderBy("dispatch_id", "desc").limit(limit);

    // To look for the runs of a few jobs among what ended last could take the whole table.
    const ofEach = jobId === undefined ? set : null;
    const caused = triggers === undefined ? {} : { caused: causedBy("l.dispatch_id", triggers) };
    const wanted: Ended = { before, first, limit, ...caused };
    if (statuses === undefined) return [ofEach === null ? lastEnded : lastOfEach(ofEach, wanted, this.#dialect)];
    return [...new Set(statuses)].flatMap((status) => EXECUTIONS_OF[status]).map((execution) => {
      if (ofEach !== null) return lastOfEach(ofEach, { ...wanted, execution }, this.#dialect);
      // Nearly all that ended succeeded, so that they are found by looking at what ended last.
      if (execution === "SUCCESS") return lastEnded.where("status", "=", sql.lit(execution));
      // SQLite uses a partial index where its condition is repeated.
      return lastEnded.where("status", "=", sql.lit(execution)).where("status", "<>", sql.lit("SUCCESS"));
    });
  }
}

/** @throws {Invalid} when the cursor is not of this list. @throws {RangeError} when the limit is not 1…200. */
function rangeOf(query: RunQuery, { first = null, end = null }: RunBounds): Range {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, "newest").id;
  const before = after === null || end === null ? after ?? end : Math.min(after, end);
  return { before, first, limit: limitOf(query) };
}

/** The conditions on an attempt `d` that a query has beside worker and state. */
function conditionsOf(query: RunQuery): readonly RawBuilder<SqlBool>[] {
  const { jobId, triggers } = query;
  const set = jobSet(query);
  return [
    ...jobId === undefined ? [] : [sql<SqlBool>`d.job_id = ${jobId}`],
    ...set === null ? [] : [isInSet("d.job_id", set)],
    ...triggers === undefined ? [] : [isTriggered("d", triggers)],
  ];
}

/** Which attempts that ended are wanted. */
interface Ended extends Range {
  readonly execution?: ExecutionStatus;
  /** Whether it was caused as it should be; absent: in whatever way. */
  readonly caused?: RawBuilder<SqlBool>;
}

/** At least one part of a list: where there is none, one that finds nothing. */
function someOf<Part extends Ids>(
  [one, ...others]: readonly Ids[],
  newest: { where(no: RawBuilder<SqlBool>): Part },
): readonly [Ids, ...Ids[]] {
  return one === undefined ? [newest.where(sql<SqlBool>`false`)] : [one, ...others];
}

/** Whether the run with the id in a column was caused by one of some triggers. Index: the primary key. */
function causedBy(column: string, triggers: readonly Trigger[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`exists (
    select 1 from job_dispatch c where c.id = ${sql.ref(column)} and ${isTriggered("c", triggers)})`;
}

/**
 * The last attempts that ended of each job of a set, then the last of all of them. Index: job_execution_logs_by_job: it reads about
 * as many entries for each job as the page has rows, however many runs there are. SQLite has no LATERAL, so there each job's oldest
 * wanted attempt is looked up first.
 */
function lastOfEach(set: RawBuilder<unknown>, wanted: Ended, { hasLateral }: ListDialect): Ids {
  const { before, first, limit, execution, caused } = wanted;
  const partial = execution === "SUCCESS" ? sql`` : sql`and l.status <> 'SUCCESS'`;
  const ofState = execution === undefined ? sql`` : sql`and l.status = ${sql.lit(execution)} ${partial}`;
  const inState = caused === undefined ? ofState : sql`${ofState} and ${caused}`;
  const jobs = sql`(${set}) v`;
  if (hasLateral) {
    // Pairs in the order of the index: by an equation and the order of ids, the planner would go along the primary key.
    const from = first === null ? sql`l.job_id >= v.job_id` : sql`(l.job_id, l.dispatch_id) >= (v.job_id, ${first})`;
    const last = sql`
      select l.dispatch_id as id from job_execution_logs l
      where ${from} and (l.job_id, l.dispatch_id) < (v.job_id, ${before ?? Number.MAX_SAFE_INTEGER}) ${inState}
      order by l.job_id desc, l.dispatch_id desc limit ${limit}`;
    return idsOf(sql`select e.id from ${jobs} cross join lateral (${last}) e order by e.id desc limit ${limit}`);
  }
  const earlier = before === null ? sql`` : sql`and l.dispatch_id < ${before}`;
  const later = first === null ? sql`` : sql`and l.dispatch_id >= ${first}`;
  const ofJob = sql`job_execution_logs l where l.job_id = v.job_id ${earlier} ${later} ${inState}`;
  const oldest = sql`select l.dispatch_id from ${ofJob} order by l.dispatch_id desc limit 1 offset ${limit - 1}`;
  return idsOf(sql`
    select l.dispatch_id as id from ${jobs} cross join ${ofJob} and l.dispatch_id >= coalesce((${oldest}), 0)
    order by l.dispatch_id desc limit ${limit}`);
}

function idsOf(query: RawBuilder<unknown>): Ids {
  return sql<{ readonly id: number }>`(${query})`;
}
