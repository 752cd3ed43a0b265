/**
 * The questions about statistics, built once for every database: `lists.ts` compiles them.
 *
 * @module
 */
import type { Ranking, TallyRange } from "../domain/mod.ts";
import { type RawBuilder, sql, type SqlBool } from "kysely";
import { isInSet, jobSet } from "./job_set.ts";
import type { ListDialect } from "./list_dialect.ts";
import { MOST_IDS } from "./page.ts";
import { COUNTED } from "./statistics_rows.ts";
import { type JobTalliesQuery, MOST_TALLIES, type RankedQuery, type SeriesQuery } from "./statistics_store.ts";

type Instants = Pick<ListDialect, "instant">;

const NUMBERS = sql.raw([...COUNTED, "busy_ms"].join(", "));
const SUMS = sql.raw([...COUNTED, "busy_ms"].map((column) => `sum(${column}) AS ${column}`).join(", "));

/** The rows of a series; one more than `MOST_TALLIES` where there are too many. Index: the primary key. */
export function seriesSql(query: SeriesQuery, dialect: Instants): RawBuilder<unknown> {
  return sql`
    SELECT at, ${NUMBERS}, durations, delays FROM run_statistics
    WHERE ${inRange(query, dialect)} AND ${ofRuns(query)} ORDER BY at LIMIT ${MOST_TALLIES + 1}`;
}

/** One row for each hour or day of a series, without histograms. Index: the primary key. */
export function countsSql(query: SeriesQuery, dialect: Instants): RawBuilder<unknown> {
  return sql`
    SELECT at, ${SUMS} FROM run_statistics WHERE ${inRange(query, dialect)} AND ${
    ofRuns(query)
  } GROUP BY at ORDER BY at`;
}

/** The rows of some jobs. Index: the primary key. @throws {RangeError} when they are more than `MOST_IDS`. */
export function ofJobsSql(query: JobTalliesQuery, dialect: Instants): RawBuilder<unknown> {
  const { jobIds } = query;
  if (jobIds.length > MOST_IDS) throw new RangeError(`Cannot count ${jobIds.length} jobs: a query takes ${MOST_IDS}`);
  const wanted = jobIds.length === 0 ? sql<SqlBool>`false` : sql<SqlBool>`job_id IN (${sql.join(jobIds)})`;
  return sql`
    SELECT job_id, ${NUMBERS}, durations, delays FROM run_statistics
    WHERE ${inRange(query, dialect)} AND ${wanted} AND host = '' ORDER BY job_id`;
}

/** The rows of all hosts. Index: the primary key; it reads the rows of hosts outside the range, too. */
export function ofHostsSql(range: TallyRange, dialect: Instants): RawBuilder<unknown> {
  return sql`
    SELECT host, ${NUMBERS}, durations, delays FROM run_statistics
    WHERE ${inRange(range, dialect)} AND job_id = 0 AND host > '' ORDER BY host`;
}

/** The hour or day of the last row that is added up, counted from the newest; none where there are fewer. Index: run_statistics_by_time. */
export function rankedFromSql(query: RankedQuery, dialect: Instants): RawBuilder<unknown> {
  return sql`
    SELECT at FROM run_statistics WHERE ${ofSomeJobs(query, dialect)} ORDER BY at DESC LIMIT 1 OFFSET ${
    query.rows - 1
  }`;
}

/** The ids of the jobs that come first. Index: run_statistics_by_time. */
export function rankedSql(query: RankedQuery, dialect: Instants): RawBuilder<unknown> {
  return sql`
    SELECT job_id FROM (
      SELECT job_id, ${sql.raw(WORTH[query.ranking])} AS worth FROM run_statistics
      WHERE ${ofSomeJobs(query, dialect)} GROUP BY job_id
    ) AS jobs WHERE worth > 0 ORDER BY worth DESC, job_id LIMIT ${query.limit}`;
}

const FAILED = "sum(failure + error + timeout)";
const JUDGED = "sum(success + failure + error + timeout)";

/** What a job is ranked by. */
const WORTH: Readonly<Record<Ranking, string>> = {
  failed: FAILED,
  rate: `CASE WHEN ${JUDGED} > 0 THEN 1e0 * ${FAILED} / ${JUDGED} ELSE 0 END`,
  runs: "sum(success + failure + error + timeout + cancelled)",
  time: "sum(busy_ms)",
};

function ofSomeJobs(query: RankedQuery, dialect: Instants): RawBuilder<SqlBool> {
  const set = jobSet(query);
  return sql`${inRange(query, dialect)} AND job_id > 0 ${set === null ? sql`` : sql`AND ${isInSet("job_id", set)}`}`;
}

function inRange({ grain, from, until }: TallyRange, { instant }: Instants): RawBuilder<SqlBool> {
  return sql`grain = ${grain} AND at >= ${instant(from)} AND at < ${instant(until)}`;
}

function ofRuns(query: SeriesQuery): RawBuilder<SqlBool> {
  const { jobId, host } = query;
  if (host !== undefined) return sql`job_id = 0 AND host = ${host}`;
  const set = jobSet(query);
  if (jobId === undefined && set === null) return sql`job_id = 0 AND host = ''`;
  const one = jobId === undefined ? sql`job_id > 0` : sql`job_id = ${jobId}`;
  return set === null ? sql`${one} AND host = ''` : sql`${one} AND host = '' AND ${isInSet("job_id", set)}`;
}
