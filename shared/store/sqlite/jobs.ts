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
import type { Lists, LoadLists } from "../lists.ts";
import { type Page, pageOf } from "../page.ts";
import { keyTaken, noJob, staleRevision } from "../refusals.ts";
import { revisionOf, toRevision, updateOf } from "../revision_rows.ts";
import { searchKey, searchKeysOf } from "../search_key.ts";
import { queueGroupName, queueGroupOf } from "../../policy/queue_group.ts";
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
import { cancelAll, cancelAllWaiting, COUNT_WAITING, SELECT_DISPATCH } from "./attempts.ts";
import type { Connection } from "./connection.ts";
import type { Value } from "./statement.ts";
import { enterSkipped } from "./ledger.ts";
import { deleteLabels, REVISIONS, writeLabels, writeRevision } from "./revisions.ts";
import { toUnfinished } from "../need_rows.ts";
import { jobCursor, toFailingJob, toJob, toLabelCount, toSummaries } from "../job_rows.ts";
import { toRecentRuns } from "../recent_rows.ts";
import { type Row, toDueInstant, toNumber } from "../rows.ts";
import { toDispatch } from "../run_rows.ts";

const SELECT = "SELECT * FROM scheduled_jobs WHERE id = :id AND deleted_at IS NULL";

// Index: scheduled_jobs_by_key.
const BY_KEY = "SELECT * FROM scheduled_jobs WHERE key = :key AND deleted_at IS NULL";

// Index: scheduled_jobs_by_name.
const BY_NAME = `
  SELECT * FROM scheduled_jobs
  WHERE search_key >= :from AND search_key < :before AND deleted_at IS NULL AND name = :name
  ORDER BY id LIMIT ${MOST_NAMESAKES}`;

const INSERT = `
  INSERT INTO scheduled_jobs (name, key, managed_by, labels, script_path, script_args, schedule, timezone, policies, is_active,
    paused_note, next_run, revision, created_at, updated_at, search_key)
  VALUES (:name, :key, :managedBy, :labels, :scriptPath, :scriptArgs, :schedule, :timezone, :policies, :isActive,
    :note, :nextRun, 1, :now, :now, :searchKey)
  RETURNING *`;

// A paused job has no next run, whatever its new schedule says.
const UPDATE = `
  UPDATE scheduled_jobs
  SET name = :name, key = :key, labels = :labels, script_path = :scriptPath, script_args = :scriptArgs, schedule = :schedule, timezone = :timezone,
    policies = :policies, search_key = :searchKey,
    next_run = CASE WHEN is_active = 0 THEN NULL WHEN :keepsNextRun THEN next_run ELSE :nextRun END,
    revision = revision + 1, updated_at = :now
  WHERE id = :id
  RETURNING *`;

const PAUSE = `
  UPDATE scheduled_jobs
  SET is_active = 0, paused_note = :note, next_run = NULL, revision = revision + 1, updated_at = :now
  WHERE id = :id
  RETURNING *`;

const RESUME = `
  UPDATE scheduled_jobs
  SET is_active = 1, paused_note = NULL, next_run = :nextRun, revision = revision + 1, updated_at = :now
  WHERE id = :id
  RETURNING *`;

const DELETE = `
  UPDATE scheduled_jobs
  SET is_active = 0, paused_note = NULL, next_run = NULL, deleted_at = :now, revision = revision + 1, updated_at = :now
  WHERE id = :id AND deleted_at IS NULL
  RETURNING *`;

// Index: job_dispatch_unfinished.
const UNFINISHED =
  "SELECT id, is_forced, backfill_id, at_once FROM job_dispatch WHERE job_id = :id AND completed_at IS NULL";

// A running attempt has what it needed; its queue group still says whether another run may be waiting for its end.
const NEED = `
  UPDATE job_dispatch SET lane = :group, priority = CASE WHEN status = 'PENDING' THEN :priority ELSE priority END
  WHERE id = :id`;

// Indexes: job_dispatch_unfinished and job_execution_logs_by_job, one look at the end of each for each job.
const LAST_RUNS = `
  ${SELECT_DISPATCH}
  WHERE d.id IN (
    SELECT max(
      coalesce((SELECT max(id) FROM job_dispatch WHERE job_id = value AND completed_at IS NULL), 0),
      coalesce((SELECT max(dispatch_id) FROM job_execution_logs WHERE job_id = value), 0))
    FROM json_each(?))`;

// Index: job_execution_logs_by_job, the last entries of each job.
const RECENT = `
  SELECT v.value AS job_id, (
    SELECT json_group_array(json_array(dispatch_id, status, duration_ms, run_time)) FROM (
      SELECT * FROM job_execution_logs WHERE job_id = v.value ORDER BY dispatch_id DESC LIMIT :limit)
  ) AS runs
  FROM json_each(:ids) v`;

/** Jobs in SQLite. */
export class SqliteJobs implements JobStore {
  readonly #db: Connection;
  readonly #lists: LoadLists;

  constructor(db: Connection, lists: LoadLists) {
    this.#db = db;
    this.#lists = lists;
  }

  create(definition: JobDefinition, start: NewJob): Promise<Job> {
    const { nextRun, managedBy = null, paused, now } = start;
    const state = { isActive: paused === undefined, note: paused?.note ?? null };
    return this.#db.write(() => {
      this.#assertKeyIsFree(definition, null);
      const row = this.#db.one(INSERT, { ...columnsOf(definition), ...state, nextRun, managedBy, now });
      const job = this.#recorded(row, { action: "created" }, start);
      writeLabels(this.#db, job);
      audit(this.#db, start, jobMade(job));
      return job;
    });
  }

  get(id: JobId): Promise<Job | null> {
    return this.#db.read(() => this.#find(id));
  }

  find(keyOrName: string): Promise<readonly Job[]> {
    return this.#db.read(() => {
      const keyed = this.#db.all(BY_KEY, { key: keyOrName });
      const rows = keyed.length > 0 ? keyed : this.#db.all(BY_NAME, { name: keyOrName, ...searchKeysOf(keyOrName) });
      return rows.map(toJob);
    });
  }

  revisions(
    id: JobId,
    { before = Number.MAX_SAFE_INTEGER, limit }: RevisionPage,
  ): Promise<readonly JobRevision[]> {
    return this.#db.read(() => this.#db.all(REVISIONS, { id, before, limit }).map(toRevision));
  }

  async list(query: JobQuery): Promise<Page<JobSummary>> {
    const lists = await this.#lists();
    return await this.#db.read(() => {
      const page = this.#page(lists, query);
      const ids = page.items.map(({ id }) => id);
      const runs = this.#db.all(LAST_RUNS, [JSON.stringify(ids)]).map(toDispatch);
      const failures = this.#failing(lists, { ids, limit: ids.length });
      return { ...page, items: toSummaries(page.items, { runs, failures, recent: this.#recent(ids, RECENT_RUNS) }) };
    });
  }

  async page(query: JobQuery): Promise<Page<Job>> {
    const lists = await this.#lists();
    return await this.#db.read(() => this.#page(lists, query));
  }

  #page(lists: Lists, query: JobQuery): Page<Job> {
    const read = ({ sql, parameters }: ListQuery) => this.#db.all(sql, parameters);
    const near = lists.jobs.near(query);
    let rows = near === null ? [] : read(near);
    if (rows.length <= query.limit) rows = read(lists.jobs.page(query));
    const page = pageOf(rows, query.limit, (row) => jobCursor(row, query));
    return { ...page, items: page.items.map(toJob) };
  }

  async count(query: JobCountQuery): Promise<number> {
    const { sql, parameters } = (await this.#lists()).jobs.count(query);
    return await this.#db.read(() => toNumber(this.#db.one(sql, parameters)));
  }

  async plannedStarts(query: PlannedStartsQuery): Promise<readonly EpochMs[]> {
    const { sql, parameters } = (await this.#lists()).jobs.plannedStarts(query);
    return await this.#db.read(() => this.#db.all(sql, parameters).map(toDueInstant));
  }

  async failing(query: FailingQuery): Promise<readonly FailingJob[]> {
    const lists = await this.#lists();
    return await this.#db.read(() => this.#failing(lists, query));
  }

  async labels(query: LabelQuery): Promise<readonly LabelCount[]> {
    const { sql, parameters } = (await this.#lists()).labels(query);
    return await this.#db.read(() => this.#db.all(sql, parameters).map(toLabelCount));
  }

  recent(id: JobId, limit: number): Promise<readonly EndedRun[]> {
    return this.#db.read(() => this.#recent([id], limit).get(id) ?? []);
  }

  #recent(ids: readonly JobId[], limit: number): ReadonlyMap<JobId, readonly EndedRun[]> {
    return toRecentRuns(this.#db.all(RECENT, { ids: JSON.stringify(ids), limit }));
  }

  #failing(lists: Lists, query: FailingQuery): readonly FailingJob[] {
    const { sql, parameters } = lists.failing(query);
    return this.#db.all(sql, parameters).map(toFailingJob);
  }

  update(id: JobId, change: JobChange): Promise<Job | "moved"> {
    const { revision, definition, now } = change;
    const moved = change.nextRun === "keep" ? null : change.nextRun;
    return this.#db.write(() => {
      const found = this.#existing(id);
      if (found.revision !== revision) {
        throw staleRevision(id, { revision, current: found.revision });
      }
      this.#assertKeyIsFree(definition, id);
      if (moved !== null && !this.#enterSkipped(found, { nextRun: moved, now })) return "moved";
      const keepsNextRun = moved === null;
      const nextRun = moved?.to ?? null;
      const row = this.#db.one(UPDATE, { ...columnsOf(definition), id, nextRun, keepsNextRun, now });
      const job = this.#recorded(row, updateOf(change), change);
      this.#refreshNeeds(job);
      writeLabels(this.#db, job);
      audit(this.#db, change, jobChanged(found, job, change.restores));
      return job;
    });
  }

  pause(id: JobId, pausing: Pausing): Promise<PausedJob | "moved"> {
    const { note, cancelsWaiting, now } = pausing;
    return this.#db.write(() => {
      const found = this.#existing(id);
      if (found.isActive && !this.#enterSkipped(found, pausing)) return "moved";
      const job = found.isActive
        ? this.#recorded(this.#db.one(PAUSE, { id, note, now }), { action: "paused", note }, pausing)
        : found;
      const cancelling = { cancel: { reason: "pause" }, now, withBackfills: true } as const;
      const cancelled = cancelsWaiting ? cancelAllWaiting(this.#db, id, cancelling) : 0;
      if (found.isActive || cancelled > 0) audit(this.#db, pausing, jobPaused(found, job, cancelled));
      return { job, waiting: toNumber(this.#db.one(COUNT_WAITING, { jobId: id })), cancelled };
    });
  }

  resume(id: JobId, resuming: Resuming): Promise<Job | "moved"> {
    const { nextRun, now } = resuming;
    return this.#db.write(() => {
      const found = this.#existing(id);
      if (found.isActive) return found;
      if (!this.#enterSkipped(found, resuming)) return "moved";
      const row = this.#db.one(RESUME, { id, nextRun: nextRun.to, now });
      const job = this.#recorded(row, { action: "resumed" }, resuming);
      audit(this.#db, resuming, jobResumed(job));
      return job;
    });
  }

  remove(id: JobId, by: By): Promise<void> {
    const { now } = by;
    return this.#db.write(() => {
      const row = this.#db.get(DELETE, { id, now });
      if (row === undefined) throw noJob(id);
      const job = this.#recorded(row, { action: "deleted" }, by);
      deleteLabels(this.#db, id);
      cancelAll(this.#db, id, { cancel: { reason: "delete" }, now, withBackfills: true });
      audit(this.#db, by, jobRemoved(job));
    });
  }

  /** Enters the occurrences that a move of the next run skips. False: a scheduler has moved it meanwhile. */
  #enterSkipped(job: Job, { nextRun, now }: Pick<Resuming, "nextRun" | "now">): boolean {
    if (job.nextRun !== nextRun.from) return false;
    enterSkipped(this.#db, job, { entries: nextRun.ledger, now });
    return true;
  }

  /** Writes the revision that the job of `row` has after `change`. */
  #recorded(row: Row, change: RevisionChange, by: By): Job {
    const job = toJob(row);
    writeRevision(this.#db, revisionOf(job, change, by, row));
    return job;
  }

  /** @throws {Invalid} when another job than `id` has the key of `definition`. */
  #assertKeyIsFree({ key }: JobDefinition, id: JobId | null): void {
    if (key === null) return;
    const row = this.#db.get(BY_KEY, { key });
    const holder = row === undefined ? null : toJob(row).id;
    if (holder !== null && holder !== id) throw keyTaken(key, holder);
  }

  /** Moves unfinished runs into the queue groups of the new definition. */
  #refreshNeeds(job: Job): void {
    for (const { id, ...run } of this.#db.all(UNFINISHED, { id: job.id }).map(toUnfinished)) {
      this.#db.run(NEED, { id, group: queueGroupName(queueGroupOf(job, run)), priority: job.policies.priority });
    }
  }

  #find(id: JobId): Job | null {
    const row = this.#db.get(SELECT, { id });
    return row === undefined ? null : toJob(row);
  }

  #existing(id: JobId): Job {
    const job = this.#find(id);
    if (job === null) throw noJob(id);
    return job;
  }
}

function columnsOf(definition: JobDefinition): Record<string, Value> {
  return {
    name: definition.name,
    key: definition.key,
    labels: JSON.stringify(definition.labels),
    scriptPath: definition.scriptPath,
    scriptArgs: JSON.stringify(definition.scriptArgs),
    schedule: JSON.stringify(definition.schedule),
    timezone: definition.timezone,
    policies: JSON.stringify(definition.policies),
    searchKey: searchKey(definition),
  };
}
