import { type EpochMs, epochMs, type Service, SERVICE_KEPT_MS, type ServiceIdentity } from "../../domain/mod.ts";
import { toNumber } from "../rows.ts";
import { retentionText, toService } from "../service_rows.ts";
import type { ServiceStore } from "../service_store.ts";
import { type Connection, statement } from "./connection.ts";
import { instant, text } from "./values.ts";

const REPORT = statement(`
  INSERT INTO service_registration (service_id, kind, hostname, process_id, version, retention, started_at, last_pass_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
  ON CONFLICT (service_id) DO UPDATE SET last_pass_at = excluded.last_pass_at`);

const RETIRE = statement("DELETE FROM service_registration WHERE service_id = $1");

// Services are few: no index but the primary key.
const LIST = statement(`
  SELECT * FROM service_registration ORDER BY kind, hostname COLLATE "C", started_at, service_id COLLATE "C"`);
const PRUNE = statement(`
  WITH gone AS (
    DELETE FROM service_registration WHERE service_id = ANY(ARRAY(
      SELECT service_id FROM service_registration WHERE last_pass_at NOT BETWEEN $1 AND $2 LIMIT $3 FOR UPDATE SKIP LOCKED))
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone`);

/** Services in PostgreSQL. */
export class PostgresServices implements ServiceStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async report(identity: ServiceIdentity, now: EpochMs): Promise<void> {
    const { serviceId, kind, hostname, processId, version } = identity;
    const values = [serviceId, kind, text(hostname), processId, version, retentionText(identity), instant(now)];
    await this.#db.all(REPORT, values);
  }

  async retire(serviceId: string): Promise<void> {
    await this.#db.all(RETIRE, [serviceId]);
  }

  async list(): Promise<readonly Service[]> {
    return (await this.#db.all(LIST)).map(toService);
  }

  async prune({ now, limit }: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    const [row = {}] = await this.#db.all(PRUNE, [
      instant(epochMs(now - SERVICE_KEPT_MS)),
      instant(epochMs(now + SERVICE_KEPT_MS)),
      limit,
    ]);
    return toNumber(row);
  }
}
