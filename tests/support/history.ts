/**
 * A database with a long history and few live rows, as after months of use, on which plans of queries are judged.
 *
 * @module
 */
import type { TestStore } from "./store.ts";

/** Jobs; the first has half of all runs, the last has none. */
export const JOBS = 400;

/** Attempts. The last of them are live; failures and cancellations lie far back. */
export const RUNS = 30_000;

const WAITING = 40;
const RUNNING = 10;
const WORKERS = 20;

/** What to fill a database with. */
export interface History {
  /** With the statistics that its planner would have by then. */
  readonly gathered: boolean;
  /** Default: {@linkcode JOBS}. */
  readonly jobs?: number;
  /** Default: {@linkcode RUNS}. */
  readonly runs?: number;
}

/** Fills an empty database. */
export async function fillWithHistory(
  database: Pick<TestStore, "url" | "sql">,
  { gathered, jobs = JOBS, runs = RUNS }: History,
): Promise<void> {
  const isSqlite = database.url.startsWith("sqlite");
  const at = (seconds: string) => isSqlite ? `(1.7e12 + 1000 * (${seconds}))` : `to_timestamp(1.7e9 + (${seconds}))`;
  const instant = (seconds: string) => isSqlite ? `CAST(${at(seconds)} AS INTEGER)` : at(seconds);
  const numbers = (most: number) =>
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${most})`;
  // Half of the runs are of job 1, none of the last job.
  const job = `CASE WHEN n % 2 = 0 THEN 1 ELSE 1 + n / 2 % ${jobs - 1} END`;
  const status = `CASE WHEN n > ${runs - RUNNING} THEN 'IN_PROGRESS' WHEN n > ${runs - RUNNING - WAITING} THEN 'PENDING'
    WHEN n < 900 AND n % 3 = 0 THEN 'CANCELLED' WHEN n < 900 AND n % 3 = 1 THEN 'TIMEOUT' WHEN n % 97 = 0 THEN 'FAILED'
    ELSE 'COMPLETED' END`;
  const statements = [
    `INSERT INTO scheduled_jobs (id, name, script_path, script_args, schedule, timezone, policies, is_active, next_run,
      revision, created_at, updated_at, search_key)
    ${
      numbers(jobs)
    } SELECT n, 'Job ' || n, 'a.sh', '[]', '{"kind":"interval","everySeconds":60}', 'UTC', '{}', n % 10 <> 0,
      CASE WHEN n % 10 <> 0 THEN ${instant(`${runs} + n`)} END, 1, ${instant("0")}, ${
      instant("0")
    }, 'job ' || n || ' a.sh'
    FROM numbers`,
    `INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, job_revision,
      correlation_id, created_at, worker_id, claimed_at, started_at, timeout_at, completed_at, lease_epoch, lease_until,
      backfill_id, at_once)
    ${numbers(runs)}, runs AS (SELECT n, ${job} AS job, ${status} AS status FROM numbers)
    SELECT n, n, job, ${instant("n")}, CASE WHEN n % 50 = 1 THEN 'backfill' ELSE 'schedule' END, status, 0, ${
      instant("n")
    },
      1, 'c' || n, ${instant("n")},
      CASE WHEN status <> 'PENDING' THEN 'w' || n % ${WORKERS} END, CASE WHEN status <> 'PENDING' THEN ${
      instant("n")
    } END,
      CASE WHEN status <> 'PENDING' THEN ${instant("n")} END,
      CASE WHEN status = 'IN_PROGRESS' THEN ${instant("n + 600")} END,
      CASE WHEN status NOT IN ('PENDING', 'IN_PROGRESS') THEN ${instant("n + 1")} END,
      CASE WHEN status = 'IN_PROGRESS' THEN n END, CASE WHEN status = 'IN_PROGRESS' THEN ${instant("n + 180")} END,
      CASE WHEN n % 50 = 1 THEN 'b' END, CASE WHEN n % 50 = 1 THEN 1 END
    FROM runs`,
    `INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, duration_ms, log_bytes, truncated)
    SELECT id, job_id, completed_at, CASE status WHEN 'COMPLETED' THEN 'SUCCESS' WHEN 'FAILED' THEN 'FAILURE' ELSE status END,
      1000, 100, false
    FROM job_dispatch WHERE completed_at IS NOT NULL`,
    `INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data)
    ${
      numbers(3)
    } SELECT id, n, 'stdout', completed_at, 'line' FROM job_dispatch, numbers WHERE completed_at IS NOT NULL`,
    `INSERT INTO occurrence_ledger (job_id, reason, first_at, last_at, count)
    ${numbers(runs / 2)} SELECT ${job}, CASE WHEN n % 3 = 0 THEN 'overlap' ELSE 'missed' END, ${instant("n")}, ${
      instant("n")
    }, 1
    FROM numbers`,
    `INSERT INTO failing_jobs (job_id, since) ${numbers(20)} SELECT n, ${instant("n")} FROM numbers`,
    `INSERT INTO worker_registration (worker_id, hostname, platform, process_id, version, tags, concurrency, started_at,
      last_heartbeat, status)
    ${numbers(WORKERS)} SELECT 'w' || n, 'host', 'linux', n, '1', '[]', 4, ${instant("n")}, ${
      instant("n")
    }, 'IDLE' FROM numbers`,
  ];
  for (const statement of [...statements, ...(gathered ? ["ANALYZE"] : [])]) await database.sql(statement);
}
