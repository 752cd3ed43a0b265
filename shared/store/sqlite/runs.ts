import {
  type Dispatch,
  type DispatchId,
  type EpochMs,
  epochMs,
  type Execution,
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
import { audit } from "./audit.ts";
import { barsOf } from "./bars.ts";
import { cancelAll, cancelWaiting, COUNT_WAITING, insertFirst, SELECT_DISPATCH } from "./attempts.ts";
import type { Connection } from "./connection.ts";
import { toJob } from "../job_rows.ts";
import { toLedgerEntry } from "../ledger_rows.ts";
import { toDispatchIds, toNumber } from "../rows.ts";
import { toDispatch, toExecution, toTotals } from "../run_rows.ts";

const GET = `${SELECT_DISPATCH} WHERE d.id = :id`;
const EXECUTION = "SELECT * FROM job_execution_logs WHERE dispatch_id = :id";

// Index: job_dispatch_attempt.
const ATTEMPTS = `${SELECT_DISPATCH} WHERE d.root_id = :rootId ORDER BY d.retry_count`;

// Index: job_dispatch_idempotency.
const BY_KEY = `${SELECT_DISPATCH} WHERE d.job_id = :jobId AND d.idempotency_key = :idempotencyKey`;

// Index: job_dispatch_unfinished for the count.
const JOB = `
  SELECT *, (
    SELECT count(*) FROM job_dispatch WHERE job_id = :jobId AND completed_at IS NULL AND backfill_id IS NULL
  ) AS n
  FROM scheduled_jobs WHERE id = :jobId AND deleted_at IS NULL`;

// Index: job_dispatch_unfinished.
const UNFINISHED = `${SELECT_DISPATCH} WHERE d.job_id = :jobId AND d.completed_at IS NULL ORDER BY d.root_id, d.id`;

// Index: job_dispatch_places.
const HOLDERS = "SELECT id FROM job_dispatch WHERE place IS NOT NULL AND place_key = :key ORDER BY place";

// Index: job_dispatch_occurrence.
const DISPATCHED = `
  ${SELECT_DISPATCH}
  WHERE d.job_id = :jobId AND d.trigger = 'schedule' AND d.scheduled_for BETWEEN :from AND :until
  ORDER BY d.scheduled_for LIMIT ${MOST_OCCURRENCES}`;

// Index: job_dispatch_backfilled.
const BACKFILLED = `
  ${SELECT_DISPATCH}
  WHERE d.job_id = :jobId AND d.trigger = 'backfill' AND d.scheduled_for BETWEEN :from AND :until
  ORDER BY d.scheduled_for, d.id LIMIT ${MOST_OCCURRENCES}`;

// Index: occurrence_ledger_by_job.
const ENTRIES = `
  SELECT * FROM occurrence_ledger WHERE job_id = :jobId AND first_at <= :until AND last_at >= :from
  ORDER BY id LIMIT ${MOST_OCCURRENCES}`;

const REQUEST_CANCEL = `
  UPDATE job_dispatch
  SET cancel_requested_at = coalesce(cancel_requested_at, :now), cancel_reason = coalesce(cancel_reason, 'request')
  WHERE id = :id AND status = 'IN_PROGRESS'`;

// Index: occurrence_ledger_by_job.
const LEDGER = "SELECT * FROM occurrence_ledger WHERE job_id = :jobId ORDER BY id DESC LIMIT :limit";

/** Runs in SQLite. */
export class SqliteRuns implements RunStore {
  readonly #db: Connection;
  readonly #lists: LoadLists;

  constructor(db: Connection, lists: LoadLists) {
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

  async list(query: RunQuery): Promise<Page<Dispatch>> {
    const lists = await this.#lists();
    return await this.#db.read(() => {
      const { since, until } = query;
      const bounds = { first: this.#firstSince(lists, since), end: this.#firstSince(lists, until) };
      const read = ({ sql, parameters }: ListQuery) => this.#db.all(sql, parameters);
      const near = lists.runs.near(query, bounds);
      let rows = near === null ? [] : read(near);
      if (rows.length <= query.limit) rows = read(lists.runs.page(query, bounds));
      const runs = rows.map(toDispatch);
      return pageOf(runs, query.limit, ({ id }) => encodeCursor({ order: "newest", key: null, id }));
    });
  }

  async totals(query: TotalsQuery): Promise<RunTotals> {
    const { sql, parameters } = (await this.#lists()).totals(query);
    return await this.#db.read(() => toTotals(this.#db.one(sql, parameters)));
  }

  async queue(query: WaitingQuery): Promise<WaitingPage> {
    const { page, numbers } = (await this.#lists()).waiting(query);
    return await this.#db.read(() => {
      const runs = this.#db.all(page.sql, page.parameters).map(toDispatch);
      const counted = toWaitingNumbers(this.#db.one(numbers.sql, numbers.parameters));
      return { ...pageOf(runs, query.limit, waitingCursor), ...counted };
    });
  }

  async taggedGroups(limit: number): Promise<readonly QueueGroup[]> {
    const { sql, parameters } = (await this.#lists()).taggedGroups(limit);
    return await this.#db.read(() => toQueueGroupNames(this.#db.all(sql, parameters)).map(toQueueGroup));
  }

  /** See {@linkcode RunLists.first}. */
  #firstSince(lists: Lists, instant: EpochMs | undefined): number | null {
    if (instant === undefined) return null;
    const { sql, parameters } = lists.runs.first(instant);
    return toNumber(this.#db.get(sql, parameters) ?? {});
  }

  attempts(rootId: DispatchId): Promise<readonly Dispatch[]> {
    return this.#db.read(() => this.#db.all(ATTEMPTS, { rootId }).map(toDispatch));
  }

  runNow(request: NewRun): Promise<Dispatch> {
    const { jobId, trigger, args, force, idempotencyKey, webhook, now } = request;
    return this.#db.write(() => {
      const row = this.#db.get(JOB, { jobId });
      if (row === undefined) throw noJob(jobId);
      const earlier = idempotencyKey === null ? undefined : this.#db.get(BY_KEY, { jobId, idempotencyKey });
      if (earlier !== undefined) return toDispatch(earlier);
      const job = toJob(row);
      const unfinished = toNumber(row);
      const { overlap } = job.policies;
      if (!force && roomFor(overlap, unfinished) === 0) throw noRoom(jobId, unfinished);
      const first = {
        scheduledFor: now,
        availableAt: now,
        trigger,
        args,
        isForced: force,
        idempotencyKey,
        webhook,
        now,
      };
      const id = insertFirst(this.#db, job, first);
      if (!force && overlap === "cancel_running" && id !== null) {
        cancelAll(this.#db, jobId, { cancel: { reason: "overlap", forRun: id }, now, withBackfills: false });
      }
      const run = toDispatch(this.#db.one(GET, { id }));
      audit(this.#db, request, runMade(job, run.id, request));
      return run;
    });
  }

  backfill(request: NewBackfill): Promise<number> {
    const { jobId, times, backfill, now } = request;
    return this.#db.write(() => {
      const row = this.#db.get(JOB, { jobId });
      if (row === undefined) throw noJob(jobId);
      const job = toJob(row);
      const unwritten = times.filter((at) =>
        this.#db.get(BY_KEY, { jobId, idempotencyKey: backfillKey(backfill, at) }) === undefined
      );
      for (const scheduledFor of unwritten) {
        const idempotencyKey = backfillKey(backfill, scheduledFor);
        insertFirst(this.#db, job, {
          scheduledFor,
          availableAt: now,
          trigger: "backfill",
          backfill,
          idempotencyKey,
          now,
        });
      }
      if (unwritten.length > 0) audit(this.#db, request, backfilled(job, backfill.id, unwritten.length));
      return unwritten.length;
    });
  }

  cancel(id: DispatchId, by: By): Promise<"cancelled" | "requested"> {
    const { now } = by;
    return this.#db.write(() => {
      const outcome = cancelWaiting(this.#db, id, { cancel: { reason: "request" }, now })
        ? "cancelled"
        : this.#db.run(REQUEST_CANCEL, { id, now }) === 1
        ? "requested"
        : null;
      const found = this.#find(id);
      if (found === null) throw noRun(id);
      if (outcome === null) throw hasEnded(id, found.state.status);
      audit(this.#db, by, runCancelled(id, found.jobName, outcome));
      return outcome;
    });
  }

  ledger(jobId: JobId, limit: number): Promise<readonly LedgerEntry[]> {
    return this.#db.read(() => this.#db.all(LEDGER, { jobId, limit }).map(toLedgerEntry));
  }

  occurrences(
    jobId: JobId,
    { from, until }: Span,
  ): Promise<KnownOccurrences> {
    return this.#db.read(() => ({
      runs: this.#db.all(DISPATCHED, { jobId, from, until }).map(toDispatch),
      ledger: this.#db.all(ENTRIES, { jobId, from, until }).map(toLedgerEntry),
      backfilled: this.#db.all(BACKFILLED, { jobId, from, until }).map(toDispatch),
    }));
  }

  bars(query: BarQuery): Promise<readonly RunBar[]> {
    return this.#db.read(() => barsOf(this.#db, query));
  }

  async barBounds({ from, until }: Span): Promise<BarBounds> {
    const lists = await this.#lists();
    return await this.#db.read(() => ({
      first: this.#firstSince(lists, epochMs(from - BAR_BEFORE_MS)) ?? 0,
      end: this.#firstSince(lists, epochMs(until + 1)) ?? 0,
    }));
  }

  waiting(jobId: JobId): Promise<number> {
    return this.#db.read(() => toNumber(this.#db.one(COUNT_WAITING, { jobId })));
  }

  unfinished(jobId: JobId): Promise<readonly Dispatch[]> {
    return this.#db.read(() => this.#db.all(UNFINISHED, { jobId }).map(toDispatch));
  }

  holders(key: string): Promise<readonly DispatchId[]> {
    return this.#db.read(() => toDispatchIds(this.#db.all(HOLDERS, { key })));
  }

  #find(id: DispatchId): Dispatch | null {
    const row = this.#db.get(GET, { id });
    return row === undefined ? null : toDispatch(row);
  }
}
