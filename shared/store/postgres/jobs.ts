import { Conflict, type EpochMs, type Job, type JobDefinition, type JobId, NotFound } from "../../domain/mod.ts";
import { encodeCursor } from "../cursor.ts";
import type { Lists } from "../lists.ts";
import { pageOf } from "../page.ts";
import { laneName, laneOf } from "../../policy/lane.ts";
import { toUnfinished } from "../need_rows.ts";
import { type Row, toDispatch, toJob, toNumber } from "../rows.ts";
import { searchKey } from "../search_key.ts";
import type { JobQuery, JobStore, JobSummary, NextRunChange, Page, PausedJob } from "../store.ts";
import { cancelAll, cancelAllWaiting, CHANNEL, COUNT_WAITING, SELECT_DISPATCH } from "./attempts.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { enterGivenUp } from "./ledger.ts";
import { instant, json, text, type Value } from "./values.ts";

// What `toJob()` takes, and the one notification of the commit.
const CHANGED = `RETURNING *, pg_notify('${CHANNEL}', 'schedule')::text AS notified`;

const SELECT = statement("SELECT * FROM scheduled_jobs WHERE id = $1 AND deleted_at IS NULL");

const INSERT = statement(`
  INSERT INTO scheduled_jobs (name, script_path, script_args, schedule, timezone, policies, search_key, is_active, next_run,
    revision, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, true, $8, 1, $9, $9)
  ${CHANGED}`);

// A paused job has no next run, whatever its new schedule says.
const UPDATE = statement(`
  UPDATE scheduled_jobs
  SET name = $1, script_path = $2, script_args = $3, schedule = $4, timezone = $5, policies = $6, search_key = $7,
    next_run = CASE WHEN NOT is_active THEN NULL WHEN $10 THEN next_run ELSE $8::timestamptz END,
    revision = revision + 1, updated_at = $9
  WHERE id = $11
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
  RETURNING id`);

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

/** Jobs in PostgreSQL. */
export class PostgresJobs implements JobStore {
  readonly #db: Connection;
  readonly #lists: Lists;

  constructor(db: Connection, lists: Lists) {
    this.#db = db;
    this.#lists = lists;
  }

  async create(
    definition: JobDefinition,
    at: { readonly nextRun: EpochMs | null; readonly now: EpochMs },
  ): Promise<Job> {
    const [row] = await this.#db.all(INSERT, [...columnsOf(definition), instant(at.nextRun), instant(at.now)]);
    if (row === undefined) throw new Error("An INSERT answered no row");
    return toJob(row);
  }

  async get(id: JobId): Promise<Job | null> {
    const [row] = await this.#db.all(SELECT, [id]);
    return row === undefined ? null : toJob(row);
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
      readonly now: EpochMs;
    },
  ): Promise<Job | "moved"> {
    const { revision, definition, now } = change;
    const moved = change.nextRun === "keep" ? null : change.nextRun;
    return this.#db.transaction(async (tx) => {
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
      return job;
    });
  }

  pause(
    id: JobId,
    change: {
      readonly note: string | null;
      readonly cancelsWaiting: boolean;
      readonly nextRun: NextRunChange;
      readonly now: EpochMs;
    },
  ): Promise<PausedJob | "moved"> {
    const { note, cancelsWaiting, nextRun, now } = change;
    return this.#db.transaction(async (tx) => {
      const found = await lock(tx, id);
      if (found.isActive && !await giveUp(tx, found, nextRun, now)) return "moved";
      const job = found.isActive ? toJob(await only(tx.all(PAUSE, [id, text(note), instant(now)]))) : found;
      const jobs = [{ jobId: id, cancel: { reason: "pause" } as const }];
      const cancelled = cancelsWaiting ? await cancelAllWaiting(tx, { jobs, now, withBackfills: true }) : 0;
      return { job, waiting: toNumber(await only(tx.all(COUNT_WAITING, [id]))), cancelled };
    });
  }

  resume(
    id: JobId,
    { nextRun, now }: { readonly nextRun: NextRunChange; readonly now: EpochMs },
  ): Promise<Job | "moved"> {
    return this.#db.transaction(async (tx) => {
      const found = await lock(tx, id);
      if (found.isActive) return found;
      if (!await giveUp(tx, found, nextRun, now)) return "moved";
      return toJob(await only(tx.all(RESUME, [id, instant(nextRun.to), instant(now)])));
    });
  }

  remove(id: JobId, now: EpochMs): Promise<void> {
    return this.#db.transaction(async (tx) => {
      const [row] = await tx.all(DELETE, [id, instant(now)]);
      if (row === undefined) throw missing(id);
      const jobs = [{ jobId: id, cancel: { reason: "delete" } as const }];
      await cancelAll(tx, { jobs, now, withBackfills: true });
    });
  }
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
  const lanes = runs.map((run) => laneName(laneOf(job, run)));
  await tx.all(NEED, [runs.map(({ id }) => id), lanes, job.policies.priority]);
  await tx.all(NOTIFY_QUEUE);
}

async function only(rows: Promise<readonly Row[]>): Promise<Row> {
  const [row] = await rows;
  if (row === undefined) throw new Error("A statement answered no row about a job that is locked");
  return row;
}

/** The parameters $1…$7 of a definition. */
function columnsOf(definition: JobDefinition): Value[] {
  const { name, scriptPath, scriptArgs, schedule, timezone, policies } = definition;
  return [
    text(name),
    text(scriptPath),
    json(scriptArgs),
    json(schedule),
    timezone,
    json(policies),
    text(searchKey(definition)),
  ];
}

function missing(id: JobId): NotFound {
  return new NotFound(`There is no job ${id}`);
}
