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
import type { Page, RunQuery, RunStore } from "../store.ts";
import { cancelWaiting, insertFirst, SELECT_DISPATCH } from "./attempts.ts";
import type { Connection } from "./connection.ts";
import { toDispatch, toExecution, toLedgerEntry, toNumber } from "../rows.ts";

const GET = `${SELECT_DISPATCH} WHERE d.id = :id`;
const EXECUTION = "SELECT * FROM job_execution_logs WHERE dispatch_id = :id";

// Index: job_dispatch_attempt.
const ATTEMPTS = `${SELECT_DISPATCH} WHERE d.root_id = :rootId ORDER BY d.retry_count`;

// Index: job_dispatch_idempotency.
const BY_KEY = `${SELECT_DISPATCH} WHERE d.job_id = :jobId AND d.idempotency_key = :idempotencyKey`;

// Index: job_dispatch_unfinished for the count.
const JOB = `
  SELECT revision AS n, (SELECT count(*) FROM job_dispatch WHERE job_id = :jobId AND completed_at IS NULL) AS unfinished
  FROM scheduled_jobs WHERE id = :jobId AND deleted_at IS NULL`;

const REQUEST_CANCEL = `
  UPDATE job_dispatch SET cancel_requested_at = coalesce(cancel_requested_at, :now)
  WHERE id = :id AND status = 'IN_PROGRESS'`;

// Index: occurrence_ledger_by_job.
const LEDGER = "SELECT * FROM occurrence_ledger WHERE job_id = :jobId ORDER BY id DESC LIMIT :limit";

/** Runs in SQLite. */
export class SqliteRuns implements RunStore {
  readonly #db: Connection;
  readonly #lists: Lists;

  constructor(db: Connection, lists: Lists) {
    this.#db = db;
    this.#lists = lists;
  }

  get(id: DispatchId): Promise<Dispatch | null> {
    return this.#db.read(() => this.#find(id));
  }

  execution(id: DispatchId): Promise<Execution | null> {
    return this.#db.read(() => {
      const row = this.#db.get(EXECUTION, { id });
      return row === undefined ? null : toExecution(row);
    });
  }

  list(query: RunQuery): Promise<Page<Dispatch>> {
    return this.#db.read(() => {
      const { sql, parameters } = this.#lists.runs(query);
      const runs = this.#db.all(sql, parameters).map(toDispatch);
      return pageOf(runs, query.limit, ({ id }) => encodeCursor({ order: "newest", key: null, id }));
    });
  }

  attempts(rootId: DispatchId): Promise<readonly Dispatch[]> {
    return this.#db.read(() => this.#db.all(ATTEMPTS, { rootId }).map(toDispatch));
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
    const { jobId, trigger, args, force, idempotencyKey, now } = request;
    return this.#db.write(() => {
      const job = this.#db.get(JOB, { jobId });
      if (job === undefined) throw new NotFound(`There is no job ${jobId}`);
      const earlier = idempotencyKey === null ? undefined : this.#db.get(BY_KEY, { jobId, idempotencyKey });
      if (earlier !== undefined) return toDispatch(earlier);
      if (!force && job["unfinished"] !== 0) {
        throw new Conflict(
          `Cannot run job ${jobId} now: an earlier run has not ended; force it to run beside that one`,
        );
      }
      const first = { jobId, scheduledFor: now, trigger, args, idempotencyKey, jobRevision: toNumber(job), now };
      const id = insertFirst(this.#db, first);
      return toDispatch(this.#db.one(GET, { id }));
    });
  }

  cancel(id: DispatchId, now: EpochMs): Promise<"cancelled" | "requested"> {
    return this.#db.write(() => {
      if (cancelWaiting(this.#db, id, { errorMessage: "Cancelled before it started", now })) return "cancelled";
      if (this.#db.run(REQUEST_CANCEL, { id, now }) === 1) return "requested";
      const found = this.#find(id);
      if (found === null) throw new NotFound(`There is no run ${id}`);
      throw new Conflict(`Cannot cancel run ${id}: it has ended as ${found.state.status}`);
    });
  }

  ledger(jobId: JobId, limit: number): Promise<readonly LedgerEntry[]> {
    return this.#db.read(() => this.#db.all(LEDGER, { jobId, limit }).map(toLedgerEntry));
  }

  #find(id: DispatchId): Dispatch | null {
    const row = this.#db.get(GET, { id });
    return row === undefined ? null : toDispatch(row);
  }
}
