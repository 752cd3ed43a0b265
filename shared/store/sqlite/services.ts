import { type EpochMs, type Service, SERVICE_KEPT_MS, type ServiceIdentity } from "../../domain/mod.ts";
import { retentionText, toService } from "../service_rows.ts";
import type { ServiceStore } from "../service_store.ts";
import type { Connection } from "./connection.ts";

const REPORT = `
  INSERT INTO service_registration (service_id, kind, hostname, process_id, version, retention, started_at, last_pass_at)
  VALUES (:serviceId, :kind, :hostname, :processId, :version, :retention, :now, :now)
  ON CONFLICT (service_id) DO UPDATE SET last_pass_at = excluded.last_pass_at`;

const RETIRE = "DELETE FROM service_registration WHERE service_id = :serviceId";

// Services are few: no index but the primary key.
const LIST = "SELECT * FROM service_registration ORDER BY kind, hostname, started_at, service_id";
const PRUNE = `
  DELETE FROM service_registration WHERE service_id IN (
    SELECT service_id FROM service_registration WHERE abs(:now - last_pass_at) > :keptMs LIMIT :limit)`;

/** Services in SQLite. */
export class SqliteServices implements ServiceStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async report(identity: ServiceIdentity, now: EpochMs): Promise<void> {
    const { serviceId, kind, hostname, processId, version } = identity;
    const retention = retentionText(identity);
    await this.#db.write(() => this.#db.run(REPORT, { serviceId, kind, hostname, processId, version, retention, now }));
  }

  async retire(serviceId: string): Promise<void> {
    await this.#db.write(() => this.#db.run(RETIRE, { serviceId }));
  }

  list(): Promise<readonly Service[]> {
    return this.#db.read(() => this.#db.all(LIST).map(toService));
  }

  prune({ now, limit }: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    return this.#db.write(() => this.#db.run(PRUNE, { now, keptMs: SERVICE_KEPT_MS, limit }));
  }
}
