import { durationOf, finalStatusOf, logBytesOf } from "../history_rows.ts";
import type { History, HistoryStore } from "../history_store.ts";
import { noJob } from "../refusals.ts";
import { toDispatchIds } from "../rows.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { instant, text } from "./values.ts";

const REVISION = statement("SELECT revision FROM scheduled_jobs WHERE id = $1 FOR KEY SHARE");

// Index: job_dispatch_idempotency.
const INSERT = statement(`
  INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, idempotency_key,
    worker_id, claimed_at, started_at, completed_at, exit_code, error_message, job_revision, correlation_id, created_at)
  SELECT next, next, $1, $2::timestamptz, 'schedule', $3, 0, $2, $4, $5, $6::timestamptz, $6, $7::timestamptz, $8::integer, $9,
    $10::integer, $11, $2
  FROM nextval(pg_get_serial_sequence('job_dispatch', 'id')) AS next
  WHERE NOT EXISTS (SELECT 1 FROM job_dispatch WHERE job_id = $1 AND idempotency_key = $4)
  RETURNING id`);

const INSERT_EXECUTION = statement(`
  INSERT INTO job_execution_logs (dispatch_id, job_id, run_time, status, exit_code, duration_ms, log_bytes, truncated)
  VALUES ($1, $2, $3, $4, $5, $6, $7, false)`);

const INSERT_CHUNKS = statement(`
  INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data)
  SELECT $1, c.seq - 1, c.stream, $2::timestamptz, c.data
  FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS c (stream, data, seq)`);

// What failed after the last success. Indexes: job_execution_logs_by_job from its end, job_execution_logs_failures.
const BEGIN_FAILING = statement(`
  INSERT INTO failing_jobs AS f (job_id, since, dispatch_id)
  SELECT job_id, min(run_time), max(dispatch_id) FROM job_execution_logs
  WHERE job_id = $1 AND status IN ('FAILURE', 'ERROR', 'TIMEOUT') AND dispatch_id > coalesce((
    SELECT dispatch_id FROM job_execution_logs WHERE job_id = $1 AND status = 'SUCCESS'
    ORDER BY dispatch_id DESC LIMIT 1), 0)
  GROUP BY job_id
  ON CONFLICT (job_id) DO UPDATE SET dispatch_id = greatest(f.dispatch_id, excluded.dispatch_id)`);

const END_FAILING = statement(`
  DELETE FROM failing_jobs WHERE job_id = $1 AND dispatch_id < (
    SELECT dispatch_id FROM job_execution_logs WHERE job_id = $1 AND status = 'SUCCESS'
    ORDER BY dispatch_id DESC LIMIT 1)`);

/** History of jobs, in PostgreSQL. */
export class PostgresHistory implements HistoryStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  takeOver({ jobId, runs }: History): Promise<number> {
    return this.#db.transaction(async (tx) => {
      const [job] = await tx.all(REVISION, [jobId]);
      if (job === undefined) throw noJob(jobId);
      let written = 0;
      for (const run of runs) if (await write(tx, { jobId, run, revision: Number(job["revision"]) })) written++;
      await tx.all(BEGIN_FAILING, [jobId]);
      await tx.all(END_FAILING, [jobId]);
      return written;
    });
  }
}

/** Writes one run. False: it was there. */
async function write(
  tx: Session,
  { jobId, run, revision }: Pick<History, "jobId"> & {
    readonly run: History["runs"][number];
    readonly revision: number;
  },
): Promise<boolean> {
  const { scheduledFor, completedAt, key, execution, exitCode, errorMessage, claim, output } = run;
  const [id] = toDispatchIds(
    await tx.all(INSERT, [
      jobId,
      instant(scheduledFor),
      finalStatusOf(run),
      text(key),
      text(claim?.workerId ?? null),
      instant(claim?.at ?? null),
      instant(completedAt),
      exitCode,
      text(errorMessage),
      revision,
      crypto.randomUUID(),
    ]),
  );
  if (id === undefined) return false;
  const ended = instant(completedAt);
  await tx.all(INSERT_EXECUTION, [id, jobId, ended, execution, exitCode, durationOf(run), logBytesOf(run)]);
  if (output.length === 0) return true;
  await tx.all(INSERT_CHUNKS, [id, ended, output.map(({ stream }) => stream), output.map(({ data }) => text(data))]);
  return true;
}
