import {
  Conflict,
  type Dispatch,
  type DispatchId,
  type EpochMs,
  type Execution,
  type JobId,
  type LedgerEntry,
  NotFound,
  type Trigger,
} from "../../domain/mod.ts";
import { encodeCursor } from "../cursor.ts";
import type { Lists } from "../lists.ts";
import { pageOf } from "../page.ts";
import { toDispatch, toExecution, toLedgerEntry, toNumber } from "../rows.ts";
import type { Page, RunQuery, RunStore } from "../store.ts";
import { cancelWaiting, CHANNEL, SELECT_DISPATCH } from "./attempts.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { instant, json, text } from "./values.ts";

const GET = statement(`${SELECT_DISPATCH} WHERE d.id = $1`);
const EXECUTION = statement("SELECT * FROM job_execution_logs WHERE dispatch_id = $1");

// Indexes: the primary key for the first attempt, job_dispatch_attempt for the others.
const ATTEMPTS = statement(`
  ${SELECT_DISPATCH} WHERE d.id = $1 OR (d.root_id = $1 AND d.retry_count > 0) ORDER BY d.retry_count`);

// Index: job_dispatch_idempotency.
const BY_KEY = statement(`${SELECT_DISPATCH} WHERE d.job_id = $1 AND d.idempotency_key = $2`);

// Locks the job, so that of two requests at once the second sees the run of the first.
const JOB = statement(
  "SELECT revision AS n FROM scheduled_jobs WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE",
);

// Indexes: job_dispatch_waiting_by_job, job_dispatch_running.
const IS_UNFINISHED = statement(`
  SELECT 1 WHERE EXISTS (SELECT 1 FROM job_dispatch WHERE job_id = $1 AND status = 'PENDING')
    OR EXISTS (SELECT 1 FROM job_dispatch WHERE job_id = $1 AND status = 'IN_PROGRESS')`);

const INSERT = statement(`
  WITH next AS (SELECT nextval(pg_get_serial_sequence('job_dispatch', 'id')) AS id)
  INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, args,
    idempotency_key, job_revision, correlation_id, created_at)
  SELECT id, id, $1, $2::timestamptz, $3, 'PENDING', 0, $2::timestamptz, $4::jsonb, $5, $6, $7, $2::timestamptz FROM next
  RETURNING id AS n, pg_notify('${CHANNEL}', 'queue')::text AS notified`);

// Index: the primary key, as in the next.
const CANCEL_WAITING = statement(cancelWaiting("d.id = $3"));

const REQUEST_CANCEL = statement(`
  UPDATE job_dispatch SET cancel_requested_at = coalesce(cancel_requested_at, $2::timestamptz)
  WHERE id = $1 AND status = 'IN_PROGRESS'
  RETURNING pg_notify('${CHANNEL}', 'cancel')::text AS notified`);

// Index: occurrence_ledger_by_job.
const LEDGER = statement("SELECT * FROM occurrence_ledger WHERE job_id = $1 ORDER BY id DESC LIMIT $2");

/** Runs in PostgreSQL. `announce` is told of what people see. */
export class PostgresRuns implements RunStore {
  readonly #db: Connection;
  readonly #lists: Lists;
  readonly #announce: () => void;

  constructor(db: Connection, lists: Lists, announce: () => void) {
    this.#db = db;
    this.#lists = lists;
    this.#announce = announce;
  }

  async get(id: DispatchId): Promise<Dispatch | null> {
    const [row] = await this.#db.all(GET, [id]);
    return row === undefined ? null : toDispatch(row);
  }

  async execution(id: DispatchId): Promise<Execution | null> {
    const [row] = await this.#db.all(EXECUTION, [id]);
    return row === undefined ? null : toExecution(row);
  }

  async list(query: RunQuery): Promise<Page<Dispatch>> {
    const { sql, parameters } = this.#lists.runs(query);
    const runs = (await this.#db.all(sql, parameters)).map(toDispatch);
    return pageOf(runs, query.limit, ({ id }) => encodeCursor({ order: "newest", key: null, id }));
  }

  async attempts(rootId: DispatchId): Promise<readonly Dispatch[]> {
    return (await this.#db.all(ATTEMPTS, [rootId])).map(toDispatch);
  }

  runNow(
    request: {
      readonly jobId: JobId;
      readonly trigger: Extract<Trigger, "manual" | "api">;
      readonly args: readonly string[] | null;
      readonly force: boolean;
      readonly idempotencyKey: string | null;
      readonly now: EpochMs;
    },
  ): Promise<Dispatch> {
    const { jobId, trigger, args, force, now } = request;
    const key = text(request.idempotencyKey);
    return this.#db.transaction(async (tx) => {
      const [job] = await tx.all(JOB, [jobId]);
      if (job === undefined) throw new NotFound(`There is no job ${jobId}`);
      const [earlier] = key === null ? [] : await tx.all(BY_KEY, [jobId, key]);
      if (earlier !== undefined) return toDispatch(earlier);
      if (!force && (await tx.all(IS_UNFINISHED, [jobId])).length > 0) {
        throw new Conflict(
          `Cannot run job ${jobId} now: an earlier run has not ended; force it to run beside that one`,
        );
      }
      const given = args === null ? null : json(args);
      const values = [jobId, instant(now), trigger, given, key, toNumber(job), crypto.randomUUID()];
      const [row] = await tx.all(INSERT, values);
      if (row === undefined) throw new Error("An INSERT answered no row");
      return await one(tx, toNumber(row));
    });
  }

  async cancel(id: DispatchId, now: EpochMs): Promise<"cancelled" | "requested"> {
    const waiting = await this.#db.all(CANCEL_WAITING, [instant(now), "Cancelled before it started", id]);
    if (waiting.length > 0) {
      this.#announce();
      return "cancelled";
    }
    if ((await this.#db.all(REQUEST_CANCEL, [id, instant(now)])).length > 0) return "requested";
    const found = await this.get(id);
    if (found === null) throw new NotFound(`There is no run ${id}`);
    // It moved between the two statements: given back to the queue, or claimed and given back.
    if (found.state.status === "PENDING" || found.state.status === "IN_PROGRESS") return await this.cancel(id, now);
    throw new Conflict(`Cannot cancel run ${id}: it has ended as ${found.state.status}`);
  }

  async ledger(jobId: JobId, limit: number): Promise<readonly LedgerEntry[]> {
    return (await this.#db.all(LEDGER, [jobId, limit])).map(toLedgerEntry);
  }
}

async function one(tx: Session, id: number): Promise<Dispatch> {
  const [row] = await tx.all(GET, [id]);
  if (row === undefined) throw new Error(`Run ${id} is not there in the transaction that wrote it`);
  return toDispatch(row);
}
