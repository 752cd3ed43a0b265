/**
 * The lists that people filter, sort and page through, built once for every database. Kysely is a compiler here: it has no
 * connection, and each store runs what {@linkcode ListQuery} holds.
 *
 * @module
 */
import {
  type AliasableExpression,
  type CompiledQuery,
  DummyDriver,
  type Expression,
  Kysely,
  type RawBuilder,
  sql,
  type SqlBool,
} from "kysely";
import { z } from "zod";
import {
  DISPATCH_STATUSES,
  type DispatchStatus,
  type EpochMs,
  type ExecutionStatus,
  FINAL_STATUSES,
  type TallyRange,
  type Trigger,
} from "../domain/mod.ts";
import { decodeCursor, type Place } from "./cursor.ts";
import { type FailingQuery, failingSql } from "./failing.ts";
import { isInSet, isInStates, isLikeOne, isOfJobs, jobSet, patternAround } from "./job_set.ts";
import { labelsSql } from "./label_counts.ts";
import { nearRunIds } from "./near_runs.ts";
import type { ListDialect } from "./list_dialect.ts";
import { DISPATCH_COLUMNS } from "./run_rows.ts";
import { isTriggered, lastOfWorkers } from "./run_narrowing.ts";
import type { Schema } from "./schema.ts";
import { countsSql, ofHostsSql, ofJobsSql, seriesSql, sliceSql } from "./statistics_queries.ts";
import type { JobTalliesQuery, SeriesQuery, SliceQuery } from "./statistics_store.ts";
import { type TotalsQuery, totalsSql } from "./totals.ts";
import { taggedGroupsSql, waitingNumbersSql, waitingSql } from "./waiting.ts";
import type { WaitingQuery } from "./waiting_page.ts";
import {
  type AuditQuery,
  type JobQuery,
  type LabelQuery,
  MOST_IDS,
  type PlannedStartsQuery,
  type RunQuery,
} from "./store.ts";

/** Most rows of one page. */
const MAX_LIMIT = 200;

/** How many jobs are looked at for those of a label: they fill a page where one job in twenty is wanted. */
const NEAR_JOBS = 1200;

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

const values = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** A query for ids of runs. */
type Ids = AliasableExpression<{ readonly id: number }>;

/** A query to run, which answers one row more than a page holds when another page follows. */
export interface ListQuery {
  readonly sql: string;
  readonly parameters: readonly (string | number | boolean | null)[];
}

/** Between which ids runs are wanted. */
export interface RunBounds {
  /** Not before this one; null: from the first. */
  readonly first?: number | null;
  /** Before this one; null: to the last. */
  readonly end?: number | null;
}

/**
 * Loads the lists of one database when the first is asked for. Processes that show nothing never load them: the scheduler and the
 * worker start sooner by what Kysely's 260 files take.
 */
export type LoadLists = () => Promise<Lists>;

/** Turns queries into the SQL of one database. */
export class Lists {
  readonly #db: Kysely<Schema>;
  readonly #dialect: ListDialect;

  /** `dialect` is asked for its compiler only. */
  constructor(dialect: ListDialect) {
    this.#dialect = dialect;
    this.#db = new Kysely<Schema>({
      dialect: {
        createAdapter: () => dialect.createAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => dialect.createIntrospector(db),
        createQueryCompiler: () => dialect.createQueryCompiler(),
      },
    });
  }

  /**
   * Rows of `scheduled_jobs`. Indexes: scheduled_jobs_by_name, _by_next_run, _by_last_dispatch, failing_jobs_by_age, the primary key;
   * each holds the order, so that a page is read and nothing sorted. With labels, the jobs of a label are found by their ids, then
   * sorted.
   *
   * @throws {Invalid} when the cursor is not of this list, or the search is longer than 1,000 characters.
   * @throws {RangeError} when the limit is not 1…200.
   */
  jobs(query: JobQuery): ListQuery {
    const { sort = "name", cursor } = query;
    const after = cursor === undefined ? null : decodeCursor(cursor, sort);
    if (sort === "worst") return this.#worst(query, after, false);
    return compiled(
      sql`
      select * from scheduled_jobs where ${this.#areWanted(query)} ${this.#inOrder(sort, after)}
      limit ${limitOf(query)}`.compile(this.#db),
    );
  }

  /**
   * The same rows as {@linkcode Lists.jobs}, if there are enough of them among the next {@linkcode NEAR_JOBS} in the order of the list;
   * fewer rows than a page and one prove nothing. Null: no label is named, so that there is no quicker way.
   */
  nearJobs(query: JobQuery): ListQuery | null {
    const { sort = "name", cursor, visible = "all", labels = [], ids, jobs } = query;
    if ((visible === "all" && labels.length === 0) || ids !== undefined || jobs !== undefined) return null;
    const after = cursor === undefined ? null : decodeCursor(cursor, sort);
    if (sort === "worst") return this.#worst(query, after, true);
    return compiled(this.#near(query, this.#inOrder(sort, after), this.#inOrder(sort, null)).compile(this.#db));
  }

  /** Those of the next jobs of a list that are wanted, each looked up by its id. */
  #near(query: JobQuery, next: RawBuilder<unknown>, order: RawBuilder<unknown>): RawBuilder<unknown> {
    const { visible, labels, ...others } = query;
    const isOfLabels = isOfJobs("near.id", {
      ...visible !== undefined && { visible },
      ...labels !== undefined && { labels },
    });
    return sql`
      select * from (
        select * from scheduled_jobs where deleted_at is null ${next} limit ${sql.lit(NEAR_JOBS)}
      ) near where ${this.#areWanted(others)} and ${isOfLabels} ${order} limit ${limitOf(query)}`;
  }

  /** The order of a list, from after a place on. */
  #inOrder(sort: Exclude<JobQuery["sort"], "worst" | undefined>, after: Place | null): RawBuilder<unknown> {
    const from = (isAfter: (place: Place) => unknown) => after === null ? sql`` : sql`and ${isAfter(after)}`;
    switch (sort) {
      case "id":
        return sql`${from(({ id }) => sql`id > ${id}`)} order by id`;
      case "name":
        return sql`${from(({ key, id }) => sql`(search_key, id) > (${key}, ${id})`)} order by search_key, id`;
      case "nextRun":
        return sql`${from(({ key, id }) => this.#afterNextRun(key, id))} order by next_run is null, next_run, id`;
      case "lastRun":
        return sql`${from(({ key, id }) => this.#afterLastRun(key, id))}
          order by last_dispatched_at desc nulls last, id desc`;
    }
  }

  /** Next runs of jobs, in the column `at`. Index: scheduled_jobs_due, of which only the span is read. */
  plannedStarts({ from, until, except, visible = "all", limit }: PlannedStartsQuery): ListQuery {
    const { instant, yes } = this.#dialect;
    let rows = this.#db.selectFrom("scheduled_jobs").select("next_run as at")
      .where(sql<SqlBool>`is_active = ${yes}`).where("deleted_at", "is", null)
      .where(sql<SqlBool>`next_run >= ${instant(from)} and next_run < ${instant(until)}`);
    if (except !== null) rows = rows.where("id", "<>", except);
    if (visible !== "all") rows = rows.where(isOfJobs("scheduled_jobs.id", { visible }));
    return compiled(rows.orderBy("next_run").limit(limit).compile());
  }

  /**
   * Rows of `job_dispatch` with the name of the job, newest first. Their ids come first, each from where such runs are indexed:
   * waiting and running ones from the partial indexes of their state, ended ones from `job_execution_logs`.
   *
   * @throws {Invalid} when the cursor is not of this list. @throws {RangeError} when the limit is not 1…200.
   */
  runs(query: RunQuery, bounds: RunBounds): ListQuery {
    const limit = limitOf(query);
    const [first, ...others] = this.#runIds(query, bounds);
    const some = (ids: Ids) => this.#db.selectFrom(ids.as("some")).select("id");
    return this.#rowsOf(
      others.map(some).reduce((all, next) => all.unionAll(next), some(first)).orderBy("id", "desc").limit(limit),
    );
  }

  /**
   * The same rows as {@linkcode Lists.runs}, if there are enough of them among the newest runs of all jobs (`near_runs.ts`); fewer
   * rows than a page and one prove nothing. Null: no jobs are named, so that there is no quicker way.
   */
  nearRuns(query: RunQuery, { first = null, end = null }: RunBounds): ListQuery | null {
    const { jobId, statuses, triggers, workers, ids, cursor } = query;
    const others = [jobId, triggers, workers, ids];
    if (jobSet(query) === null || others.some((one) => one !== undefined)) return null;
    const after = cursor === undefined ? null : decodeCursor(cursor, "newest").id;
    const before = after === null || end === null ? after ?? end : Math.min(after, end);
    const executions = statuses?.flatMap((status) => EXECUTIONS_OF[status]) ?? null;
    const live = LIVE_STATUSES.filter((status) => statuses?.includes(status));
    if (executions?.length === 0 && live.length === 0) return null;
    return this.#rowsOf(nearRunIds({ query, limit: limitOf(query), before, first, executions, live }));
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
  firstRun(since: EpochMs): ListQuery {
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

  /**
   * Rows of `audit_events`, newest first. Indexes: audit_events_by_actor, _by_action, _by_subject, the primary key.
   *
   * @throws {Invalid} when the cursor is not of this list. @throws {RangeError} when the limit is not 1…200.
   */
  audit(query: AuditQuery): ListQuery {
    const { actor, action, subject, outcome, since, until, cursor } = query;
    let rows = this.#db.selectFrom("audit_events").selectAll();
    if (cursor !== undefined) rows = rows.where("id", "<", decodeCursor(cursor, "newest").id);
    if (actor !== undefined) rows = rows.where("actor_name", "=", actor.replaceAll("\0", ""));
    if (action !== undefined) rows = rows.where("action", "=", action);
    if (subject !== undefined) {
      rows = rows.where("subject_kind", "=", subject.kind);
      if (subject.id !== undefined) rows = rows.where("subject_id", "=", subject.id);
    }
    if (outcome !== undefined) rows = rows.where("outcome", "=", outcome);
    if (since !== undefined) rows = rows.where(sql<SqlBool>`at >= ${this.#dialect.instant(since)}`);
    if (until !== undefined) rows = rows.where(sql<SqlBool>`at < ${this.#dialect.instant(until)}`);
    return compiled(rows.orderBy("id", "desc").limit(limitOf(query)).compile());
  }

  /** One row of numbers: `totals.ts`. */
  totals(query: TotalsQuery): ListQuery {
    return compiled(totalsSql(query, this.#dialect).compile(this.#db));
  }

  /** Writes the jobs of a change of many. */
  bulkJobs(bulkId: number, jobs: Omit<JobQuery, "limit">): ListQuery {
    return compiled(
      sql`
      insert into bulk_jobs (bulk_id, job_id, job_name)
      select ${sql.lit(bulkId)}, id, name from scheduled_jobs where ${this.#areWanted(jobs)}`.compile(this.#db),
    );
  }

  /** Labels of jobs: `label_counts.ts`. */
  labels(query: LabelQuery): ListQuery {
    return compiled(labelsSql(query).compile(this.#db));
  }

  /** Rows of failing jobs: `failing.ts`. */
  failing(query: FailingQuery): ListQuery {
    return compiled(failingSql(query, this.#dialect).compile(this.#db));
  }

  /** Rows of `run_statistics` for `toSeries()`. */
  series(query: SeriesQuery): ListQuery {
    return compiled(seriesSql(query, this.#dialect).compile(this.#db));
  }

  /** Rows of `run_statistics` for `toCountedSeries()`. */
  seriesCounts(query: SeriesQuery): ListQuery {
    return compiled(countsSql(query, this.#dialect).compile(this.#db));
  }

  /** Rows of `run_statistics` for `toTalliesOfJobs()`. */
  talliesOfJobs(query: JobTalliesQuery): ListQuery {
    return compiled(ofJobsSql(query, this.#dialect).compile(this.#db));
  }

  /** Rows of `run_statistics` for `toTalliesOfHosts()`. */
  talliesOfHosts(range: TallyRange): ListQuery {
    return compiled(ofHostsSql(range, this.#dialect).compile(this.#db));
  }

  /** Rows of `run_statistics` for `toJobNumbers()`. */
  tallySlice(query: SliceQuery): ListQuery {
    return compiled(sliceSql(query, this.#dialect).compile(this.#db));
  }

  /** A page of waiting runs, and their numbers: `waiting.ts`. */
  waiting(query: WaitingQuery): { readonly page: ListQuery; readonly numbers: ListQuery } {
    limitOf(query);
    return {
      page: compiled(waitingSql(query, this.#dialect).compile(this.#db)),
      numbers: compiled(waitingNumbersSql(query, this.#dialect).compile(this.#db)),
    };
  }

  /** The queue groups with tags. */
  taggedGroups(limit: number): ListQuery {
    return compiled(taggedGroupsSql(limit).compile(this.#db));
  }

  /** The newest ids in each index where runs of a query may be. */
  #runIds(query: RunQuery, { first = null, end = null }: RunBounds): readonly [Ids, ...Ids[]] {
    const { jobId, statuses, triggers, workers, ids, cursor } = query;
    const limit = limitOf(query);
    const after = cursor === undefined ? null : decodeCursor(cursor, "newest").id;
    const before = after === null || end === null ? after ?? end : Math.min(after, end);
    const set = jobSet(query);
    let ofJob = this.#db.selectFrom("job_dispatch").select("id");
    if (jobId !== undefined) ofJob = ofJob.where("job_id", "=", jobId);
    // Asked for one run at a time: those that are live are few.
    if (set !== null) ofJob = ofJob.where(isOfJobs("job_dispatch.job_id", query));
    if (triggers !== undefined) ofJob = ofJob.where(isTriggered("job_dispatch", triggers));
    if (workers !== undefined) ofJob = ofJob.where(isLikeOne("worker_id", workers, "worker"));
    // Index: the primary key.
    let newest = ofJob.orderBy("id", "desc").limit(limit);
    if (before !== null) newest = newest.where("id", "<", before);
    if (first !== null) newest = newest.where("id", ">=", first);
    const inState = statuses === undefined ? newest : newest.where("status", "in", statuses);
    if (ids !== undefined) return [inState.where(oneOf("id", ids))];
    if (jobId === undefined && statuses === undefined && workers === undefined && set === null) {
      if (triggers === undefined || triggers.includes("schedule")) return [newest];
    }
    const wanted = new Set(statuses ?? DISPATCH_STATUSES);
    // Each `+` keeps the planner from walking the primary key in search of the few that are live. Indexes: of SQLite
    // job_dispatch_waiting, _running, with a job _unfinished; of PostgreSQL job_dispatch_waiting, _waiting_by_job, _running.
    let open = ofJob;
    if (before !== null) open = open.where(sql<SqlBool>`+id < ${before}`);
    if (first !== null) open = open.where(sql<SqlBool>`+id >= ${first}`);
    const live = LIVE_STATUSES.filter((status) => wanted.has(status)).map((status) =>
      open.where("status", "=", sql.lit(status)).where("completed_at", "is", null)
        .orderBy(sql`+id`, "desc").limit(limit)
    );
    if (workers !== undefined) {
      const ended = FINAL_STATUSES.filter((status) => wanted.has(status));
      const conditions = [
        ...jobId === undefined ? [] : [sql<SqlBool>`d.job_id = ${jobId}`],
        ...set === null ? [] : [isInSet("d.job_id", set)],
        ...triggers === undefined ? [] : [isTriggered("d", triggers)],
      ];
      const last = { workers, ended, conditions, before, first, limit };
      return someOf(ended.length === 0 ? live : [idsOf(lastOfWorkers(last, this.#dialect)), ...live], newest);
    }
    // Those that the schedule did not cause are few, and so are those that did not succeed.
    if (triggers !== undefined && !triggers.includes("schedule") && wanted.has("COMPLETED")) {
      const ofTrigger = inState.where("trigger", "<>", sql.lit("schedule"));
      return someOf(triggers.map((trigger) => ofTrigger.where(isTriggered("job_dispatch", [trigger]))), newest);
    }

    // Indexes: job_execution_logs_by_job, _by_end, _by_failure.
    let ended = this.#db.selectFrom("job_execution_logs").select("dispatch_id as id");
    if (before !== null) ended = ended.where("dispatch_id", "<", before);
    if (first !== null) ended = ended.where("dispatch_id", ">=", first);
    if (jobId !== undefined) ended = ended.where("job_id", "=", jobId);
    if (set !== null) ended = ended.where(isInSet("job_id", set));
    if (triggers !== undefined) ended = ended.where(causedBy("dispatch_id", triggers));
    const lastEnded = ended.orderBy("dispatch_id", "desc").limit(limit);

    // To look for the runs of a few jobs among what ended last could take the whole table.
    const ofEach = jobId === undefined ? set : null;
    const bounds = {
      before,
      first,
      limit,
      ...(triggers !== undefined && { caused: causedBy("l.dispatch_id", triggers) }),
    };
    if (statuses === undefined) {
      return [ofEach === null ? lastEnded : lastOfEach(ofEach, bounds, this.#dialect), ...live];
    }
    const executions = [...wanted].flatMap((status) => EXECUTIONS_OF[status]);
    const branches: readonly Ids[] = [
      ...live,
      ...executions.map((execution) => {
        if (ofEach !== null) return lastOfEach(ofEach, { ...bounds, execution }, this.#dialect);
        // Nearly all that ended succeeded, so that they are found by looking at what ended last.
        if (execution === "SUCCESS") return lastEnded.where("status", "=", sql.lit(execution));
        // SQLite uses a partial index where its condition is repeated.
        return lastEnded.where("status", "=", sql.lit(execution)).where("status", "<>", sql.lit("SUCCESS"));
      }),
    ];
    return someOf(branches, newest);
  }

  /** Which jobs a query names. */
  #areWanted(query: Omit<JobQuery, "limit">, within: RawBuilder<unknown> | null = null): Expression<SqlBool> {
    const { search = "", states, ids, now } = query;
    const set = jobSet(query, within);
    const conditions: readonly Expression<SqlBool>[] = [
      sql<SqlBool>`deleted_at is null`,
      ...ids === undefined ? [] : [oneOf("id", ids)],
      ...states === undefined ? [] : [isInStates(states, now, this.#dialect)],
      ...search === "" ? [] : [sql<SqlBool>`search_key like ${patternAround(search, "search")} escape '\\'`],
      ...set === null ? [] : [isInSet("id", set)],
    ];
    return sql<SqlBool>`${sql.join(conditions, sql` and `)}`;
  }

  /** The jobs that fail, the newest failure first, then the others by name. */
  #worst(query: JobQuery, after: Place | null, isNear: boolean): ListQuery {
    const limit = limitOf(query);
    const isAmongOthers = typeof after?.key === "string";
    const { states, ...rest } = query;
    // The state holds for all of them.
    const amongFailing = states?.includes("failing") ? rest : query;
    const isFailingOnly = states?.every((state) => state === "failing") === true;
    const instant = (key: Place["key"]) => this.#dialect.instant(key);
    const failing = sql`
      select j.*, f.since as failing_since from failing_jobs f cross join scheduled_jobs j
      where j.id = f.job_id and ${this.#areWanted(amongFailing, sql`select job_id from failing_jobs`)} ${
      after === null || isAmongOthers ? sql`` : sql`and (f.since, f.job_id) < (${instant(after.key)}, ${after.id})`
    } order by f.since desc, f.job_id desc limit ${limit}`;
    const notFailing = (id: string) => sql`not exists (select 1 from failing_jobs f where f.job_id = ${sql.ref(id)})`;
    const byName = this.#inOrder("name", isAmongOthers ? after : null);
    const others = isNear
      ? sql`
      select j.*, ${instant(null)} as failing_since from (${
        this.#near(query, sql`and ${notFailing("scheduled_jobs.id")} ${byName}`, this.#inOrder("name", null))
      }) j`
      : sql`
      select j.*, ${instant(null)} as failing_since from scheduled_jobs j
      where ${notFailing("j.id")} and ${this.#areWanted(query)} ${byName} limit ${limit}`;
    const parts = [
      ...isAmongOthers ? [] : [sql`select * from (${failing}) f`],
      ...isFailingOnly && !isAmongOthers ? [] : [sql`select * from (${others}) o`],
    ];
    return compiled(
      sql`
      select * from (${sql.join(parts, sql` union all `)}) jobs
      order by failing_since is null, failing_since desc,
        case when failing_since is null then search_key end, case when failing_since is null then id else -id end
      limit ${limit}`.compile(this.#db),
    );
  }

  /** Jobs that their schedule never started come last. */
  #afterLastRun(key: string | number | null, id: number): Expression<SqlBool> {
    return key === null
      ? sql<SqlBool>`last_dispatched_at is null and id < ${id}`
      : sql<SqlBool>`((last_dispatched_at, id) < (${this.#dialect.instant(key)}, ${id}) or last_dispatched_at is null)`;
  }

  /** Jobs without a next run come last. */
  #afterNextRun(key: string | number | null, id: number): Expression<SqlBool> {
    return key === null
      ? sql<SqlBool>`next_run is null and id > ${id}`
      : sql<SqlBool>`((next_run, id) > (${this.#dialect.instant(key)}, ${id}) or next_run is null)`;
  }
}

function limitOf({ limit }: { readonly limit: number }): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit + 1;
  throw new RangeError(`Cannot list ${limit} rows: a page has 1…${MAX_LIMIT}`);
}

/** Whether a column has one of some values; none, where there are none. */
function oneOf(column: string, values: readonly number[]): Expression<SqlBool> {
  if (values.length === 0) return sql<SqlBool>`false`;
  if (values.length > MOST_IDS) throw new RangeError(`Cannot list ${values.length} ids: a query takes ${MOST_IDS}`);
  return sql<SqlBool>`${sql.ref(column)} in (${sql.join(values)})`;
}

/** Which attempts that ended are wanted. */
interface Ended {
  readonly before: number | null;
  readonly first: number | null;
  readonly limit: number;
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

function compiled({ sql, parameters }: CompiledQuery): ListQuery {
  return { sql, parameters: values.parse(parameters) };
}
