/**
 * The lists that people filter, sort and page through, built once for every database. Kysely is a compiler here: it has no
 * connection, and each store runs what {@linkcode ListQuery} holds.
 *
 * @module
 */
import { type CompiledQuery, type Dialect, DummyDriver, type Expression, Kysely, sql, type SqlBool } from "kysely";
import { z } from "zod";
import { Invalid } from "../domain/errors.ts";
import { DISPATCH_STATUSES, type DispatchStatus, type ExecutionStatus } from "../domain/mod.ts";
import { decodeCursor } from "./cursor.ts";
import type { Schema } from "./schema.ts";
import type { JobQuery, RunQuery } from "./store.ts";

/** Most rows of one page. */
const MAX_LIMIT = 200;

/** Longest text to search for. SQLite takes patterns of up to 50,000 bytes. */
const MAX_SEARCH = 1_000;

/** Every state of an attempt, and how an attempt that ended in it may have been executed. */
const EXECUTIONS_OF: Readonly<Record<DispatchStatus, readonly ExecutionStatus[]>> = {
  PENDING: [],
  IN_PROGRESS: [],
  COMPLETED: ["SUCCESS"],
  FAILED: ["FAILURE", "ERROR"],
  TIMEOUT: ["TIMEOUT"],
  CANCELLED: ["CANCELLED"],
};

const values = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** Columns of `job_dispatch` and the name of its job, by which a row becomes a `Dispatch`. */
export const DISPATCH_COLUMNS = [
  "d.id",
  "d.job_id",
  "j.name as job_name",
  "d.scheduled_for",
  "d.trigger",
  "d.status",
  "d.retry_count",
  "d.root_id",
  "d.available_at",
  "d.args",
  "d.worker_id",
  "d.lease_epoch",
  "d.lease_until",
  "d.claimed_at",
  "d.started_at",
  "d.completed_at",
  "d.exit_code",
  "d.signal",
  "d.error_message",
  "d.cancel_requested_at",
  "d.cancel_reason",
  "d.cancelled_for",
  "d.job_revision",
  "d.correlation_id",
  "d.created_at",
  "d.priority",
  "d.lane",
  "d.decision",
  "d.backfill_id",
  "d.at_once",
] as const;

/** A query to run, which answers one row more than a page holds when another page follows. */
export interface ListQuery {
  readonly sql: string;
  readonly parameters: readonly (string | number | boolean | null)[];
}

/** What of a database's dialect lists need. */
export interface ListDialect extends Pick<Dialect, "createAdapter" | "createQueryCompiler" | "createIntrospector"> {
  /** An instant as a value to compare a column with. */
  instant(ms: number | string | null): Expression<unknown>;
}

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
   * Rows of `scheduled_jobs`. Indexes: scheduled_jobs_by_name, _by_next_run, the primary key; each holds the order, so that
   * a page is read and nothing sorted.
   *
   * @throws {Invalid} when the cursor is not of this list, or the search is longer than 1,000 characters.
   * @throws {RangeError} when the limit is not 1…200.
   */
  jobs(query: JobQuery): ListQuery {
    const { sort = "name", search, state, cursor } = query;
    let rows = this.#db.selectFrom("scheduled_jobs").selectAll().where("deleted_at", "is", null);
    if (state !== undefined) rows = rows.where("is_active", "=", state === "active");
    if (search !== undefined && search !== "") {
      if (search.length > MAX_SEARCH) {
        throw new Invalid([{ field: "search", message: `must have at most ${MAX_SEARCH} characters` }]);
      }
      rows = rows.where(sql<SqlBool>`search_key like ${`%${escapeLike(search.toLowerCase())}%`} escape '\\'`);
    }
    const after = cursor === undefined ? null : decodeCursor(cursor, sort);
    switch (sort) {
      case "id":
        if (after !== null) rows = rows.where("id", ">", after.id);
        rows = rows.orderBy("id");
        break;
      case "name":
        if (after !== null) rows = rows.where(sql<SqlBool>`(search_key, id) > (${after.key}, ${after.id})`);
        rows = rows.orderBy("search_key").orderBy("id");
        break;
      case "nextRun":
        if (after !== null) rows = rows.where(this.#afterNextRun(after.key, after.id));
        rows = rows.orderBy(sql`next_run is null`).orderBy("next_run").orderBy("id");
        break;
    }
    return compiled(rows.limit(limitOf(query)).compile());
  }

  /**
   * Rows of `job_dispatch` with the name of the job, newest first, from one branch for each place where such rows are indexed:
   * live ones by their state, ended ones through `job_execution_logs`.
   *
   * @throws {Invalid} when the cursor is not of this list. @throws {RangeError} when the limit is not 1…200.
   */
  runs(query: RunQuery): ListQuery {
    const { jobId, statuses, cursor } = query;
    const limit = limitOf(query);
    const before = cursor === undefined ? null : decodeCursor(cursor, "newest").id;
    let rows = this.#db.selectFrom("job_dispatch as d").innerJoin("scheduled_jobs as j", "j.id", "d.job_id")
      .select(DISPATCH_COLUMNS);
    if (before !== null) rows = rows.where("d.id", "<", before);
    // Index: the primary key.
    const newest = (some: typeof rows) => some.orderBy("d.id", "desc").limit(limit);
    if (jobId === undefined && statuses === undefined) return compiled(newest(rows).compile());

    const wanted = new Set(statuses ?? DISPATCH_STATUSES);
    const ofJob = jobId === undefined ? rows : rows.where("d.job_id", "=", jobId);
    // A state is written into the SQL: only then can the partial indexes be used.
    const live = [...wanted].filter((status) => status === "PENDING" || status === "IN_PROGRESS")
      .map((status) => newest(ofJob.where("d.status", "=", sql.lit(status))));
    const executions = [...wanted].flatMap((status) => EXECUTIONS_OF[status]);
    const ended = () => {
      const all = ofJob.innerJoin("job_execution_logs as l", "l.dispatch_id", "d.id")
        .orderBy("l.dispatch_id", "desc").limit(limit);
      return before === null ? all : all.where("l.dispatch_id", "<", before);
    };
    // Index: job_execution_logs_by_job; without a job _by_end for each execution state, for successes the primary key.
    const branches = jobId !== undefined
      ? [
        ...live,
        ...(executions.length === 0 ? [] : [
          ended().where("l.job_id", "=", jobId).where("l.status", "in", executions),
        ]),
      ]
      : [
        ...live,
        ...executions.map((execution) =>
          execution === "SUCCESS"
            ? newest(rows.where("d.status", "=", sql.lit("COMPLETED")))
            : ended().where("l.status", "=", sql.lit(execution))
        ),
      ];
    const [first, ...others] = branches.map((branch) => this.#db.selectFrom(branch.as("b")).selectAll());
    if (first === undefined) return compiled(rows.where(sql<SqlBool>`false`).compile());
    const all = others.reduce((union, branch) => union.unionAll(branch), first);
    return compiled(this.#db.selectFrom(all.as("d")).selectAll().orderBy("id", "desc").limit(limit).compile());
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

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

function compiled({ sql, parameters }: CompiledQuery): ListQuery {
  return { sql, parameters: values.parse(parameters) };
}
