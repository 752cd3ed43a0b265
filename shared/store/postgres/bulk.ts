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
import { type Connection, statement } from "./connection.ts";
import { instant, json, text } from "./values.ts";

// Index: bulk_changes_by_key.
const BY_KEY = statement("SELECT * FROM bulk_changes WHERE owner = $1 AND idempotency_key = $2");

const INSERT = statement(`
  INSERT INTO bulk_changes (owner, idempotency_key, change, created_at, touched_at, total)
  VALUES ($1, $2, $3, $4, $4, 0)
  ON CONFLICT (owner, idempotency_key) DO NOTHING
  RETURNING *`);

const REFUSE = statement(`
  INSERT INTO bulk_jobs (bulk_id, job_id, job_name, outcome, message)
  SELECT $1, job, '', 'refused', message FROM unnest($2::bigint[], $3::text[]) AS m (job, message)
  ON CONFLICT (bulk_id, job_id) DO NOTHING`);

const COUNT = statement(`
  UPDATE bulk_changes
  SET total = n.total, refused = n.refused, finished_at = CASE WHEN n.refused = n.total THEN created_at END
  FROM (SELECT count(*) AS total, count(outcome) AS refused FROM bulk_jobs WHERE bulk_id = $1) n
  WHERE id = $1
  RETURNING bulk_changes.*`);

const FORGET = statement("DELETE FROM bulk_changes WHERE touched_at < $1");

const GET = statement("SELECT * FROM bulk_changes WHERE id = $1 AND owner = $2");

// Index: bulk_changes_unfinished, from its end.
const INTERRUPTED = statement(`
  SELECT * FROM bulk_changes WHERE owner = $1 AND finished_at IS NULL AND touched_at < $2 ORDER BY id DESC LIMIT 1`);

// Index: bulk_jobs_open.
const OPEN = statement("SELECT * FROM bulk_jobs WHERE bulk_id = $1 AND outcome IS NULL ORDER BY job_id LIMIT $2");

// Index: the primary key. The change is locked first, so that two who settle its jobs count one after the other.
const LOCK = statement("SELECT 1 FROM bulk_changes WHERE id = $1 FOR UPDATE");
const SETTLE = statement(`
  WITH settled AS (
    UPDATE bulk_jobs b SET outcome = o.outcome, message = o.message, run_id = o.run
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[]) AS o (job, outcome, message, run)
    WHERE b.bulk_id = $1 AND b.job_id = o.job AND b.outcome IS NULL
    RETURNING b.outcome
  ), counted AS (
    SELECT count(*) FILTER (WHERE outcome = 'done') AS done, count(*) FILTER (WHERE outcome = 'refused') AS refused FROM settled
  )
  UPDATE bulk_changes c
  SET done = c.done + n.done, refused = c.refused + n.refused, touched_at = $6::timestamptz,
    finished_at = CASE WHEN c.done + c.refused + n.done + n.refused >= c.total THEN coalesce(c.finished_at, $6) END
  FROM counted n WHERE c.id = $1
  RETURNING c.*`);

// Indexes: the primary key, bulk_jobs_refused.
const JOBS = statement("SELECT * FROM bulk_jobs WHERE bulk_id = $1 AND job_id > $2 ORDER BY job_id LIMIT $3");
const REFUSED = statement(`
  SELECT * FROM bulk_jobs WHERE bulk_id = $1 AND outcome = 'refused' AND job_id > $2 ORDER BY job_id LIMIT $3`);

/** Changes of many jobs in PostgreSQL. */
export class PostgresBulk implements BulkStore {
  readonly #db: Connection;
  readonly #lists: LoadLists;

  constructor(db: Connection, lists: LoadLists) {
    this.#db = db;
    this.#lists = lists;
  }

  async create(request: NewBulk): Promise<BulkChange> {
    const { owner, key, action, jobs, now } = request;
    const lists = await this.#lists();
    return await this.#db.transaction(async (tx) => {
      await tx.all(FORGET, [instant(epochMs(now - BULK_KEPT_MS))]);
      const [made] = await tx.all(INSERT, [owner, text(key), json(action), instant(now)]);
      if (made === undefined) return toBulkChange((await tx.all(BY_KEY, [owner, text(key)]))[0] ?? {});
      const { id } = toBulkChange(made);
      const { sql, parameters } = lists.bulkJobs(id, jobs);
      await tx.all(sql, parameters);
      const ids = jobs.ids ?? [];
      if (ids.length > 0) await tx.all(REFUSE, [id, ids, ids.map((job) => noJob(job).message)]);
      const change = toBulkChange((await tx.all(COUNT, [id]))[0] ?? {});
      await audit(tx, request, bulkAsked(change));
      return change;
    });
  }

  async get(id: number, owner: string): Promise<BulkChange | null> {
    const [row] = await this.#db.all(GET, [id, owner]);
    return row === undefined ? null : toBulkChange(row);
  }

  async interrupted(owner: string, before: EpochMs): Promise<BulkChange | null> {
    const [row] = await this.#db.all(INTERRUPTED, [owner, instant(before)]);
    return row === undefined ? null : toBulkChange(row);
  }

  async open(id: number, limit: number): Promise<readonly JobId[]> {
    return (await this.#db.all(OPEN, [id, limit])).map((row) => toBulkJob(row).jobId);
  }

  async settle(id: number, outcomes: readonly BulkOutcome[], now: EpochMs): Promise<BulkChange> {
    return await this.#db.transaction(async (tx) => {
      await tx.all(LOCK, [id]);
      const [row = {}] = await tx.all(SETTLE, [
        id,
        outcomes.map(({ jobId }) => jobId),
        outcomes.map(({ outcome }) => outcome),
        outcomes.map(({ message }) => text(message)),
        outcomes.map(({ runId }) => runId),
        instant(now),
      ]);
      return toBulkChange(row);
    });
  }

  async jobs(id: number, { isRefused = false, after, limit }: BulkPage): Promise<readonly BulkJob[]> {
    return (await this.#db.all(isRefused ? REFUSED : JOBS, [id, after ?? 0, limit])).map(toBulkJob);
  }
}
