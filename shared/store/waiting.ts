/**
 * What waits, for people, by one query for every database: in the order in which workers take it. It reads the partial index of
 * waiting runs, which holds nothing else, and rows of the page alone.
 *
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { MOST_COUNTED } from "../domain/mod.ts";
import { queueGroupName } from "../policy/queue_group.ts";
import { andSeen } from "./failing.ts";
import type { ListDialect } from "./list_dialect.ts";
import { isInSet, jobSet } from "./job_set.ts";
import { isTriggered } from "./run_narrowing.ts";
import { DISPATCH_COLUMNS } from "./run_rows.ts";
import { placeOf, type WaitingPlace, type WaitingQuery } from "./waiting_page.ts";

/** Answers rows for `toDispatch()`, one more than the page holds. */
export function waitingSql(query: WaitingQuery, dialect: Pick<ListDialect, "instant">): RawBuilder<unknown> {
  const { when, cursor, limit } = query;
  const after = cursor === undefined ? null : placeOf(cursor);
  const isAfter = after === null ? sql`` : sql`AND ${isBehind(after, when, dialect)}`;
  // Index: job_dispatch_waiting, all of it, without the table but for who may see only some.
  return sql`
    SELECT ${sql.join(DISPATCH_COLUMNS.map((column) => sql.raw(column)))}
    FROM (
      SELECT id FROM job_dispatch WHERE ${which(query, dialect)} ${isAfter}
      ORDER BY ${order(when)} LIMIT ${limit + 1}
    ) w CROSS JOIN job_dispatch d CROSS JOIN scheduled_jobs j
    WHERE d.id = w.id AND j.id = d.job_id
    ORDER BY ${sql.raw(when === "now" ? "d.priority DESC, d.available_at, d.id" : "d.available_at, d.id")}`;
}

/** Answers one row: `n`, how many wait; `at`, since when the oldest; `before`, how many before the page. */
export function waitingNumbersSql(query: WaitingQuery, dialect: Pick<ListDialect, "instant">): RawBuilder<unknown> {
  const after = query.cursor === undefined ? null : placeOf(query.cursor);
  const before = after === null ? sql`0` : sql`CASE WHEN ${isBehind(after, query.when, dialect)} THEN 0 ELSE 1 END`;
  return sql`
    SELECT count(*) AS n, min(available_at) AS at, coalesce(sum(earlier), 0) AS earlier
    FROM (
      SELECT available_at, ${before} AS earlier FROM job_dispatch WHERE ${which(query, dialect)}
      LIMIT ${sql.lit(MOST_COUNTED)}) w`;
}

/**
 * Answers rows with `lane`: the queue groups with tags, in which runs wait. Each is found by one step in the index
 * job_dispatch_waiting from the one before; their names begin with the list of tags.
 */
export function taggedGroupsSql(limit: number): RawBuilder<unknown> {
  const tagged = sql`status = 'PENDING' AND lane >= '[["' AND lane < '[[#'`;
  return sql`
    WITH RECURSIVE groups (lane) AS (
      SELECT min(lane) FROM job_dispatch WHERE ${tagged}
      UNION ALL
      SELECT (SELECT min(d.lane) FROM job_dispatch d WHERE d.status = 'PENDING' AND d.lane > groups.lane AND d.lane < '[[#')
      FROM groups WHERE groups.lane IS NOT NULL
    )
    SELECT lane FROM groups WHERE lane IS NOT NULL LIMIT ${limit}`;
}

function which(
  { now, when, groups, visible = "all", triggers, ...narrowing }: WaitingQuery,
  { instant }: Pick<ListDialect, "instant">,
): RawBuilder<unknown> {
  const due = when === "now" ? sql`available_at <= ${instant(now)}` : sql`available_at > ${instant(now)}`;
  const ofGroups = groups === undefined
    ? sql``
    : groups.length === 0
    ? sql`AND false`
    : sql`AND lane IN (${sql.join(groups.map(queueGroupName))})`;
  // Few jobs are named, and all runs that wait may be looked at: their jobs are found once.
  const jobs = jobSet(narrowing);
  const ofJobs = jobs === null ? sql`` : sql`AND ${isInSet("job_id", jobs)}`;
  const caused = triggers === undefined ? sql`` : sql`AND ${isTriggered("job_dispatch", triggers)}`;
  return sql`status = 'PENDING' AND ${due} ${ofGroups} ${ofJobs} ${caused} ${andSeen("job_dispatch.job_id", visible)}`;
}

function order(when: WaitingQuery["when"]): RawBuilder<unknown> {
  return sql.raw(when === "now" ? "priority DESC, available_at, id" : "available_at, id");
}

/** Whether a row comes after a place. */
function isBehind(
  { priority, availableAt, id }: WaitingPlace,
  when: WaitingQuery["when"],
  { instant }: Pick<ListDialect, "instant">,
): RawBuilder<unknown> {
  const later = sql`(available_at, id) > (${instant(availableAt)}, ${id})`;
  return when === "later" ? later : sql`(priority < ${priority} OR (priority = ${priority} AND ${later}))`;
}
