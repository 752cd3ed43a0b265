import type { EpochMs, Worker, WorkerId, WorkerIdentity } from "../../domain/mod.ts";
import { toWorker } from "../worker_rows.ts";
import type { WorkerStore } from "../store.ts";
import { type Connection, statement } from "./connection.ts";
import { instant, json, text } from "./values.ts";

const REGISTER = statement(`
  INSERT INTO worker_registration (worker_id, hostname, platform, process_id, version, tags, concurrency, started_at,
    last_heartbeat, status)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 'IDLE')
  ON CONFLICT (worker_id) DO UPDATE SET hostname = excluded.hostname, platform = excluded.platform,
    process_id = excluded.process_id, version = excluded.version, tags = excluded.tags,
    concurrency = excluded.concurrency, last_heartbeat = excluded.last_heartbeat, status = excluded.status`);

const RETIRE = statement(
  "UPDATE worker_registration SET status = 'OFFLINE', last_heartbeat = $2 WHERE worker_id = $1",
);

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

  async list(): Promise<readonly Worker[]> {
    return (await this.#db.all(LIST)).map(toWorker);
  }
}
