// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import type { Contestant } from "./contestant.ts";
import { type Backdoor, ours } from "./ours.ts";

const ADD_DUE_JOBS = `
  INSERT INTO scheduled_jobs (name, script_path, script_args, schedule, timezone, policies, is_active, next_run, revision,
    created_at, updated_at, search_key)
  SELECT name, script_path, script_args, schedule, timezone, policies, true, to_timestamp(($3::float8 + (n - 1) * $4::integer) / 1000),
    revision,
    created_at, updated_at, search_key
  FROM scheduled_jobs, generate_series(1, $2::integer) AS n WHERE id = $1 ORDER BY n`;

const FILL_DISPATCHES = `
  INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, worker_id,
    claimed_at, started_at, completed_at, exit_code, job_revision, correlation_id, created_at, reported_epoch)
  SELECT id, id, $1, at, 'api', 'COMPLETED', 0, at, 'gone', at, at, at, 0, 1, gen_random_uuid()::text, at, 0
  FROM (
    SELECT nextval(pg_get_serial_sequence('job_dispatch', 'id')) AS id, now() - n * interval '1 second' AS at
    FROM generate_series($2::integer, 1, -1) AS n
  ) past`;

const FILL_LOGS = `
  INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, exit_code, duration_ms, log_bytes, truncated)
  SELECT id, job_id, completed_at, 'SUCCESS', 0, 0, 0, false FROM job_dispatch WHERE worker_id = 'gone'`;

async function openBackdoor(url: string): Promise<Backdoor> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    async addDueJobs(id, { count, dueAt, stepMs }) {
      await client.query(ADD_DUE_JOBS, [id, count, dueAt, stepMs]);
    },
    async hasUnfinished() {
      const { rows } = await client.query(
        "(SELECT 1 FROM job_dispatch WHERE status = 'PENDING' LIMIT 1) " +
          "UNION ALL (SELECT 1 FROM job_dispatch WHERE status = 'IN_PROGRESS' LIMIT 1)",
      );
      return rows.length > 0;
    },
    async fillHistory(id, rows) {
      await client.query(FILL_DISPATCHES, [id, rows]);
      await client.query(FILL_LOGS);
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

/** This project on PostgreSQL. */
export const oursOnPostgres: Contestant = ours("Job Trigger Portal", openBackdoor);
