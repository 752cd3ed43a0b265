import { barePostgres } from "./bare_postgres.ts";
import { bareSqlite } from "./bare_sqlite.ts";
import type { Contestant } from "./contestant.ts";
import { graphileWorker } from "./graphile_worker.ts";
import { oursOnPostgres } from "./ours_postgres.ts";
import { oursOnSqlite } from "./ours_sqlite.ts";
import { pgBoss } from "./pg_boss.ts";

/** The contestants, by the key that `measure.ts` takes. */
export const CONTESTANTS: ReadonlyMap<string, Contestant> = new Map([
  ["ours", oursOnPostgres],
  ["graphile-worker", graphileWorker],
  ["pg-boss", pgBoss],
  ["bare", barePostgres],
  ["ours-sqlite", oursOnSqlite],
  ["bare-sqlite", bareSqlite],
]);
