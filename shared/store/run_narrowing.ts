/**
 * Parts of the list of runs that look for what worker ran them, and for what caused them.
 *
 * @module
 */
import { type RawBuilder, sql, type SqlBool } from "kysely";
import type { FinalStatus, Trigger } from "../domain/mod.ts";
import { isLikeOne } from "./job_set.ts";

/** Which ended runs of which workers are wanted. */
export interface WorkersRuns {
  /** As in `RunQuery`. */
  readonly workers: readonly string[];
  /** How they ended; at least one. */
  readonly ended: readonly FinalStatus[];
  /** What else holds of each, about `job_dispatch` as `d`. */
  readonly conditions: readonly RawBuilder<SqlBool>[];
  /** Only earlier ones; null: to the last. */
  readonly before: number | null;
  /** Not before this one; null: from the first. */
  readonly first: number | null;
  readonly limit: number;
}

/**
 * A query for the last ids of runs that some workers have ended. Index: job_dispatch_by_worker, which tells the workers by one step
 * for each, and then the last runs of each of them in each state.
 */
export function lastOfWorkers(
  wanted: WorkersRuns,
  { hasLateral }: { readonly hasLateral: boolean },
): RawBuilder<unknown> {
  const { workers, ended, conditions, before, first, limit } = wanted;
  // SQLite uses a partial index where its condition is repeated.
  const indexed = sql`completed_at is not null and worker_id is not null`;
  const next = sql`
    select worker_id from job_dispatch where worker_id > known.worker_id and ${indexed} order by worker_id limit 1`;
  const named = sql`
    with recursive known (worker_id) as (
      select ${sql.lit("")} union all select (${next}) from known where known.worker_id is not null
    ) select worker_id from known where ${isLikeOne("worker_id", workers, "worker")}`;
  const states = sql.join(ended.map((status) => sql`select ${sql.lit(status)} as status`), sql` union all `);
  const rest = conditions.length === 0 ? sql`` : sql`and ${sql.join(conditions, sql` and `)}`;
  const runs = sql`job_dispatch d where d.completed_at is not null and d.worker_id is not null ${rest}`;
  if (hasLateral) {
    // Triples in the order of the index: by equations and the order of ids, the planner would go along the primary key.
    const last = sql`
      select d.id from ${runs} and (d.worker_id, d.status, d.id) >= (w.worker_id, s.status, ${first ?? 0}::bigint)
        and (d.worker_id, d.status, d.id) < (w.worker_id, s.status, ${before ?? Number.MAX_SAFE_INTEGER}::bigint)
      order by d.worker_id desc, d.status desc, d.id desc limit ${limit}`;
    return sql`select e.id from (${named}) w cross join (${states}) s cross join lateral (${last}) e
      order by e.id desc limit ${limit}`;
  }
  const later = first === null ? sql`` : sql`and d.id >= ${first}`;
  const earlier = before === null ? sql`` : sql`and d.id < ${before}`;
  const ofOne = sql`${runs} and d.worker_id = w.worker_id and d.status = s.status ${later} ${earlier}`;
  const oldest = sql`select d.id from ${ofOne} order by d.id desc limit 1 offset ${limit - 1}`;
  return sql`
    select d.id from (${named}) w cross join (${states}) s cross join ${ofOne} and d.id >= coalesce((${oldest}), 0)
    order by d.id desc limit ${limit}`;
}

/** Whether one of some triggers caused a run; a run of a webhook is stored as one of the API with the webhook's id. */
export function isTriggered(table: string, triggers: readonly Trigger[]): RawBuilder<SqlBool> {
  if (triggers.length === 0) return sql<SqlBool>`false`;
  const column = (name: string) => sql.ref(`${table}.${name}`);
  const conditions = triggers.map((trigger) => {
    const isOfWebhook = sql`${column("webhook_id")} is ${trigger === "webhook" ? sql`not null` : sql`null`}`;
    if (trigger === "webhook" || trigger === "api") return sql`${column("trigger")} = 'api' and ${isOfWebhook}`;
    return sql`${column("trigger")} = ${sql.lit(trigger)}`;
  });
  return sql<SqlBool>`(${sql.join(conditions, sql` or `)})`;
}
