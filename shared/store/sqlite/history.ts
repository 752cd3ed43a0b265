import { durationOf, finalStatusOf, logBytesOf } from "../history_rows.ts";
import type { History, HistoryStore } from "../history_store.ts";
import { noJob } from "../refusals.ts";
import { toDispatchIds } from "../rows.ts";
import type { Connection } from "./connection.ts";

// As INSERT_FIRST of `attempts.ts`. Index: job_dispatch_idempotency.
const INSERT = `
  INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, idempotency_key,
    worker_id, claimed_at, started_at, completed_at, exit_code, error_message, job_revision, correlation_id, created_at)
  SELECT next, next, :jobId, :scheduledFor, 'schedule', :status, 0, :scheduledFor, :key,
    :workerId, :claimedAt, :claimedAt, :completedAt, :exitCode, :errorMessage, :revision, :correlationId, :scheduledFor
  FROM (SELECT coalesce(max(seq), 0) + 1 AS next FROM sqlite_sequence WHERE name = 'job_dispatch')
  WHERE NOT EXISTS (SELECT 1 FROM job_dispatch WHERE job_id = :jobId AND idempotency_key = :key)
  RETURNING id`;

const INSERT_EXECUTION = `
  INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, exit_code, duration_ms, log_bytes, truncated)
  VALUES (:id, :jobId, :completedAt, :execution, :exitCode, :durationMs, :logBytes, 0)`;

const INSERT_CHUNK =
  "INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data) VALUES (:id, :seq, :stream, :at, :data)";

// What failed after the last success. Indexes: job_execution_logs_by_job from its end, job_execution_logs_failures.
const BEGIN_FAILING = `
  INSERT INTO failing_jobs (job_id, since, dispatch_id)
  SELECT job_id, min(run_time), max(dispatch_id) FROM job_execution_logs
  WHERE job_id = :jobId AND status IN ('FAILURE', 'ERROR', 'TIMEOUT') AND dispatch_id > coalesce((
    SELECT dispatch_id FROM job_execution_logs WHERE job_id = :jobId AND status = 'SUCCESS'
    ORDER BY dispatch_id DESC LIMIT 1), 0)
  GROUP BY job_id
  ON CONFLICT (job_id) DO UPDATE SET dispatch_id = max(dispatch_id, excluded.dispatch_id)`;

const END_FAILING = `
  DELETE FROM failing_jobs WHERE job_id = :jobId AND dispatch_id < (
    SELECT dispatch_id FROM job_execution_logs WHERE job_id = :jobId AND status = 'SUCCESS'
    ORDER BY dispatch_id DESC LIMIT 1)`;

/** History of jobs, in SQLite. */
export class SqliteHistory implements HistoryStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  takeOver({ jobId, runs }: History): Promise<number> {
    return this.#db.write(() => {
      const job = this.#db.get("SELECT revision FROM scheduled_jobs WHERE id = :jobId", { jobId });
      if (job === undefined) throw noJob(jobId);
      const revision = Number(job["revision"]);
      let written = 0;
      for (const run of runs) {
        const { scheduledFor, completedAt, key, execution, exitCode, errorMessage, claim } = run;
        const [id] = toDispatchIds(this.#db.all(INSERT, {
          jobId,
          scheduledFor,
          status: finalStatusOf(run),
          key,
          workerId: claim?.workerId ?? null,
          claimedAt: claim?.at ?? null,
          completedAt,
          exitCode,
          errorMessage,
          revision,
          correlationId: crypto.randomUUID(),
        }));
        if (id === undefined) continue;
        const [durationMs, logBytes] = [durationOf(run), logBytesOf(run)];
        this.#db.run(INSERT_EXECUTION, { id, jobId, completedAt, execution, exitCode, durationMs, logBytes });
        run.output.forEach(({ stream, data }, seq) =>
          this.#db.run(INSERT_CHUNK, { id, seq, stream, at: completedAt, data })
        );
        written++;
      }
      this.#db.run(BEGIN_FAILING, { jobId });
      this.#db.run(END_FAILING, { jobId });
      return written;
    });
  }
}
