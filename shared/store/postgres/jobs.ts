import {
  type Actor,
  Conflict,
  type EpochMs,
  type Job,
  type JobDefinition,
  type JobId,
  type JobRevision,
  type JobSummary,
  NotFound,
  type RevisionChange,
} from "../../domain/mod.ts";
import { encodeCursor } from "../cursor.ts";
import type { Lists } from "../lists.ts";
import { pageOf } from "../page.ts";
import { queueGroupName, queueGroupOf } from "../../policy/queue_group.ts";
import { toUnfinished } from "../need_rows.ts";
import { type Row, toDispatch, toJob, toNumber } from "../rows.ts";
import { keyTaken, MOST_NAMESAKES } from "../requests.ts";
import { revisionOf, toRevision } from "../revision_rows.ts";
import { searchKey, searchKeysOf } from "../search_key.ts";
import type { JobQuery, JobStore, NextRunChange, Page, PausedJob } from "../store.ts";
import { cancelAll, cancelAllWaiting, CHANNEL, COUNT_WAITING, SELECT_DISPATCH } from "./attempts.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { violatesUnique } from "./errors.ts";
import { enterGivenUp } from "./ledger.ts";
import { deleteLabels, REVISIONS, writeLabels, writeRevision } from "./revisions.ts";
import { instant, json, text, type Value } from "./values.ts";

// What `toJob()` takes, and the one notification of the commit.
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
    is_active, next_run, revision, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, true, $11, 1, $12, $12)
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

// Locks the job, so that what is decided about it stays true.
const LOCK = statement("SELECT * FROM scheduled_jobs WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE");

// Indexes: job_dispatch_waiting_by_job, job_dispatch_running.
const UNFINISHED = statement(`
  SELECT id, is_forced, backfill_id, at_once FROM job_dispatch WHERE job_id = $1 AND status = 'PENDING'
  UNION ALL
  SELECT id, is_forced, backfill_id, at_once FROM job_dispatch WHERE job_id = $1 AND status = 'IN_PROGRESS'`);

// What runs already has what it needed; the lane of it still says whether somebody may be waiting for its end.
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

/** Beyond the last revision that the column can hold. */
const MOST_REVISIONS = 2 ** 31 - 1;

/** Jobs in PostgreSQL. */
export class PostgresJobs implements JobStore {
  readonly #db: Connection;
  readonly #lists: Lists;

  constructor(db: Connection, lists: Lists) {
    this.#db = db;
    this.#lists = lists;
  }

  create(
    definition: JobDefinition,
    at: {
      readonly nextRun: EpochMs | null;
      readonly managedBy?: string;
      readonly actor: Actor;
      readonly now: EpochMs;
    },
  ): Promise<Job> {
    const { nextRun, managedBy = null, actor, now } = at;
    return this.#withKey(definition, async (tx) => {
      const values = [...columnsOf(definition), text(managedBy), instant(nextRun), instant(now)];
      const job = toJob(await only(tx.all(INSERT, values)));
      await writeLabels(tx, job);
      return await recorded(tx, job, { action: "created" }, actor);
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
    { before = MOST_REVISIONS, limit }: { readonly before?: number; readonly limit: number },
  ): Promise<readonly JobRevision[]> {
    return (await this.#db.all(REVISIONS, [id, before, limit])).map(toRevision);
  }

  async list(query: JobQuery): Promise<Page<JobSummary>> {
    const { sort = "name" } = query;
    const { sql, parameters } = this.#lists.jobs(query);
    const { items, next } = pageOf(await this.#db.all(sql, parameters), query.limit, (row) => {
      const job = toJob(row);
      const key = sort === "name" ? searchKey(job) : sort === "nextRun" ? job.nextRun : null;
      return encodeCursor({ order: sort, key, id: job.id });
    });
    const jobs = items.map(toJob);
    const runs = await this.#db.all(LAST_RUNS, [jobs.map(({ id }) => id)]);
    const lastRuns = new Map(runs.map(toDispatch).map((run) => [run.jobId, run]));
    return { items: jobs.map((job) => ({ ...job, lastRun: lastRuns.get(job.id) ?? null })), next };
  }

  update(
    id: JobId,
    change: {
      readonly revision: number;
      readonly definition: JobDefinition;
      readonly nextRun: NextRunChange | "keep";
      readonly restores?: number;
      readonly actor: Actor;
      readonly now: EpochMs;
    },
  ): Promise<Job | "moved"> {
    const { revision, definition, restores, actor, now } = change;
    const moved = change.nextRun === "keep" ? null : change.nextRun;
    return this.#withKey(definition, async (tx) => {
      const found = await lock(tx, id);
      if (found.revision !== revision) {
        throw new Conflict(
          `Cannot change job ${id}: the change was made on revision ${revision}, it is at ${found.revision} by now`,
        );
      }
      if (moved !== null && !await giveUp(tx, found, moved, now)) return "moved";
      const values = [...columnsOf(definition), instant(moved?.to ?? null), instant(now), moved === null, id];
      const job = toJob(await only(tx.all(UPDATE, values)));
      await refreshNeeds(tx, job);
      await writeLabels(tx, job);
      return await recorded(
        tx,
        job,
        restores === undefined ? { action: "edited" } : { action: "rolled_back", to: restores },
        actor,
      );
    });
  }

  pause(
    id: JobId,
    change: {
      readonly note: string | null;
      readonly cancelsWaiting: boolean;
      readonly nextRun: NextRunChange;
      readonly actor: Actor;
      readonly now: EpochMs;
    },
  ): Promise<PausedJob | "moved"> {
    const { note, cancelsWaiting, nextRun, actor, now } = change;
    return this.#db.transaction(async (tx) => {
      const found = await lock(tx, id);
      if (found.isActive && !await giveUp(tx, found, nextRun, now)) return "moved";
      const job = found.isActive
        ? await recorded(
          tx,
          toJob(await only(tx.all(PAUSE, [id, text(note), instant(now)]))),
          { action: "paused", note },
          actor,
        )
        : found;
      const jobs = [{ jobId: id, cancel: { reason: "pause" } as const }];
      const cancelled = cancelsWaiting ? await cancelAllWaiting(tx, { jobs, now, withBackfills: true }) : 0;
      return { job, waiting: toNumber(await only(tx.all(COUNT_WAITING, [id]))), cancelled };
    });
  }

  resume(
    id: JobId,
    { nextRun, actor, now }: { readonly nextRun: NextRunChange; readonly actor: Actor; readonly now: EpochMs },
  ): Promise<Job | "moved"> {
    return this.#db.transaction(async (tx) => {
      const found = await lock(tx, id);
      if (found.isActive) return found;
      if (!await giveUp(tx, found, nextRun, now)) return "moved";
      const job = toJob(await only(tx.all(RESUME, [id, instant(nextRun.to), instant(now)])));
      return await recorded(tx, job, { action: "resumed" }, actor);
    });
  }

  remove(id: JobId, { actor, now }: { readonly actor: Actor; readonly now: EpochMs }): Promise<void> {
    return this.#db.transaction(async (tx) => {
      const [row] = await tx.all(DELETE, [id, instant(now)]);
      if (row === undefined) throw missing(id);
      await recorded(tx, toJob(row), { action: "deleted" }, actor);
      await deleteLabels(tx, id);
      const jobs = [{ jobId: id, cancel: { reason: "delete" } as const }];
      await cancelAll(tx, { jobs, now, withBackfills: true });
    });
  }

  /**
   * Runs `work`, which writes the key of `definition`, as one transaction. Of two that write one key at the same time the index lets
   * one pass. @throws {Invalid} for the other.
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

/** Writes the revision that `job` has got by `change`. */
async function recorded(tx: Session, job: Job, change: RevisionChange, actor: Actor): Promise<Job> {
  await writeRevision(tx, revisionOf(job, change, actor));
  return job;
}

async function lock(tx: Session, id: JobId): Promise<Job> {
  const [row] = await tx.all(LOCK, [id]);
  if (row === undefined) throw missing(id);
  return toJob(row);
}

/** Enters what a person gives up, and forgets what was written ahead. False: the next run is not where they saw it. */
async function giveUp(tx: Session, job: Job, { from, ledger }: NextRunChange, now: EpochMs): Promise<boolean> {
  if (job.nextRun !== from) return false;
  await enterGivenUp(tx, job, { entries: ledger, now });
  return true;
}

async function refreshNeeds(tx: Session, job: Job): Promise<void> {
  const runs = (await tx.all(UNFINISHED, [job.id])).map(toUnfinished);
  if (runs.length === 0) return;
  const lanes = runs.map((run) => queueGroupName(queueGroupOf(job, run)));
  await tx.all(NEED, [runs.map(({ id }) => id), lanes, job.policies.priority]);
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

function missing(id: JobId): NotFound {
  return new NotFound(`There is no job ${id}`);
}
