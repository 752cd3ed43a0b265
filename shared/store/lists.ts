/**
 * The lists that people filter, sort and page through, built once for every database. Kysely is a compiler here: it has no
 * connection, and each store runs what {@linkcode ListQuery} holds.
 *
 * @module
 */
import { DummyDriver, Kysely, sql, type SqlBool } from "kysely";
import type { TallyRange } from "../domain/mod.ts";
import { decodeCursor } from "./cursor.ts";
import { type FailingQuery, failingSql } from "./failing.ts";
import { JobLists } from "./job_lists.ts";
import { labelsSql } from "./label_counts.ts";
import type { ListDialect } from "./list_dialect.ts";
import { compiled, limitOf, type ListQuery } from "./list_query.ts";
import { RunLists } from "./run_lists.ts";
import type { Schema } from "./schema.ts";
import { countsSql, ofHostsSql, ofJobsSql, rankedFromSql, rankedSql, seriesSql } from "./statistics_queries.ts";
import type { JobTalliesQuery, RankedQuery, SeriesQuery } from "./statistics_store.ts";
import type { AuditQuery, JobQuery, LabelQuery } from "./store.ts";
import { type TotalsQuery, totalsSql } from "./totals.ts";
import { taggedGroupsSql, waitingNumbersSql, waitingSql } from "./waiting.ts";
import type { WaitingQuery } from "./waiting_page.ts";

/**
 * Loads the lists of one database when the first is asked for. Processes that show nothing never load them: the scheduler and the
 * worker start sooner by what Kysely's 260 files take.
 */
export type LoadLists = () => Promise<Lists>;

/** Turns queries into the SQL of one database. */
export class Lists {
  /** The lists of jobs. */
  readonly jobs: JobLists;
  /** The lists of runs. */
  readonly runs: RunLists;
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
    this.jobs = new JobLists(this.#db, dialect);
    this.runs = new RunLists(this.#db, dialect);
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
      select ${sql.lit(bulkId)}, id, name from scheduled_jobs where ${this.jobs.areWanted(jobs)}`.compile(this.#db),
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

  /** A row with `at`, or none. */
  rankedFrom(query: RankedQuery): ListQuery {
    return compiled(rankedFromSql(query, this.#dialect).compile(this.#db));
  }

  /** Rows with `job_id`. */
  ranked(query: RankedQuery): ListQuery {
    return compiled(rankedSql(query, this.#dialect).compile(this.#db));
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
}
