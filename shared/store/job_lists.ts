/**
 * The lists of jobs: each order of them, narrowed by labels, states and words.
 *
 * @module
 */
import { type Expression, type Kysely, type RawBuilder, sql, type SqlBool } from "kysely";
import { MOST_COUNTED } from "../domain/mod.ts";
import { decodeCursor, type Place } from "./cursor.ts";
import { isInSet, isInStates, isOfJobs, jobSet, patternAround } from "./job_set.ts";
import type { ListDialect } from "./list_dialect.ts";
import { compiled, limitOf, type ListQuery, oneOf } from "./list_query.ts";
import type { Schema } from "./schema.ts";
import type { JobCountQuery, JobQuery, PlannedStartsQuery } from "./store.ts";
import { worstFirstSql } from "./worst_first.ts";

/** How many jobs are looked at for those of a label: they fill a page where one job in twenty is wanted. */
const NEAR_JOBS = 1200;

/** Turns queries for jobs into the SQL of one database. */
export class JobLists {
  readonly #db: Kysely<Schema>;
  readonly #dialect: ListDialect;

  /** `db` compiles for the database of `dialect`. */
  constructor(db: Kysely<Schema>, dialect: ListDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  /**
   * Rows of `scheduled_jobs`. Indexes: scheduled_jobs_by_name, _by_next_run, _by_last_dispatch, the primary key, and those of
   * {@linkcode worstFirstSql}; each holds the order, so that a page is read and nothing sorted. With labels, the jobs of a label are found by their ids, then
   * sorted.
   *
   * @throws {Invalid} when the cursor is not of this list, or the search is longer than 1,000 characters.
   * @throws {RangeError} when the limit is not 1…200.
   */
  page(query: JobQuery): ListQuery {
    const { sort = "name", cursor } = query;
    const after = cursor === undefined ? null : decodeCursor(cursor, sort);
    if (sort === "worst") return this.#worst(query, after, false);
    return compiled(
      sql`
      select * from scheduled_jobs where ${this.areWanted(query)} ${this.#inOrder(sort, after)}
      limit ${limitOf(query)}`.compile(this.#db),
    );
  }

  /**
   * The same rows as {@linkcode JobLists.page}, if there are enough of them among the next {@linkcode NEAR_JOBS} in the order of the list;
   * fewer rows than a page and one prove nothing. Null: no label is named, so that there is no quicker way.
   */
  near(query: JobQuery): ListQuery | null {
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
      ) near where ${this.areWanted(others)} and ${isOfLabels} ${order} limit ${limitOf(query)}`;
  }

  /**
   * How many jobs a query names, no more than {@linkcode MOST_COUNTED}, in the column `n`. Indexes: those of labels and states; a text
   * is looked for in all jobs.
   */
  count(query: JobCountQuery): ListQuery {
    return compiled(
      sql`
      select count(*) as n from (
        select 1 as one from scheduled_jobs where ${this.areWanted(query)} limit ${sql.lit(MOST_COUNTED)}
      ) counted`.compile(this.#db),
    );
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

  /** Which jobs a query names. */
  areWanted(query: Omit<JobQuery, "limit">, within?: RawBuilder<unknown>): Expression<SqlBool> {
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

  /** The jobs that need a person now, then the others by name. */
  #worst(query: JobQuery, after: Place | null, isNear: boolean): ListQuery {
    const limit = limitOf(query);
    const byName = (also: RawBuilder<unknown>, place: Place | null) => {
      const next = sql`and ${also} ${this.#inOrder("name", place)}`;
      return isNear
        ? this.#near(query, next, this.#inOrder("name", null))
        : sql`select * from scheduled_jobs where ${this.areWanted(query)} ${next} limit ${limit}`;
    };
    const areWanted = this.areWanted.bind(this);
    return compiled(
      worstFirstSql({ query, after, limit, dialect: this.#dialect, areWanted, byName }).compile(this.#db),
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
