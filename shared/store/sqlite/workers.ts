import type { EpochMs, Worker, WorkerId, WorkerIdentity } from "../../domain/mod.ts";
import type { WorkerStore } from "../store.ts";
import type { Connection } from "./connection.ts";
import { toWorker } from "../worker_rows.ts";

const REGISTER = `
  INSERT INTO worker_registration (worker_id, hostname, platform, process_id, version, tags, concurrency, started_at,
    last_heartbeat, status)
  VALUES (:workerId, :hostname, :platform, :processId, :version, :tags, :concurrency, :now, :now, 'IDLE')
  ON CONFLICT (worker_id) DO UPDATE SET hostname = excluded.hostname, platform = excluded.platform,
    process_id = excluded.process_id, version = excluded.version, tags = excluded.tags,
    concurrency = excluded.concurrency, last_heartbeat = excluded.last_heartbeat, status = excluded.status`;

const RETIRE = "UPDATE worker_registration SET status = 'OFFLINE', last_heartbeat = :now WHERE worker_id = :id";

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

  list(): Promise<readonly Worker[]> {
    return this.#db.read(() => this.#db.all(LIST).map(toWorker));
  }
}
