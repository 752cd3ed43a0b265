/**
 * How long `jobctl database copy` takes, and how much memory: finished runs with 1 kB of output each, from SQLite to PostgreSQL
 * and back, for two sizes. `deno task bench:copy`.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { copyDatabase, openStore } from "@jobtrigger/shared/store";
import { migrations } from "@jobtrigger/shared/migrations";
import { postgres } from "../tests/support/postgres.ts";

const RUNS = [50_000, 200_000];

/** Fills the file at `path` with one job and `runs` finished runs. */
async function fill(path: string, runs: number): Promise<void> {
  await (await openStore(`sqlite:///${path}`, { migrations, onMade: () => {} })).close();
  const db = new DatabaseSync(path);
  db.exec(`
    INSERT INTO scheduled_jobs (name, script_path, script_args, schedule, timezone, policies, is_active, revision,
      created_at, updated_at, search_key)
    VALUES ('Bench', 'bench.sh', '[]', '{"kind":"manual"}', 'UTC', '{}', 1, 1, 0, 0, 'bench');
    WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ${runs})
    INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, worker_id,
      claimed_at, started_at, completed_at, exit_code, job_revision, correlation_id, created_at)
    SELECT id, id, 1, id * 1000, 'schedule', 'COMPLETED', 0, id * 1000, 'worker', id * 1000, id * 1000, id * 1000, 0, 1,
      hex(randomblob(16)), id * 1000 FROM n;
    INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, exit_code, duration_ms, log_bytes, truncated)
    SELECT id, job_id, completed_at, 'SUCCESS', 0, 10, 1000, 0 FROM job_dispatch;
    INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data)
    SELECT id, 0, 'stdout', completed_at, hex(randomblob(500)) FROM job_dispatch`);
  db.close();
}

async function timed(name: string, from: string, to: string): Promise<void> {
  const start = performance.now();
  const { tables, isDone } = await copyDatabase({ from, to, migrations, force: false });
  if (!isDone) throw new Error(`The copy from ${from} to ${to} differs`);
  const seconds = (performance.now() - start) / 1000;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const rssMb = Deno.memoryUsage().rss / 1e6;
  console.log(`${name.padEnd(22)} ${rows} rows ${seconds.toFixed(1).padStart(6)} s ${rssMb.toFixed(0).padStart(5)} MB`);
}

const server = await postgres();
for (const runs of RUNS) {
  const directory = await Deno.makeTempDir();
  await using database = await server.createDatabase();
  await fill(`${directory}/from.db`, runs);
  const { size } = await Deno.stat(`${directory}/from.db`);
  console.log(`${runs} runs, a file of ${(size / 1e6).toFixed(0)} MB`);
  await timed("SQLite to PostgreSQL", `sqlite:///${directory}/from.db`, database.url);
  await timed("PostgreSQL to SQLite", database.url, `sqlite:///${directory}/to.db`);
  await Deno.remove(directory, { recursive: true });
}
