/**
 * The lists that people filter, sort and page through, built once for every database. Kysely is a compiler here: it has no
 * connection, and each store runs what {@linkcode ListQuery} holds.
 *
 * @module
 */
import {
  type AliasableExpression,
  type CompiledQuery,
  type Dialect,
  DummyDriver,
  type Expression,
  Kysely,
  type RawBuilder,
  sql,
  type SqlBool,
} from "kysely";
import { z } from "zod";
import { Invalid } from "../domain/errors.ts";
import { DISPATCH_STATUSES, type DispatchStatus, type ExecutionStatus } from "../domain/mod.ts";
import { decodeCursor } from "./cursor.ts";
import type { Schema } from "./schema.ts";
import { type TotalsQuery, totalsSql } from "./totals.ts";
import { type AuditQuery, type JobQuery, MOST_IDS, type RunQuery, type Visible } from "./store.ts";

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
const LIVE_STATUSES = ["PENDING", "IN_PROGRESS"] as const;

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

/** A query for ids of runs. */
type Ids = AliasableExpression<{ readonly id: number }>;

/** A query to run, which answers one row more than a page holds when another page follows. */
export interface ListQuery {
  readonly sql: string;
  readonly parameters: readonly (string | number | boolean | null)[];
}

/** The part of a database's dialect that lists need. */
export interface ListDialect extends Pick<Dialect, "createAdapter" | "createQueryCompiler" | "createIntrospector"> {
  /** An instant as a value to compare a column with. */
  instant(ms: number | string | null): Expression<unknown>;
  /** The value "true", as the conditions of partial indexes have it. */
  readonly yes: Expression<unknown>;
  /** Whether a part of a join may refer to the parts before it. */
  readonly hasLateral: boolean;
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
   * a page is read and nothing sorted. With labels, the jobs of a label are found by their ids, then sorted.
   *
   * @throws {Invalid} when the cursor is not of this list, or the search is longer than 1,000 characters.
   * @throws {RangeError} when the limit is not 1…200.
   */
  jobs(query: JobQuery): ListQuery {
    const { sort = "name", search, state, labels = [], visible = "all", ids, cursor } = query;
    let rows = this.#db.selectFrom("scheduled_jobs").selectAll().where("deleted_at", "is", null);
    if (ids !== undefined) rows = rows.where(oneOf("id", ids));
    if (state !== undefined) rows = rows.where("is_active", "=", state === "active");
    if (search !== undefined && search !== "") {
      if (search.length > MAX_SEARCH || search.includes("\0")) {
        const message = `must have at most ${MAX_SEARCH} characters, and no NUL among them`;
        throw new Invalid([{ field: "search", message }]);
      }
      rows = rows.where(sql<SqlBool>`search_key like ${`%${escapeLike(search.toLowerCase())}%`} escape '\\'`);
    }
    for (const label of labels) {
      // Index: the primary key of job_labels.
      rows = rows.where("id", "in", this.#db.selectFrom("job_labels").select("job_id").where("label", "=", label));
    }
    if (visible !== "all") rows = rows.where(visibleAt("id", visible));
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
   * Rows of `job_dispatch` with the name of the job, newest first. Their ids come first, each from where such runs are indexed:
   * waiting and running ones from the partial indexes of their state, ended ones from `job_execution_logs`.
   *
   * @throws {Invalid} when the cursor is not of this list. @throws {RangeError} when the limit is not 1…200.
   */
  runs(query: RunQuery): ListQuery {
    const limit = limitOf(query);
    const [first, ...others] = this.#runIds(query, limit);
    const some = (ids: Ids) => this.#db.selectFrom(ids.as("some")).select("id");
    const ids = others.map(some).reduce((all, next) => all.unionAll(next), some(first)).orderBy("id", "desc").limit(
      limit,
    );
    // CROSS JOIN: SQLite reads the ids first, and then one row of each table for each of them.
    const rows = this.#db.selectFrom(ids.as("wanted")).crossJoin("job_dispatch as d").crossJoin("scheduled_jobs as j")
      .whereRef("d.id", "=", "wanted.id").whereRef("j.id", "=", "d.job_id")
      .select(DISPATCH_COLUMNS).orderBy("wanted.id", "desc");
    return compiled(rows.compile());
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

  /** The newest ids in each index where runs of a query may be. */
  #runIds({ jobId, statuses, visible = "all", ids, cursor }: RunQuery, limit: number): readonly [Ids, ...Ids[]] {
    const before = cursor === undefined ? null : decodeCursor(cursor, "newest").id;
    let ofJob = this.#db.selectFrom("job_dispatch").select("id");
    if (jobId !== undefined) ofJob = ofJob.where("job_id", "=", jobId);
    if (visible !== "all") ofJob = ofJob.where(visibleAt("job_id", visible));
    // Index: the primary key.
    const newest = (before === null ? ofJob : ofJob.where("id", "<", before)).orderBy("id", "desc").limit(limit);
    if (ids !== undefined) {
      const some = newest.where(oneOf("id", ids));
      return [statuses === undefined ? some : some.where("status", "in", statuses)];
    }
    if (jobId === undefined && statuses === undefined && visible === "all") return [newest];

    // Indexes: job_execution_logs_by_job, _by_end, _by_failure.
    let ended = this.#db.selectFrom("job_execution_logs").select("dispatch_id as id");
    if (before !== null) ended = ended.where("dispatch_id", "<", before);
    if (jobId !== undefined) ended = ended.where("job_id", "=", jobId);
    if (visible !== "all") ended = ended.where(visibleAt("job_id", visible));
    const lastEnded = ended.orderBy("dispatch_id", "desc").limit(limit);

    const wanted = new Set(statuses ?? DISPATCH_STATUSES);
    // Each `+` keeps the planner from walking the primary key in search of the few that are live. Indexes: of SQLite
    // job_dispatch_waiting, _running, with a job _unfinished; of PostgreSQL job_dispatch_waiting, _waiting_by_job, _running.
    const open = before === null ? ofJob : ofJob.where(sql<SqlBool>`+id < ${before}`);
    const live = LIVE_STATUSES.filter((status) => wanted.has(status)).map((status) =>
      open.where("status", "=", sql.lit(status)).where("completed_at", "is", null)
        .orderBy(sql`+id`, "desc").limit(limit)
    );
    // To look for the runs of a few jobs among what ended last could take the whole table.
    const labels = jobId === undefined && visible !== "all" ? visible : null;
    if (statuses === undefined) {
      return [labels === null ? lastEnded : lastOfEach(labels, { before, limit }, this.#dialect), ...live];
    }
    const executions = [...wanted].flatMap((status) => EXECUTIONS_OF[status]);
    const branches: readonly Ids[] = [
      ...live,
      ...executions.map((execution) => {
        if (labels !== null) return lastOfEach(labels, { before, limit, execution }, this.#dialect);
        // Nearly all that ended succeeded, so that they are found by looking at what ended last.
        if (execution === "SUCCESS") return lastEnded.where("status", "=", sql.lit(execution));
        // SQLite uses a partial index where its condition is repeated.
        return lastEnded.where("status", "=", sql.lit(execution)).where("status", "<>", sql.lit("SUCCESS"));
      }),
    ];
    const [first, ...others] = branches;
    return first === undefined ? [newest.where(sql<SqlBool>`false`)] : [first, ...others];
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

/** Whether the job that a column names has one of some labels. Index: the primary key of job_labels. */
function visibleAt(column: string, labels: Exclude<Visible, "all">): Expression<SqlBool> {
  if (labels.length === 0) return sql<SqlBool>`false`;
  return sql<SqlBool>`${sql.ref(column)} in (select job_id from job_labels where label in (${sql.join(labels)}))`;
}

/** Which attempts that ended are wanted. */
interface Ended {
  readonly before: number | null;
  readonly limit: number;
  readonly execution?: ExecutionStatus;
}

/**
 * The last attempts that ended of each job with one of some labels, then the last of all of them. Indexes: the primary key of
 * job_labels, job_execution_logs_by_job: it reads about as many entries for each job as the page has rows, however many runs there
 * are. SQLite has no LATERAL, so there each job's oldest wanted attempt is looked up first.
 */
function lastOfEach(labels: Exclude<Visible, "all">, wanted: Ended, { hasLateral }: ListDialect): Ids {
  if (labels.length === 0) return idsOf(sql`select dispatch_id as id from job_execution_logs where false`);
  const { before, limit, execution } = wanted;
  const partial = execution === "SUCCESS" ? sql`` : sql`and l.status <> 'SUCCESS'`;
  const inState = execution === undefined ? sql`` : sql`and l.status = ${sql.lit(execution)} ${partial}`;
  const jobs = sql`(select distinct job_id from job_labels where label in (${sql.join(labels)})) v`;
  if (hasLateral) {
    // Pairs in the order of the index: by an equation and the order of ids, the planner would go along the primary key.
    const last = sql`
      select l.dispatch_id as id from job_execution_logs l
      where l.job_id >= v.job_id and (l.job_id, l.dispatch_id) < (v.job_id, ${
      before ?? Number.MAX_SAFE_INTEGER
    }) ${inState}
      order by l.job_id desc, l.dispatch_id desc limit ${limit}`;
    return idsOf(sql`select e.id from ${jobs} cross join lateral (${last}) e order by e.id desc limit ${limit}`);
  }
  const earlier = before === null ? sql`` : sql`and l.dispatch_id < ${before}`;
  const ofJob = sql`job_execution_logs l where l.job_id = v.job_id ${earlier} ${inState}`;
  const oldest = sql`select l.dispatch_id from ${ofJob} order by l.dispatch_id desc limit 1 offset ${limit - 1}`;
  return idsOf(sql`
    select l.dispatch_id as id from ${jobs} cross join ${ofJob} and l.dispatch_id >= coalesce((${oldest}), 0)
    order by l.dispatch_id desc limit ${limit}`);
}

function idsOf(query: RawBuilder<unknown>): Ids {
  return sql<{ readonly id: number }>`(${query})`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

function compiled({ sql, parameters }: CompiledQuery): ListQuery {
  return { sql, parameters: values.parse(parameters) };
}
