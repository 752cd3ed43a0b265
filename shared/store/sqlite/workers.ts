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
import type { DrainRequest, SignAnswer, WorkerStore } from "../worker_store.ts";
import { audit } from "./audit.ts";
import type { Connection } from "./connection.ts";
import { toSignAnswer, toWorker } from "../worker_rows.ts";

const REGISTER = `
  INSERT INTO worker_registration (worker_id, hostname, platform, process_id, version, tags, concurrency, started_at,
    last_heartbeat, status)
  VALUES (:workerId, :hostname, :platform, :processId, :version, :tags, :concurrency, :now, :now, 'IDLE')
  ON CONFLICT (worker_id) DO UPDATE SET hostname = excluded.hostname, platform = excluded.platform,
    process_id = excluded.process_id, version = excluded.version, tags = excluded.tags,
    concurrency = excluded.concurrency, last_heartbeat = excluded.last_heartbeat, status = excluded.status,
    ended_at = NULL`;

const REPORT = `
  UPDATE worker_registration SET last_heartbeat = :now WHERE worker_id = :id AND status <> 'OFFLINE'
  RETURNING drain_requested_at`;

const RETIRE = `
  UPDATE worker_registration SET status = 'OFFLINE', last_heartbeat = :now, ended_at = :now WHERE worker_id = :id`;

const STATUS = "SELECT status FROM worker_registration WHERE worker_id = :id";
const DRAIN = `
  UPDATE worker_registration SET drain_requested_at = CASE WHEN :drains = 1 THEN coalesce(drain_requested_at, :now) END
  WHERE worker_id = :id`;

// Workers are few: no index.
const PRUNE = `
  DELETE FROM worker_registration WHERE worker_id IN (
    SELECT worker_id FROM worker_registration WHERE status = 'OFFLINE' AND last_heartbeat < :before LIMIT :limit)`;

// Index: job_dispatch_held for what each holds; workers themselves are few.
const LIST = `
  SELECT *, (
    SELECT json_group_array(id ORDER BY claimed_at, id) FROM job_dispatch
    WHERE status = 'IN_PROGRESS' AND worker_id = worker_registration.worker_id) AS held
  FROM worker_registration
  ORDER BY status = 'OFFLINE', hostname, started_at, worker_id`;

/** Worker processes in SQLite. */
export class SqliteWorkers implements WorkerStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  register(identity: WorkerIdentity, now: EpochMs): Promise<void> {
    const { workerId, hostname, platform, processId, version, concurrency } = identity;
    const tags = JSON.stringify(identity.tags);
    return this.#db.write(() => {
      this.#db.run(REGISTER, { workerId, hostname, platform, processId, version, tags, concurrency, now });
    });
  }

  retire(id: WorkerId, now: EpochMs): Promise<void> {
    return this.#db.write(() => {
      this.#db.run(RETIRE, { id, now });
    });
  }

  report(id: WorkerId, now: EpochMs): Promise<SignAnswer> {
    return this.#db.writeNow(() => toSignAnswer(this.#db.get(REPORT, { id, now })));
  }

  requestDrain(id: WorkerId, request: DrainRequest): Promise<void> {
    const { drains, now } = request;
    return this.#db.write(() => {
      const row = this.#db.get(STATUS, { id });
      if (row === undefined) throw noWorker(id);
      if (row["status"] === "OFFLINE") throw hasGone(id);
      this.#db.run(DRAIN, { id, drains, now });
      audit(this.#db, request, workerDrained(id, drains));
    });
  }

  prune({ now, limit }: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    return this.#db.write(() => this.#db.run(PRUNE, { before: epochMs(now - WORKER_KEPT_MS), limit }));
  }

  list(): Promise<readonly Worker[]> {
    return this.#db.read(() => this.#db.all(LIST).map(toWorker));
  }
}
