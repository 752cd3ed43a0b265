/**
 * The jobs that a list is narrowed to, as a query for their ids, built once for every database.
 *
 * @module
 */
import { type RawBuilder, sql, type SqlBool } from "kysely";
import { type EpochMs, Invalid, type JobState, LATE_MS } from "../domain/mod.ts";
import type { ListDialect } from "./list_dialect.ts";
import type { Visible } from "./page.ts";

/** Longest text to search for. SQLite takes patterns of up to 50,000 bytes. */
const MAX_SEARCH = 1_000;

/** Which jobs are meant; those that each member names. */
export interface JobNarrowing {
  /** Jobs that have one of these labels; absent: all. */
  readonly visible?: Visible;
  /** Jobs that have, of each of these groups, one of its labels. */
  readonly labels?: readonly (readonly string[])[];
  /** Jobs with one of these ids, keys or names, in any case; `*` stands for any text. Absent: all. */
  readonly jobs?: readonly string[];
}

/**
 * A query whose column `job_id` is the id of each of the jobs, once; null: all jobs. With `within`, a query for ids of few jobs, it looks
 * at these alone. Index: the primary key of job_labels; names are looked for in all jobs.
 *
 * @throws {Invalid} when a name is no text to search for.
 */
export function jobSet(
  { visible = "all", labels = [], jobs }: JobNarrowing,
  within: RawBuilder<unknown> | null = null,
): RawBuilder<unknown> | null {
  const groups = visible === "all" ? labels : [visible, ...labels];
  const named = jobs === undefined ? null : isNamed(jobs);
  const [first, ...others] = groups.map((group) => sql<SqlBool>`label in (${sql.join(group)})`);
  if (groups.some((group) => group.length === 0)) return sql`select job_id from job_labels where false`;
  const near = (column: string) => within === null ? [] : [sql`${sql.ref(column)} in (${within})`];
  if (first === undefined) {
    return named === null
      ? null
      : sql`select id as job_id from scheduled_jobs where ${sql.join([named, ...near("id")], sql` and `)}`;
  }
  const conditions = [
    first,
    ...others.map((other) => sql`job_id in (select job_id from job_labels where ${other})`),
    ...named === null ? [] : [sql`job_id in (select id from scheduled_jobs where ${named})`],
    ...near("job_id"),
  ];
  return sql`select distinct job_id from job_labels where ${sql.join(conditions, sql` and `)}`;
}

/** Whether a column names one of the jobs of {@linkcode jobSet}. */
export function isInSet(column: string, set: RawBuilder<unknown>): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} in (${set})`;
}

/**
 * Whether a row of `scheduled_jobs` is in one of some states. Indexes: failing_jobs, job_dispatch_waiting, job_dispatch_running.
 *
 * @throws {RangeError} when a state needs the present, and there is none.
 */
export function isInStates(
  states: readonly JobState[],
  now: EpochMs | undefined,
  dialect: Pick<ListDialect, "instant" | "yes">,
): RawBuilder<SqlBool> {
  if (states.length === 0) return sql<SqlBool>`false`;
  const present = (): EpochMs => {
    if (now !== undefined) return now;
    throw new RangeError(`Cannot list jobs that are ${states.join(" or ")} without the present`);
  };
  const isIn = (state: JobState) => {
    switch (state) {
      case "active":
        return sql`is_active = ${dialect.yes}`;
      case "paused":
        return sql`is_active <> ${dialect.yes}`;
      case "failing":
        return sql`id in (select job_id from failing_jobs)`;
      case "late":
        return sql`is_active = ${dialect.yes} and next_run <= ${dialect.instant(present() - LATE_MS)}`;
      case "waiting":
        return sql`id in (
          select job_id from job_dispatch where status = 'PENDING' and available_at <= ${dialect.instant(present())})`;
      case "running":
        return sql`id in (select job_id from job_dispatch where status = 'IN_PROGRESS')`;
      case "manual":
        return sql`schedule ->> 'kind' = 'manual'`;
    }
  };
  return sql<SqlBool>`(${sql.join([...new Set(states)].map((state) => sql`(${isIn(state)})`), sql` or `)})`;
}

/** The same, asked for one job at a time: for few rows of many jobs. Index: the primary key of job_labels. */
export function isOfJobs(column: string, { visible = "all", labels = [], jobs }: JobNarrowing): RawBuilder<SqlBool> {
  const groups = visible === "all" ? labels : [visible, ...labels];
  if (groups.some((group) => group.length === 0)) return sql<SqlBool>`false`;
  const conditions = groups.map((group) =>
    sql`exists (select 1 from job_labels l where l.label in (${sql.join(group)}) and l.job_id = ${sql.ref(column)})`
  );
  if (jobs !== undefined) {
    conditions.push(sql`exists (select 1 from scheduled_jobs where id = ${sql.ref(column)} and ${isNamed(jobs)})`);
  }
  return conditions.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}

/** Whether a column is like one of some texts, in any case; `*` stands for any text. @throws {Invalid} that names `field`. */
export function isLikeOne(column: string, texts: readonly string[], field: string): RawBuilder<SqlBool> {
  if (texts.length === 0) return sql<SqlBool>`false`;
  return sql<SqlBool>`(${
    sql.join(texts.map((text) => sql`lower(${sql.ref(column)}) like ${patternOf(text, field)} escape '\\'`), sql` or `)
  })`;
}

/** A pattern of LIKE for `text` anywhere. @throws {Invalid} that names `field`. */
export function patternAround(text: string, field: string): string {
  return `%${escapeLike(searched(text, field))}%`;
}

/** Of a search key, the part that is the name: no database folds the case of every script by itself. */
const FOLDED_NAME = sql`substr(search_key, 1, length(name))`;

function isNamed(texts: readonly string[]): RawBuilder<SqlBool> {
  if (texts.length === 0) return sql<SqlBool>`false`;
  const conditions = texts.map((text) => {
    if (/^[1-9]\d{0,14}$/.test(text)) return sql`id = ${Number(text)}`;
    const pattern = patternOf(text, "job");
    return sql`${FOLDED_NAME} like ${pattern} escape '\\' or key like ${pattern} escape '\\'`;
  });
  return sql<SqlBool>`(${sql.join(conditions, sql` or `)})`;
}

function patternOf(text: string, field: string): string {
  return escapeLike(searched(text, field)).replaceAll("*", "%");
}

function searched(text: string, field: string): string {
  if (text.length <= MAX_SEARCH && !text.includes("\0")) return text.toLowerCase();
  throw new Invalid([{ field, message: `must have at most ${MAX_SEARCH} characters, and no NUL among them` }]);
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
