/**
 * The order of a list of jobs by what needs a person now, built once for every database.
 *
 * @module
 */
import { type Expression, type RawBuilder, sql, type SqlBool } from "kysely";
import { type EpochMs, LATE_MS } from "../domain/mod.ts";
import type { Place } from "./cursor.ts";
import { isOfJobs } from "./job_set.ts";
import type { JobQuery } from "./job_store.ts";
import type { ListDialect } from "./list_dialect.ts";
import { WORST_RANKS, type WorstPlace, worstPlace } from "./worst_place.ts";

/** What the order needs of the lists. */
export interface WorstFirst {
  /** Which jobs; `states` and `now` too. */
  readonly query: JobQuery;
  /** Where the page before ended; null: the first page. */
  readonly after: Place | null;
  /** Rows of the page, and one more. */
  readonly limit: number;
  readonly dialect: Pick<ListDialect, "instant" | "yes">;
  /** Whether a row of `scheduled_jobs` is wanted; `within`, a query for ids, says among which few jobs. */
  readonly areWanted: (query: JobQuery, within?: RawBuilder<unknown>) => Expression<SqlBool>;
  /** Wanted jobs by name that fulfil a condition on `scheduled_jobs`, from after a place on. */
  readonly byName: (also: RawBuilder<unknown>, after: Place | null) => RawBuilder<unknown>;
}

/**
 * Active jobs that fail, the newest failure first; jobs that are late, the latest to become so first; paused jobs that fail; then all
 * others by name. A group is read only where those before it leave room on the page: with a scheduler that stands still nearly all jobs
 * are late, and no page may look for the others among them. Indexes: failing_jobs_by_age, scheduled_jobs_due,
 * scheduled_jobs_by_name, each along its order.
 *
 * @throws {RangeError} when the query has no present.
 */
export function worstFirstSql(given: WorstFirst): RawBuilder<unknown> {
  const { query: { states }, after, limit, dialect } = given;
  const from = after === null ? null : worstPlace(after);
  const isOnly = states?.every((state) => state === "failing" || state === "late") === true;
  const parts = [
    { name: "failing", rank: WORST_RANKS.failing, rows: () => failing(given, true, from) },
    { name: "late", rank: WORST_RANKS.late, rows: () => late(given, from) },
    { name: "paused_failing", rank: WORST_RANKS.pausedFailing, rows: () => failing(given, false, from) },
    ...isOnly ? [] : [{ name: "others", rank: WORST_RANKS.others, rows: () => others(given, from) }],
  ].filter(({ rank }) => from === null || rank >= from.rank);
  if (parts.length === 0) {
    return sql`select *, 3 as worst_rank, ${dialect.instant(null)} as worst_at from scheduled_jobs where false`;
  }
  // What is carried along is narrow: SQLite takes longer to prepare a statement the more columns pass through its parts.
  const ctes = parts.map(({ name, rank, rows }, i) => {
    const before = parts.slice(0, i).map((part) => sql`(select count(*) from ${sql.table(part.name)})`);
    const room = i === 0
      ? sql``
      : sql`limit (select case when ${sql.join(before, sql` + `)} < ${limit} then ${limit} else 0 end)`;
    return sql`${sql.table(name)} as materialized (
      select job_id, ${sql.lit(rank)} as worst_rank, worst_at, name_key from (${rows()}) r ${room})`;
  });
  const all = parts.map(({ name }) => sql`select * from ${sql.table(name)}`);
  // Of one group, either the instants or the texts are all null.
  const order = sql`worst_rank, worst_at desc, name_key, case when name_key is null then -job_id else job_id end`;
  return sql`
    with ${sql.join(ctes)}
    select j.*, w.worst_rank, w.worst_at
    from (select * from (${sql.join(all, sql` union all `)}) u order by ${order} limit ${limit}) w
      cross join scheduled_jobs j
    where j.id = w.job_id order by ${order}`;
}

function failing(
  { query, limit, dialect, areWanted }: WorstFirst,
  isActive: boolean,
  from: WorstPlace | null,
): RawBuilder<unknown> {
  // That it fails is known of each row.
  const { states, ...rest } = query;
  const wanted = areWanted(states?.includes("failing") === true ? rest : query, sql`select job_id from failing_jobs`);
  const rank = isActive ? WORST_RANKS.failing : WORST_RANKS.pausedFailing;
  return sql`
    select f.job_id, f.since as worst_at, null as name_key from failing_jobs f cross join scheduled_jobs j
    where j.id = f.job_id and j.is_active ${isActive ? sql`=` : sql`<>`} ${dialect.yes} and ${wanted} ${
    from?.rank === rank
      ? sql`and (f.since, f.job_id) < (${dialect.instant(Number(from.key))}, ${from.place.id})`
      : sql``
  } order by f.since desc, f.job_id desc limit ${limit}`;
}

function late({ query, limit, dialect, areWanted }: WorstFirst, from: WorstPlace | null): RawBuilder<unknown> {
  // Jobs of a label are looked for among the late ones, one after another: a label may have many, and few are late.
  const { visible, labels, jobs, ...rest } = query;
  const isOfThem = isOfJobs("j.id", {
    ...visible !== undefined && { visible },
    ...labels !== undefined && { labels },
    ...jobs !== undefined && { jobs },
  });
  return sql`
    select j.id as job_id, j.next_run as worst_at, null as name_key from scheduled_jobs j
    where ${isLate(query, dialect)} and ${isNotFailing("j.id")} and ${areWanted(rest)} and ${isOfThem} ${
    from?.rank === WORST_RANKS.late
      ? sql`and (next_run, id) < (${dialect.instant(Number(from.key))}, ${from.place.id})`
      : sql``
  } order by next_run desc, id desc limit ${limit}`;
}

function others({ query, dialect, byName }: WorstFirst, from: WorstPlace | null): RawBuilder<unknown> {
  const place: Place | null = from?.rank === WORST_RANKS.others
    ? { order: "name", key: from.key, id: from.place.id }
    : null;
  const also = sql`${isNotFailing("scheduled_jobs.id")}
    and (is_active <> ${dialect.yes} or next_run is null or next_run > ${lateBefore(query, dialect)})`;
  return sql`select o.id as job_id, ${dialect.instant(null)} as worst_at, o.search_key as name_key from (${
    byName(also, place)
  }) o`;
}

function isNotFailing(id: string): RawBuilder<SqlBool> {
  return sql`not exists (select 1 from failing_jobs f where f.job_id = ${sql.ref(id)})`;
}

function isLate(query: JobQuery, dialect: WorstFirst["dialect"]): RawBuilder<SqlBool> {
  return sql`is_active = ${dialect.yes} and next_run is not null and next_run <= ${lateBefore(query, dialect)}`;
}

function lateBefore({ now }: { readonly now?: EpochMs }, dialect: WorstFirst["dialect"]): RawBuilder<unknown> {
  if (now === undefined) throw new RangeError("Cannot list the worst jobs first without the present");
  return sql`${dialect.instant(now - LATE_MS)}`;
}
