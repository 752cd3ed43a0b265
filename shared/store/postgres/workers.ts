import {
  type EpochMs,
  epochMs,
  type Worker,
  WORKER_KEPT_MS,
  type WorkerId,
  type WorkerIdentity,
} from "../../domain/mod.ts";
import { workerDrained } from "../audit_changes.ts";
import { hasGone, noWorker } from "../refusals.ts";
import { toNumber } from "../rows.ts";
import { toSignAnswer, toWorker } from "../worker_rows.ts";
import type { DrainRequest, SignAnswer, WorkerStore } from "../worker_store.ts";
import { audit } from "./audit.ts";
import { type Connection, statement } from "./connection.ts";
import { instant, json, text } from "./values.ts";

const REGISTER = statement(`
  INSERT INTO worker_registration (worker_id, hostname, platform, process_id, version, tags, concurrency, started_at,
    last_heartbeat, status)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 'IDLE')
  ON CONFLICT (worker_id) DO UPDATE SET hostname = excluded.hostname, platform = excluded.platform,
    process_id = excluded.process_id, version = excluded.version, tags = excluded.tags,
    concurrency = excluded.concurrency, last_heartbeat = excluded.last_heartbeat, status = excluded.status,
    ended_at = NULL`);

const REPORT = statement(`
  UPDATE worker_registration SET last_heartbeat = $2 WHERE worker_id = $1 AND status <> 'OFFLINE'
  RETURNING drain_requested_at`);

const RETIRE = statement(
  "UPDATE worker_registration SET status = 'OFFLINE', last_heartbeat = $2, ended_at = $2 WHERE worker_id = $1",
);

// The lock keeps the worker from ending before the request is written.
const STATUS = statement("SELECT status FROM worker_registration WHERE worker_id = $1 FOR UPDATE");
const DRAIN = statement(`
  UPDATE worker_registration SET drain_requested_at = CASE WHEN $2 THEN coalesce(drain_requested_at, $3::timestamptz) END
  WHERE worker_id = $1`);

// Workers are few: no index.
const PRUNE = statement(`
  WITH gone AS (
    DELETE FROM worker_registration WHERE worker_id = ANY(ARRAY(
      SELECT worker_id FROM worker_registration WHERE status = 'OFFLINE' AND last_heartbeat < $1 LIMIT $2
      FOR UPDATE SKIP LOCKED))
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone`);

// Index: job_dispatch_running, all of it: running attempts are few.
const LIST = statement(`
  SELECT w.*, coalesce(h.held, '[]') AS held
  FROM worker_registration w LEFT JOIN (
    SELECT worker_id, json_agg(id ORDER BY claimed_at, id) AS held FROM job_dispatch
    WHERE status = 'IN_PROGRESS' GROUP BY worker_id
  ) h USING (worker_id)
  ORDER BY w.status = 'OFFLINE', w.hostname COLLATE "C", w.started_at, w.worker_id COLLATE "C"`);

/** Worker processes in PostgreSQL. Calls `announce` when people may see a change. */
export class PostgresWorkers implements WorkerStore {
  readonly #db: Connection;
  readonly #announce: () => void;

  constructor(db: Connection, announce: () => void) {
    this.#db = db;
    this.#announce = announce;
  }

  async register(identity: WorkerIdentity, now: EpochMs): Promise<void> {
    const { workerId, hostname, platform, processId, version, tags, concurrency } = identity;
    const values = [workerId, text(hostname), platform, processId, version, json(tags), concurrency, instant(now)];
    await this.#db.all(REGISTER, values);
    this.#announce();
  }

  async retire(id: WorkerId, now: EpochMs): Promise<void> {
    await this.#db.all(RETIRE, [id, instant(now)]);
    this.#announce();
  }

  async report(id: WorkerId, now: EpochMs): Promise<SignAnswer> {
    const [row] = await this.#db.urgent(REPORT, [id, instant(now)]);
    return toSignAnswer(row);
  }

  async requestDrain(id: WorkerId, request: DrainRequest): Promise<void> {
    const { drains, now } = request;
    await this.#db.transaction(async (tx) => {
      const [row] = await tx.all(STATUS, [id]);
      if (row === undefined) throw noWorker(id);
      if (row["status"] === "OFFLINE") throw hasGone(id);
      await tx.all(DRAIN, [id, drains, instant(now)]);
      await audit(tx, request, workerDrained(id, drains));
    });
    this.#announce();
  }

  async prune({ now, limit }: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    const [row = {}] = await this.#db.all(PRUNE, [instant(epochMs(now - WORKER_KEPT_MS)), limit]);
    return toNumber(row);
  }

  async list(): Promise<readonly Worker[]> {
    return (await this.#db.all(LIST)).map(toWorker);
  }
}
