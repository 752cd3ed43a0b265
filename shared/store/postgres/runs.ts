import {
  type Dispatch,
  type DispatchId,
  type EpochMs,
  epochMs,
  type Execution,
  type Job,
  type JobId,
  type LedgerEntry,
  type QueueGroup,
  type RunBar,
  type RunTotals,
} from "../../domain/mod.ts";
import { toQueueGroup, toQueueGroupNames, toWaitingNumbers } from "../need_rows.ts";
import { waitingCursor, type WaitingPage, type WaitingQuery } from "../waiting_page.ts";
import { encodeCursor } from "../cursor.ts";
import type { TotalsQuery } from "../totals.ts";
import type { ListQuery } from "../list_query.ts";
import type { Lists, LoadLists } from "../lists.ts";
import { backfilled, runCancelled, runMade } from "../audit_changes.ts";
import type { By } from "../by.ts";
import { type Page, pageOf } from "../page.ts";
import { roomFor } from "../../policy/due.ts";
import { hasEnded, noJob, noRoom, noRun } from "../refusals.ts";
import {
  backfillKey,
  BAR_BEFORE_MS,
  type BarBounds,
  type BarQuery,
  type KnownOccurrences,
  MOST_OCCURRENCES,
  type NewBackfill,
  type NewRun,
  type RunQuery,
  type RunStore,
  type Span,
} from "../run_store.ts";
import { queueGroupName, queueGroupOf } from "../../policy/queue_group.ts";
import { toJob } from "../job_rows.ts";
import { toLedgerEntry } from "../ledger_rows.ts";
import { toDispatchIds, toNumber } from "../rows.ts";
import { DISPATCH_COLUMNS, toDispatch, toExecution, toTotals } from "../run_rows.ts";
import { audit } from "./audit.ts";
import { barsOf } from "./bars.ts";
import { cancelAll, cancelWaiting, CHANNEL, COUNT_WAITING, insertFirst, SELECT_DISPATCH } from "./attempts.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { instant, json, text } from "./values.ts";

const GET = statement(`${SELECT_DISPATCH} WHERE d.id = $1`);
const EXECUTION = statement("SELECT * FROM job_execution_logs WHERE dispatch_id = $1");

// Indexes: the primary key for the first attempt, job_dispatch_attempt for the others.
const ATTEMPTS = statement(`
  ${SELECT_DISPATCH} WHERE d.id = $1 OR (d.root_id = $1 AND d.retry_count > 0) ORDER BY d.retry_count`);

// Index: job_dispatch_idempotency.
const BY_KEY = statement(`${SELECT_DISPATCH} WHERE d.job_id = $1 AND d.idempotency_key = $2`);

const JOB = statement("SELECT * FROM scheduled_jobs WHERE id = $1 AND deleted_at IS NULL");
// Locked, so that of two requests at once the second sees the run of the first.
const LOCK_JOB = statement("SELECT * FROM scheduled_jobs WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE");

// Indexes: job_dispatch_waiting_by_job, job_dispatch_running.
const COUNT_UNFINISHED = statement(`
  SELECT (SELECT count(*) FROM job_dispatch WHERE job_id = $1 AND status = 'PENDING' AND backfill_id IS NULL)
    + (SELECT count(*) FROM job_dispatch WHERE job_id = $1 AND status = 'IN_PROGRESS' AND backfill_id IS NULL) AS n`);

// The same indexes.
const UNFINISHED = statement(`
  ${SELECT_DISPATCH} WHERE d.job_id = $1 AND d.status = 'PENDING'
  UNION ALL ${SELECT_DISPATCH} WHERE d.job_id = $1 AND d.status = 'IN_PROGRESS'`);

// Index: job_dispatch_places.
const HOLDERS = statement("SELECT id FROM job_dispatch WHERE place IS NOT NULL AND place_key = $1 ORDER BY place");

// Index: job_dispatch_occurrence.
const DISPATCHED = statement(`
  ${SELECT_DISPATCH}
  WHERE d.job_id = $1 AND d.trigger = 'schedule' AND d.scheduled_for BETWEEN $2 AND $3
  ORDER BY d.scheduled_for LIMIT ${MOST_OCCURRENCES}`);

// Index: job_dispatch_backfilled.
const BACKFILLED = statement(`
  ${SELECT_DISPATCH}
  WHERE d.job_id = $1 AND d.trigger = 'backfill' AND d.scheduled_for BETWEEN $2 AND $3
  ORDER BY d.scheduled_for, d.id LIMIT ${MOST_OCCURRENCES}`);

// Index: occurrence_ledger_by_job.
const ENTRIES = statement(`
  SELECT * FROM occurrence_ledger WHERE job_id = $1 AND first_at <= $3 AND last_at >= $2
  ORDER BY id LIMIT ${MOST_OCCURRENCES}`);

// One run, if its job has not changed since it was read, and the key is new. The lock keeps it so until the run is written: who
// deletes the job waits, and then finds the run. The id comes from the job's row, so that none is taken where there is no job.
// Index: the primary key.
const RUN = statement(`
  WITH j AS (
    SELECT id, name, revision FROM scheduled_jobs WHERE id = $1 AND revision = $2 AND deleted_at IS NULL FOR NO KEY UPDATE
  ), d AS (
    INSERT INTO job_dispatch (id, root_id, job_id, scheduled_for, trigger, status, retry_count, available_at, priority,
      lane, is_forced, args, idempotency_key, job_revision, correlation_id, created_at, webhook_id, webhook_name)
    SELECT n.id, n.id, j.id, $3::timestamptz, $4, 'PENDING', 0, $3, $5, $6, $7, $8, $9, j.revision,
      gen_random_uuid()::text, $3, $10, $11
    FROM j, LATERAL (SELECT nextval(pg_get_serial_sequence('job_dispatch', 'id')) AS id WHERE j.id IS NOT NULL) n
    ON CONFLICT DO NOTHING
    RETURNING *
  )
  SELECT ${DISPATCH_COLUMNS.join(", ")}, pg_notify('${CHANNEL}', 'queue')::text AS notified
  FROM d JOIN j ON j.id = d.job_id`);

const NOTIFY = statement(`SELECT pg_notify('${CHANNEL}', 'queue')::text AS notified`);

// Index: the primary key, as in the next.
const CANCEL_WAITING = statement(
  cancelWaiting({ from: "(SELECT NULL::bigint AS run) c", condition: "d.id = $3" }),
);

const REQUEST_CANCEL = statement(`
  UPDATE job_dispatch
  SET cancel_requested_at = coalesce(cancel_requested_at, $2::timestamptz),
    cancel_reason = coalesce(cancel_reason, 'request')
  WHERE id = $1 AND status = 'IN_PROGRESS'
  RETURNING pg_notify('${CHANNEL}', 'cancel')::text AS notified`);

// Index: occurrence_ledger_by_job.
const LEDGER = statement("SELECT * FROM occurrence_ledger WHERE job_id = $1 ORDER BY id DESC LIMIT $2");

/** Runs in PostgreSQL. Calls `announce` when people may see a change. */
export class PostgresRuns implements RunStore {
  readonly #db: Connection;
  readonly #lists: LoadLists;
  readonly #announce: () => void;

  constructor(db: Connection, lists: LoadLists, announce: () => void) {
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
    const lists = await this.#lists();
    const bounds = {
      first: await this.#firstSince(lists, query.since),
      end: await this.#firstSince(lists, query.until),
    };
    const read = ({ sql, parameters }: ListQuery) => this.#db.all(sql, parameters);
    const near = lists.runs.near(query, bounds);
    let rows = near === null ? [] : await read(near);
    if (rows.length <= query.limit) rows = await read(lists.runs.page(query, bounds));
    const runs = rows.map(toDispatch);
    return pageOf(runs, query.limit, ({ id }) => encodeCursor({ order: "newest", key: null, id }));
  }

  async totals(query: TotalsQuery): Promise<RunTotals> {
    const { sql, parameters } = (await this.#lists()).totals(query);
    const [row = {}] = await this.#db.all(sql, parameters);
    return toTotals(row);
  }

  async queue(query: WaitingQuery): Promise<WaitingPage> {
    const { page, numbers } = (await this.#lists()).waiting(query);
    const [runs, [counted = {}]] = await Promise.all([
      this.#db.all(page.sql, page.parameters),
      this.#db.all(numbers.sql, numbers.parameters),
    ]);
    return { ...pageOf(runs.map(toDispatch), query.limit, waitingCursor), ...toWaitingNumbers(counted) };
  }

  async taggedGroups(limit: number): Promise<readonly QueueGroup[]> {
    const { sql, parameters } = (await this.#lists()).taggedGroups(limit);
    return toQueueGroupNames(await this.#db.all(statement(sql), parameters)).map(toQueueGroup);
  }

  /** See {@linkcode RunLists.first}. */
  async #firstSince(lists: Lists, instant: EpochMs | undefined): Promise<number | null> {
    if (instant === undefined) return null;
    const { sql, parameters } = lists.runs.first(instant);
    // One text, whose plan is the same for all instants: planned once in a session.
    const [row] = await this.#db.all(statement(sql), parameters);
    return toNumber(row ?? {});
  }

  async attempts(rootId: DispatchId): Promise<readonly Dispatch[]> {
    return (await this.#db.all(ATTEMPTS, [rootId])).map(toDispatch);
  }

  runNow(request: NewRun): Promise<Dispatch> {
    return this.#db.transaction(async (tx) => {
      // A forced run does not depend on others, so nothing is locked before it is written.
      if (request.force) return await runBeside(tx, request);
      const job = await lock(tx, request.jobId);
      const earlier = await byKey(tx, request);
      if (earlier !== null) return earlier;
      await assertRoom(tx, job);
      const run = await insertRun(tx, job, request);
      if (run === null) throw new Error(`A run of job ${job.id} was not written`);
      if (job.policies.overlap === "cancel_running") {
        const jobs = [{ jobId: job.id, cancel: { reason: "overlap", forRun: run.id } as const }];
        await cancelAll(tx, { jobs, now: request.now, withBackfills: false });
      }
      await audit(tx, request, runMade(job, run.id, request));
      return run;
    });
  }

  backfill(request: NewBackfill): Promise<number> {
    const { jobId, times, backfill, now } = request;
    return this.#db.transaction(async (tx) => {
      const job = await lock(tx, jobId);
      const written = await insertFirst(
        tx,
        times.map((scheduledFor) => ({
          job,
          scheduledFor,
          availableAt: now,
          backfill,
          idempotencyKey: backfillKey(backfill, scheduledFor),
        })),
        { trigger: "backfill", now },
      );
      await tx.all(NOTIFY);
      if (written.length > 0) await audit(tx, request, backfilled(job, backfill.id, written.length));
      return written.length;
    });
  }

  async cancel(id: DispatchId, by: By): Promise<"cancelled" | "requested"> {
    const outcome = await this.#db.transaction(async (tx) => {
      for (;;) {
        const outcome = await cancelOrAsk(tx, id, by);
        const [row] = await tx.all(GET, [id]);
        if (row === undefined) throw noRun(id);
        const { jobName, state } = toDispatch(row);
        if (outcome !== null) {
          await audit(tx, by, runCancelled(id, jobName, outcome));
          return outcome;
        }
        // Else it moved between the two statements: it was released, or claimed and released.
        if (state.status !== "PENDING" && state.status !== "IN_PROGRESS") throw hasEnded(id, state.status);
      }
    });
    if (outcome === "cancelled") this.#announce();
    return outcome;
  }

  async ledger(jobId: JobId, limit: number): Promise<readonly LedgerEntry[]> {
    return (await this.#db.all(LEDGER, [jobId, limit])).map(toLedgerEntry);
  }

  async occurrences(
    jobId: JobId,
    { from, until }: Span,
  ): Promise<KnownOccurrences> {
    const values = [jobId, instant(from), instant(until)];
    return {
      runs: (await this.#db.all(DISPATCHED, values)).map(toDispatch),
      ledger: (await this.#db.all(ENTRIES, values)).map(toLedgerEntry),
      backfilled: (await this.#db.all(BACKFILLED, values)).map(toDispatch),
    };
  }

  bars(query: BarQuery): Promise<readonly RunBar[]> {
    return barsOf(this.#db, query);
  }

  async barBounds({ from, until }: Span): Promise<BarBounds> {
    const lists = await this.#lists();
    const [first, end] = await Promise.all([
      this.#firstSince(lists, epochMs(from - BAR_BEFORE_MS)),
      this.#firstSince(lists, epochMs(until + 1)),
    ]);
    return { first: first ?? 0, end: end ?? 0 };
  }

  async waiting(jobId: JobId): Promise<number> {
    const [count = {}] = await this.#db.all(COUNT_WAITING, [jobId]);
    return toNumber(count);
  }

  async unfinished(jobId: JobId): Promise<readonly Dispatch[]> {
    const runs = (await this.#db.all(UNFINISHED, [jobId])).map(toDispatch);
    return runs.toSorted((a, b) => a.rootId - b.rootId || a.id - b.id);
  }

  async holders(key: string): Promise<readonly DispatchId[]> {
    return toDispatchIds(await this.#db.all(HOLDERS, [text(key)]));
  }
}

/** Null: the run neither waits nor runs, or it moved in between. */
async function cancelOrAsk(tx: Session, id: DispatchId, { now }: By): Promise<"cancelled" | "requested" | null> {
  const waiting = await tx.all(CANCEL_WAITING, [instant(now), "request", id]);
  if (waiting.some((row) => row["id"] !== null)) return "cancelled";
  return (await tx.all(REQUEST_CANCEL, [id, instant(now)])).length > 0 ? "requested" : null;
}

async function runBeside(tx: Session, request: NewRun): Promise<Dispatch> {
  for (;;) {
    const [row] = await tx.all(JOB, [request.jobId]);
    if (row === undefined) throw noJob(request.jobId);
    const job = toJob(row);
    const run = await insertRun(tx, job, request);
    if (run !== null) {
      await audit(tx, request, runMade(job, run.id, request));
      return run;
    }
    const earlier = await byKey(tx, request);
    if (earlier !== null) return earlier;
    // The job was changed since it was read.
  }
}

async function lock(tx: Session, id: JobId): Promise<Job> {
  const [row] = await tx.all(LOCK_JOB, [id]);
  if (row === undefined) throw noJob(id);
  return toJob(row);
}

/** Writes a run and wakes workers. Null: the job has changed since it was read, or a run has the key. */
async function insertRun(session: Session, job: Job, request: NewRun): Promise<Dispatch | null> {
  const { trigger, args, force, webhook, now } = request;
  const [row] = await session.all(RUN, [
    job.id,
    job.revision,
    instant(now),
    trigger,
    job.policies.priority,
    queueGroupName(queueGroupOf(job, { isForced: force, backfill: null })),
    force,
    args === null ? null : json(args),
    text(request.idempotencyKey),
    webhook?.id ?? null,
    text(webhook?.name ?? null),
  ]);
  return row === undefined ? null : toDispatch(row);
}

/** The run that was written for the same request before. */
async function byKey(session: Session, { jobId, idempotencyKey }: NewRun): Promise<Dispatch | null> {
  if (idempotencyKey === null) return null;
  const [row] = await session.all(BY_KEY, [jobId, text(idempotencyKey)]);
  return row === undefined ? null : toDispatch(row);
}

/** @throws {Conflict} when the job's overlap policy has no room for another run. */
async function assertRoom(tx: Session, { id, policies }: Job): Promise<void> {
  const [count = {}] = await tx.all(COUNT_UNFINISHED, [id]);
  if (roomFor(policies.overlap, toNumber(count)) === 0) throw noRoom(id, toNumber(count));
}
