import {
  type BulkChange,
  type BulkJob,
  type BulkOutcome,
  type EpochMs,
  epochMs,
  type JobId,
} from "../../domain/mod.ts";
import { bulkAsked } from "../audit_changes.ts";
import { toBulkChange, toBulkJob } from "../bulk_rows.ts";
import { BULK_KEPT_MS, type BulkPage, type BulkStore, type NewBulk } from "../bulk_store.ts";
import type { LoadLists } from "../lists.ts";
import { noJob } from "../refusals.ts";
import { audit } from "./audit.ts";
import type { Connection } from "./connection.ts";

// Index: bulk_changes_by_key.
const BY_KEY = "SELECT * FROM bulk_changes WHERE owner = :owner AND idempotency_key = :key";

const INSERT = `
  INSERT INTO bulk_changes (owner, idempotency_key, change, created_at, touched_at, total)
  VALUES (:owner, :key, :change, :now, :now, 0)
  RETURNING *`;

const REFUSE = `
  INSERT INTO bulk_jobs (bulk_id, job_id, job_name, outcome, message)
  VALUES (:id, :job, '', 'refused', :message)
  ON CONFLICT (bulk_id, job_id) DO NOTHING`;

const COUNT = `
  UPDATE bulk_changes
  SET total = n.total, refused = n.refused, finished_at = CASE WHEN n.refused = n.total THEN created_at END
  FROM (SELECT count(*) AS total, count(outcome) AS refused FROM bulk_jobs WHERE bulk_id = :id) n
  WHERE id = :id
  RETURNING *`;

const FORGET = "DELETE FROM bulk_changes WHERE touched_at < :before";

const GET = "SELECT * FROM bulk_changes WHERE id = :id AND owner = :owner";

// Index: bulk_changes_unfinished, from its end.
const INTERRUPTED = `
  SELECT * FROM bulk_changes WHERE owner = :owner AND finished_at IS NULL AND touched_at < :before ORDER BY id DESC LIMIT 1`;

// Index: bulk_jobs_open.
const OPEN = "SELECT * FROM bulk_jobs WHERE bulk_id = :id AND outcome IS NULL ORDER BY job_id LIMIT :limit";

// Index: the primary key.
const SETTLE = `
  UPDATE bulk_jobs SET outcome = :outcome, message = :message, run_id = :runId
  WHERE bulk_id = :id AND job_id = :jobId AND outcome IS NULL`;

const ADVANCE = `
  UPDATE bulk_changes
  SET done = done + :done, refused = refused + :refused, touched_at = :now,
    finished_at = CASE WHEN done + refused + :done + :refused >= total THEN coalesce(finished_at, :now) END
  WHERE id = :id
  RETURNING *`;

// Indexes: the primary key, bulk_jobs_refused.
const JOBS = "SELECT * FROM bulk_jobs WHERE bulk_id = :id AND job_id > :after ORDER BY job_id LIMIT :limit";
const REFUSED = `
  SELECT * FROM bulk_jobs WHERE bulk_id = :id AND outcome = 'refused' AND job_id > :after ORDER BY job_id LIMIT :limit`;

/** Changes of many jobs in SQLite. */
export class SqliteBulk implements BulkStore {
  readonly #db: Connection;
  readonly #lists: LoadLists;

  constructor(db: Connection, lists: LoadLists) {
    this.#db = db;
    this.#lists = lists;
  }

  async create(request: NewBulk): Promise<BulkChange> {
    const { owner, key, action, jobs, now } = request;
    const lists = await this.#lists();
    return await this.#db.write(() => {
      const known = this.#db.get(BY_KEY, { owner, key });
      if (known !== undefined) return toBulkChange(known);
      this.#db.run(FORGET, { before: epochMs(now - BULK_KEPT_MS) });
      const { id } = toBulkChange(this.#db.one(INSERT, { owner, key, change: JSON.stringify(action), now }));
      const { sql, parameters } = lists.bulkJobs(id, jobs);
      this.#db.all(sql, parameters);
      for (const job of jobs.ids ?? []) this.#db.run(REFUSE, { id, job, message: noJob(job).message });
      const change = toBulkChange(this.#db.one(COUNT, { id }));
      audit(this.#db, request, bulkAsked(change));
      return change;
    });
  }

  get(id: number, owner: string): Promise<BulkChange | null> {
    return this.#db.read(() => {
      const row = this.#db.get(GET, { id, owner });
      return row === undefined ? null : toBulkChange(row);
    });
  }

  interrupted(owner: string, before: EpochMs): Promise<BulkChange | null> {
    return this.#db.read(() => {
      const row = this.#db.get(INTERRUPTED, { owner, before });
      return row === undefined ? null : toBulkChange(row);
    });
  }

  open(id: number, limit: number): Promise<readonly JobId[]> {
    return this.#db.read(() => this.#db.all(OPEN, { id, limit }).map((row) => toBulkJob(row).jobId));
  }

  settle(id: number, outcomes: readonly BulkOutcome[], now: EpochMs): Promise<BulkChange> {
    return this.#db.write(() => {
      const counts = { done: 0, refused: 0 };
      for (const outcome of outcomes) counts[outcome.outcome] += this.#db.run(SETTLE, { id, ...outcome });
      return toBulkChange(this.#db.one(ADVANCE, { id, ...counts, now }));
    });
  }

  jobs(id: number, { isRefused = false, after, limit }: BulkPage): Promise<readonly BulkJob[]> {
    const query = isRefused ? REFUSED : JOBS;
    return this.#db.read(() => this.#db.all(query, { id, after: after ?? 0, limit }).map(toBulkJob));
  }
}
