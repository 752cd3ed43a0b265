/**
 * A database with a long history, as after months of use: jobs, runs that have ended with their output, a few live ones, the
 * ledger, and workers that have gone. Each table is filled by one statement, because operations would take hours for a million runs.
 *
 * @module
 */

const WAITING = 40;
const RUNNING = 10;
const WORKERS = 20;
const FAILING = 20;

/** A database to fill. */
export interface Fillable {
  /** Its address; one that begins with `sqlite` speaks SQLite's SQL. */
  readonly url: string;
  /** Runs one statement. */
  sql(text: string): Promise<unknown>;
}

/** What to fill it with. */
export interface History {
  /**
   * The first has half of all runs, the last has none; one in ten is paused. One of them is due each step from the last run on, at an
   * interval of as many steps as there are jobs.
   */
  readonly jobs: number;
  /** Attempts. The last of them are live; cancellations and time-outs lie far back, one in 97 has failed. */
  readonly runs: number;
  /** When the first run was due, in milliseconds since the epoch. */
  readonly beginMs: number;
  /** From one run to the next, in milliseconds. */
  readonly stepMs: number;
  /** Pieces of output of each run that has ended. */
  readonly chunks: number;
  /** The text of each. */
  readonly output: string;
  /** Whether to gather the statistics that the planner would have by then. */
  readonly gathered: boolean;
}

/** Fills an empty database. `onTable` is called with the name of each table before it is filled. */
export async function fillHistory(
  database: Fillable,
  history: History,
  onTable: (table: string) => void = () => {},
): Promise<void> {
  for (const [table, statement] of statementsOf(history, database.url.startsWith("sqlite"))) {
    onTable(table);
    await database.sql(statement);
  }
  if (history.gathered) await database.sql("ANALYZE");
}

/** The statements that fill each table, in the order of their foreign keys. */
function statementsOf(
  { jobs, runs, beginMs, stepMs, chunks, output }: History,
  isSqlite: boolean,
): readonly (readonly [table: string, statement: string])[] {
  const instant = (steps: string, seconds = 0) => {
    // A number with a fraction: products of whole ones would be too large for PostgreSQL.
    const ms = `${beginMs + 1000 * seconds} + 1e0 * ${stepMs} * (${steps})`;
    return isSqlite ? `CAST(${ms} AS INTEGER)` : `to_timestamp((${ms}) / 1000.0)`;
  };
  const numbers = (most: number) =>
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${most})`;
  const job = `CASE WHEN n % 2 = 0 THEN 1 ELSE 1 + n / 2 % ${jobs - 1} END`;
  const status = `CASE WHEN n > ${runs - RUNNING} THEN 'IN_PROGRESS' WHEN n > ${runs - RUNNING - WAITING} THEN 'PENDING'
    WHEN n < 900 AND n % 3 = 0 THEN 'CANCELLED' WHEN n < 900 AND n % 3 = 1 THEN 'TIMEOUT' WHEN n % 97 = 0 THEN 'FAILED'
    ELSE 'COMPLETED' END`;
  const everySeconds = Math.ceil(jobs * stepMs / 1000);
  const unless = (condition: string, value: string) => `CASE WHEN ${condition} THEN ${value} END`;
  return [
    [
      "scheduled_jobs",
      `INSERT INTO scheduled_jobs (id, name, script_path, script_args, schedule, timezone, policies, is_active, next_run,
        revision, created_at, updated_at, search_key)
      ${numbers(jobs)}
      SELECT n, 'Job ' || n, 'a.sh', '[]', '{"kind":"interval","everySeconds":${everySeconds}}', 'UTC', '{}', n % 10 <> 0,
        ${unless("n % 10 <> 0", instant(`${runs} + n`))}, 1, ${instant("0")}, ${instant("0")}, 'job ' || n || ' a.sh'
      FROM numbers`,
    ],
    [
      "job_dispatch",
      `INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at,
        job_revision, correlation_id, created_at, worker_id, claimed_at, started_at, timeout_at, completed_at, lease_epoch,
        lease_until, backfill_id, at_once)
      ${numbers(runs)}, runs AS (SELECT n, ${job} AS job, ${status} AS status FROM numbers)
      SELECT n, n, job, ${instant("n")}, CASE WHEN n % 50 = 1 THEN 'backfill' ELSE 'schedule' END, status, 0,
        ${instant("n")}, 1, 'c' || n, ${instant("n")},
        ${unless("status <> 'PENDING'", `'w' || n % ${WORKERS}`)},
        ${unless("status <> 'PENDING'", instant("n"))},
        ${unless("status <> 'PENDING'", instant("n"))},
        ${unless("status = 'IN_PROGRESS'", instant("n", 600))},
        ${unless("status NOT IN ('PENDING', 'IN_PROGRESS')", instant("n", 1))},
        ${unless("status = 'IN_PROGRESS'", "n")},
        ${unless("status = 'IN_PROGRESS'", instant("n", 180))},
        ${unless("n % 50 = 1", "'b'")},
        ${unless("n % 50 = 1", "1")}
      FROM runs`,
    ],
    [
      "job_execution_logs",
      `INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, duration_ms, log_bytes, truncated)
      SELECT id, job_id, completed_at,
        CASE status WHEN 'COMPLETED' THEN 'SUCCESS' WHEN 'FAILED' THEN 'FAILURE' ELSE status END, 1000,
        ${chunks * output.length}, false
      FROM job_dispatch WHERE completed_at IS NOT NULL`,
    ],
    [
      "job_log_chunks",
      `INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data)
      ${numbers(chunks)}
      SELECT id, n, 'stdout', completed_at, '${output}' FROM job_dispatch, numbers WHERE completed_at IS NOT NULL`,
    ],
    [
      "occurrence_ledger",
      `INSERT INTO occurrence_ledger (job_id, reason, first_at, last_at, count)
      ${numbers(runs / 2)}
      SELECT ${job}, CASE WHEN n % 3 = 0 THEN 'overlap' ELSE 'missed' END, ${instant("n")}, ${instant("n")}, 1
      FROM numbers`,
    ],
    [
      "failing_jobs",
      `INSERT INTO failing_jobs (job_id, since, dispatch_id) ${numbers(Math.min(FAILING, jobs))} SELECT n, ${
        instant("n")
      }, ${runs} FROM numbers`,
    ],
    [
      "worker_registration",
      `INSERT INTO worker_registration (worker_id, hostname, platform, process_id, version, tags, concurrency, started_at,
        last_heartbeat, status)
      ${numbers(WORKERS)}
      SELECT 'w' || n, 'host', 'linux', n, '1', '[]', 4, ${instant("n")}, ${instant("n")}, 'IDLE' FROM numbers`,
    ],
  ];
}
