import {
  type EndedRun,
  type EpochMs,
  type FailingJob,
  type Job,
  type JobDefinition,
  type JobId,
  type JobRevision,
  type JobSummary,
  RECENT_RUNS,
  type RevisionChange,
} from "../../domain/mod.ts";
import type { FailingQuery } from "../failing.ts";
import type { ListQuery } from "../list_query.ts";
import type { LoadLists } from "../lists.ts";
import { type Page, pageOf } from "../page.ts";
import { queueGroupName, queueGroupOf } from "../../policy/queue_group.ts";
import { toUnfinished } from "../need_rows.ts";
import { jobCursor, toFailingJob, toJob, toLabelCount, toSummaries } from "../job_rows.ts";
import { toRecentRuns } from "../recent_rows.ts";
import { type Row, toDueInstant, toNumber } from "../rows.ts";
import { toDispatch } from "../run_rows.ts";
import { keyTaken, noJob, staleRevision } from "../refusals.ts";
import { revisionOf, toRevision, updateOf } from "../revision_rows.ts";
import { searchKey, searchKeysOf } from "../search_key.ts";
import { jobChanged, jobMade, jobPaused, jobRemoved, jobResumed } from "../audit_changes.ts";
import type { By } from "../by.ts";
import {
  type JobChange,
  type JobCountQuery,
  type JobQuery,
  type JobStore,
  type LabelCount,
  type LabelQuery,
  MOST_NAMESAKES,
  type NewJob,
  type PausedJob,
  type Pausing,
  type PlannedStartsQuery,
  type Resuming,
  type RevisionPage,
} from "../job_store.ts";
import { audit } from "./audit.ts";
import { cancelAll, cancelAllWaiting, CHANNEL, COUNT_WAITING, SELECT_DISPATCH } from "./attempts.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { violatesUnique } from "./errors.ts";
import { enterSkipped } from "./ledger.ts";
import { deleteLabels, REVISIONS, writeLabels, writeRevision } from "./revisions.ts";
import { instant, json, text, type Value } from "./values.ts";

// The columns that `toJob()` takes, and the one notification of the commit.
const CHANGED = `RETURNING *, pg_notify('${CHANNEL}', 'schedule')::text AS notified`;

const SELECT = statement("SELECT * FROM scheduled_jobs WHERE id = $1 AND deleted_at IS NULL");

// Index: scheduled_jobs_by_key.
const BY_KEY = statement("SELECT * FROM scheduled_jobs WHERE key = $1 AND deleted_at IS NULL");

// Index: scheduled_jobs_by_name.
const BY_NAME = statement(`
  SELECT * FROM scheduled_jobs
  WHERE search_key >= $2 AND search_key < $3 AND deleted_at IS NULL AND name = $1
  ORDER BY id LIMIT ${MOST_NAMESAKES}`);

const INSERT = statement(`
  INSERT INTO scheduled_jobs (name, script_path, script_args, schedule, timezone, policies, search_key, key, labels, managed_by,
    is_active, paused_note, next_run, revision, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $13, $14, $11, 1, $12, $12)
  ${CHANGED}`);

// A paused job has no next run, whatever its new schedule says.
const UPDATE = statement(`
  UPDATE scheduled_jobs
  SET name = $1, script_path = $2, script_args = $3, schedule = $4, timezone = $5, policies = $6, search_key = $7,
    key = $8, labels = $9, next_run = CASE WHEN NOT is_active THEN NULL WHEN $12 THEN next_run ELSE $10::timestamptz END,
    revision = revision + 1, updated_at = $11
  WHERE id = $13
  ${CHANGED}`);

const PAUSE = statement(`
  UPDATE scheduled_jobs
  SET is_active = false, paused_note = $2, next_run = NULL, revision = revision + 1, updated_at = $3
  WHERE id = $1
  ${CHANGED}`);

const RESUME = statement(`
  UPDATE scheduled_jobs
  SET is_active = true, paused_note = NULL, next_run = $2, revision = revision + 1, updated_at = $3
  WHERE id = $1
  ${CHANGED}`);

const DELETE = statement(`
  UPDATE scheduled_jobs
  SET is_active = false, paused_note = NULL, next_run = NULL, deleted_at = $2, revision = revision + 1, updated_at = $2
  WHERE id = $1 AND deleted_at IS NULL
  RETURNING *`);

// Locks the job, so that no one else changes it before this change is written.
const LOCK = statement("SELECT * FROM scheduled_jobs WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE");

// Indexes: job_dispatch_waiting_by_job, job_dispatch_running.
const UNFINISHED = statement(`
  SELECT id, is_forced, backfill_id, at_once FROM job_dispatch WHERE job_id = $1 AND status = 'PENDING'
  UNION ALL
  SELECT id, is_forced, backfill_id, at_once FROM job_dispatch WHERE job_id = $1 AND status = 'IN_PROGRESS'`);

// A running attempt has what it needed; its queue group still says whether another run may be waiting for its end.
const NEED = statement(`
  UPDATE job_dispatch d SET lane = n.lane, priority = CASE WHEN d.status = 'PENDING' THEN $3 ELSE d.priority END
  FROM unnest($1::bigint[], $2::text[]) AS n (id, lane) WHERE d.id = n.id AND d.completed_at IS NULL`);

const NOTIFY_QUEUE = statement(`SELECT pg_notify('${CHANNEL}', 'queue')::text AS notified`);

// Indexes: job_dispatch_waiting_by_job, _running and job_execution_logs_by_job; one look at the last for each job.
const LAST_RUNS = statement(`
  ${SELECT_DISPATCH}
  WHERE d.id = ANY(ARRAY(
    SELECT greatest(
      (SELECT max(id) FROM job_dispatch WHERE job_id = wanted.id AND status = 'PENDING'),
      (SELECT max(id) FROM job_dispatch WHERE job_id = wanted.id AND status = 'IN_PROGRESS'),
      (SELECT max(dispatch_id) FROM job_execution_logs WHERE job_id = wanted.id))
    FROM unnest($1::bigint[]) AS wanted (id)))`);

// Index: job_execution_logs_by_job, the last entries of each job. Ordered by both columns: by the ids alone, the planner would go
// along the primary key. BETWEEN in place of "=": knowing how few runs a job has on the average, it would sort all those of one
// that has many.
const RECENT = statement(`
  SELECT v.id AS job_id, (
    SELECT coalesce(json_agg(json_build_array(
      l.dispatch_id, l.status, l.duration_ms, floor(extract(epoch FROM l.run_time) * 1000)::bigint)), '[]')::text
    FROM (
      SELECT * FROM job_execution_logs WHERE job_id BETWEEN v.id AND v.id ORDER BY job_id DESC, dispatch_id DESC LIMIT $2
    ) l
  ) AS runs
  FROM unnest($1::bigint[]) AS v (id)`);

/** Beyond the last revision that the column can hold. */
const MOST_REVISIONS = 2 ** 31 - 1;

/** Jobs in PostgreSQL. */
export class PostgresJobs implements JobStore {
  readonly #db: Connection;
  readonly #lists: LoadLists;

  constructor(db: Connection, lists: LoadLists) {
    this.#db = db;
    this.#lists = lists;
  }

  create(definition: JobDefinition, start: NewJob): Promise<Job> {
    const { nextRun, managedBy = null, paused, now } = start;
    const state = [paused === undefined, text(paused?.note ?? null)];
    return this.#withKey(definition, async (tx) => {
      const values = [...columnsOf(definition), text(managedBy), instant(nextRun), instant(now), ...state];
      const job = await recorded(tx, await only(tx.all(INSERT, values)), { action: "created" }, start);
      await writeLabels(tx, job);
      await audit(tx, start, jobMade(job));
      return job;
    });
  }

  async get(id: JobId): Promise<Job | null> {
    const [row] = await this.#db.all(SELECT, [id]);
    return row === undefined ? null : toJob(row);
  }

  async find(keyOrName: string): Promise<readonly Job[]> {
    const wanted = text(keyOrName);
    const keyed = await this.#db.all(BY_KEY, [wanted]);
    if (keyed.length > 0) return keyed.map(toJob);
    const { from, before } = searchKeysOf(wanted);
    return (await this.#db.all(BY_NAME, [wanted, from, before])).map(toJob);
  }

  async revisions(
    id: JobId,
    { before = MOST_REVISIONS, limit }: RevisionPage,
  ): Promise<readonly JobRevision[]> {
    return (await this.#db.all(REVISIONS, [id, before, limit])).map(toRevision);
  }

  async list(query: JobQuery): Promise<Page<JobSummary>> {
    const page = await this.page(query);
    const ids = page.items.map(({ id }) => id);
    const [runs, failures, recent] = await Promise.all([
      this.#db.all(LAST_RUNS, [ids]),
      this.failing({ ids, limit: ids.length }),
      this.#recent(ids, RECENT_RUNS),
    ]);
    return { ...page, items: toSummaries(page.items, { runs: runs.map(toDispatch), failures, recent }) };
  }

  async page(query: JobQuery): Promise<Page<Job>> {
    const lists = await this.#lists();
    const read = ({ sql, parameters }: ListQuery) => this.#db.all(sql, parameters);
    const near = lists.jobs.near(query);
    let rows = near === null ? [] : await read(near);
    if (rows.length <= query.limit) rows = await read(lists.jobs.page(query));
    const page = pageOf(rows, query.limit, (row) => jobCursor(row, query));
    return { ...page, items: page.items.map(toJob) };
  }

  async labels(query: LabelQuery): Promise<readonly LabelCount[]> {
    const { sql, parameters } = (await this.#lists()).labels(query);
    return (await this.#db.all(sql, parameters)).map(toLabelCount);
  }

  async recent(id: JobId, limit: number): Promise<readonly EndedRun[]> {
    return (await this.#recent([id], limit)).get(id) ?? [];
  }

  async #recent(ids: readonly JobId[], limit: number): Promise<ReadonlyMap<JobId, readonly EndedRun[]>> {
    return toRecentRuns(await this.#db.all(RECENT, [ids, limit]));
  }

  async failing(query: FailingQuery): Promise<readonly FailingJob[]> {
    const { sql, parameters } = (await this.#lists()).failing(query);
    return (await this.#db.all(sql, parameters)).map(toFailingJob);
  }

  async count(query: JobCountQuery): Promise<number> {
    const { sql, parameters } = (await this.#lists()).jobs.count(query);
    return toNumber(await only(this.#db.all(sql, parameters)));
  }

  async plannedStarts(query: PlannedStartsQuery): Promise<readonly EpochMs[]> {
    const { sql, parameters } = (await this.#lists()).jobs.plannedStarts(query);
    return (await this.#db.all(sql, parameters)).map(toDueInstant);
  }

  update(id: JobId, change: JobChange): Promise<Job | "moved"> {
    const { revision, definition, now } = change;
    const moved = change.nextRun === "keep" ? null : change.nextRun;
    return this.#withKey(definition, async (tx) => {
      const found = await lock(tx, id);
      if (found.revision !== revision) {
        throw staleRevision(id, { revision, current: found.revision });
      }
      if (moved !== null && !await skip(tx, found, { nextRun: moved, now })) return "moved";
      const values = [...columnsOf(definition), instant(moved?.to ?? null), instant(now), moved === null, id];
      const job = await recorded(tx, await only(tx.all(UPDATE, values)), updateOf(change), change);
      await refreshNeeds(tx, job);
      await writeLabels(tx, job);
      await audit(tx, change, jobChanged(found, job, change.restores));
      return job;
    });
  }

  pause(id: JobId, pausing: Pausing): Promise<PausedJob | "moved"> {
    const { note, cancelsWaiting, now } = pausing;
    return this.#db.transaction(async (tx) => {
      const found = await lock(tx, id);
      if (found.isActive && !await skip(tx, found, pausing)) return "moved";
      const job = found.isActive
        ? await recorded(
          tx,
          await only(tx.all(PAUSE, [id, text(note), instant(now)])),
          { action: "paused", note },
          pausing,
        )
        : found;
      const jobs = [{ jobId: id, cancel: { reason: "pause" } as const }];
      const cancelled = cancelsWaiting ? await cancelAllWaiting(tx, { jobs, now, withBackfills: true }) : 0;
      const waiting = toNumber(await only(tx.all(COUNT_WAITING, [id])));
      if (found.isActive || cancelled > 0) await audit(tx, pausing, jobPaused(found, job, cancelled));
      return { job, waiting, cancelled };
    });
  }

  resume(id: JobId, resuming: Resuming): Promise<Job | "moved"> {
    const { nextRun, now } = resuming;
    return this.#db.transaction(async (tx) => {
      const found = await lock(tx, id);
      if (found.isActive) return found;
      if (!await skip(tx, found, resuming)) return "moved";
      const row = await only(tx.all(RESUME, [id, instant(nextRun.to), instant(now)]));
      const job = await recorded(tx, row, { action: "resumed" }, resuming);
      await audit(tx, resuming, jobResumed(job));
      return job;
    });
  }

  remove(id: JobId, by: By): Promise<void> {
    const { now } = by;
    return this.#db.transaction(async (tx) => {
      const [row] = await tx.all(DELETE, [id, instant(now)]);
      if (row === undefined) throw noJob(id);
      const job = await recorded(tx, row, { action: "deleted" }, by);
      await deleteLabels(tx, id);
      const jobs = [{ jobId: id, cancel: { reason: "delete" } as const }];
      await cancelAll(tx, { jobs, now, withBackfills: true });
      await audit(tx, by, jobRemoved(job));
    });
  }

  /**
   * Runs `work`, which writes the key of `definition`, as one transaction. If two write one key at the same time, the index lets one
   * pass. @throws {Invalid} for the other.
   */
  async #withKey<Result>({ key }: JobDefinition, work: (tx: Session) => Promise<Result>): Promise<Result> {
    try {
      return await this.#db.transaction(work);
    } catch (error) {
      if (key === null || !violatesUnique(error, "scheduled_jobs_by_key")) throw error;
      const [holder] = await this.#db.all(BY_KEY, [key]);
      throw keyTaken(key, holder === undefined ? null : toJob(holder).id);
    }
  }
}

/** Writes the revision that the job of `row` has after `change`. */
async function recorded(tx: Session, row: Row, change: RevisionChange, by: By): Promise<Job> {
  const job = toJob(row);
  await writeRevision(tx, revisionOf(job, change, by, row));
  return job;
}

async function lock(tx: Session, id: JobId): Promise<Job> {
  const [row] = await tx.all(LOCK, [id]);
  if (row === undefined) throw noJob(id);
  return toJob(row);
}

/** Enters the occurrences that a move of the next run skips. False: a scheduler has moved it meanwhile. */
async function skip(
  tx: Session,
  job: Job,
  { nextRun, now }: Pick<Resuming, "nextRun" | "now">,
): Promise<boolean> {
  if (job.nextRun !== nextRun.from) return false;
  await enterSkipped(tx, job, { entries: nextRun.ledger, now });
  return true;
}

/** Moves unfinished runs into the queue groups of the new definition. */
async function refreshNeeds(tx: Session, job: Job): Promise<void> {
  const runs = (await tx.all(UNFINISHED, [job.id])).map(toUnfinished);
  if (runs.length === 0) return;
  const groups = runs.map((run) => queueGroupName(queueGroupOf(job, run)));
  await tx.all(NEED, [runs.map(({ id }) => id), groups, job.policies.priority]);
  await tx.all(NOTIFY_QUEUE);
}

async function only(rows: Promise<readonly Row[]>): Promise<Row> {
  const [row] = await rows;
  if (row === undefined) throw new Error("A statement answered no row about a job that is locked");
  return row;
}

/** The parameters $1…$9 of a definition. */
function columnsOf(definition: JobDefinition): Value[] {
  const { name, key, labels, scriptPath, scriptArgs, schedule, timezone, policies } = definition;
  return [
    text(name),
    text(scriptPath),
    json(scriptArgs),
    json(schedule),
    timezone,
    json(policies),
    text(searchKey(definition)),
    key,
    json(labels),
  ];
}
