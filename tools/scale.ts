/**
 * `deno task scale [JOBS] [RUNS]` fills the database that DATABASE_URL names, which must be empty, with 40,000 jobs and 1,000,000
 * runs with their output, spread over the last 30 days: to see how the portal does at that size. It takes a few minutes.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import process from "node:process";
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { parseDatabaseUrl } from "@jobtrigger/shared/config";
import { migrations } from "@jobtrigger/shared/migrations";
import { openStore } from "@jobtrigger/shared/store";
import { type Fillable, fillHistory } from "./history.ts";

const SPAN_MS = 30 * 86_400_000;
const OUTPUT = "12:00:00 reading orders since the last run\n12:00:01 412 orders read, 398 new\n12:00:02 done\n";

const [jobs = 40_000, runs = 1_000_000] = process.argv.slice(2).map(Number);
const url = process.env["DATABASE_URL"];
if (url === undefined || !(jobs > 1) || !(runs > 1000)) {
  console.error("Usage: DATABASE_URL=sqlite:///scale.db deno task scale [JOBS] [RUNS], at least 2 jobs and 1001 runs");
  process.exit(2);
}
await using database = await openEmpty(url);
const beginMs = Date.now() - SPAN_MS;
const history = { jobs, runs, beginMs, stepMs: SPAN_MS / runs, chunks: 1, output: OUTPUT, gathered: true };
await fillHistory(database, history, (table) => console.log(`Filling ${table}`));
// One job in four has a label.
await database.sql("INSERT INTO job_labels (label, job_id) SELECT 'eu', id FROM scheduled_jobs WHERE id % 4 = 0");
if (url.startsWith("sqlite")) await database.sql("PRAGMA wal_checkpoint(TRUNCATE)");
else {await database.sql(
    "SELECT setval(pg_get_serial_sequence('job_dispatch', 'id'), (SELECT max(id) FROM job_dispatch))",
  );}
console.log(`${jobs} jobs and ${runs} runs are in the database`);

/** Opens a database for statements, with its tables made. @throws {Error} when it has jobs. */
async function openEmpty(url: string): Promise<Fillable & AsyncDisposable> {
  const store = await openStore(url, { migrations, onMade: (path) => console.log(`Made ${path}`) });
  const { items } = await store.jobs.list({ limit: 1 });
  await store.close();
  if (items.length > 0) throw new Error("This database has jobs: name an empty one");
  const target = parseDatabaseUrl(url);
  if (target.kind === "sqlite") {
    const db = new DatabaseSync(target.path, { timeout: 60_000 });
    return {
      url,
      sql: (text) => Promise.resolve(db.prepare(text).all()),
      [Symbol.asyncDispose]: () => Promise.resolve(db.close()),
    };
  }
  const client = new pg.Client({ connectionString: target.url });
  await client.connect();
  return { url, sql: (text) => client.query(text), [Symbol.asyncDispose]: () => client.end() };
}
