/**
 * The store on one PostgreSQL, shared by any number of processes of any number of machines.
 *
 * @module
 */
import { type EpochMs, epochMs } from "../../domain/brand.ts";
import { type Clock, systemClock } from "../../time/clock.ts";
import type { Lists, LoadLists } from "../lists.ts";
import type { Migrations } from "../migration.ts";
import { toNumber } from "../rows.ts";
import type { Changes, Store } from "../store.ts";
import { postgresAlerts } from "./alerts.ts";
import { PostgresAudit } from "./audit.ts";
import { ListenedChanges } from "./changes.ts";
import { Connection, statement } from "./connection.ts";
import { PostgresBulk } from "./bulk.ts";
import { PostgresDiagnostics } from "./diagnostics.ts";
import { PostgresEvents } from "./events.ts";
import { PostgresHistory } from "./history.ts";
import { PostgresGuesses } from "./guesses.ts";
import { PostgresJobs } from "./jobs.ts";
import { PostgresLogs } from "./logs.ts";
import { migrate } from "./migrate.ts";
import { PostgresQueue } from "./queue.ts";
import { PostgresRuns } from "./runs.ts";
import { PostgresScheduling } from "./scheduling.ts";
import { poolSize } from "./url.ts";
import { PostgresServices } from "./services.ts";
import { PostgresSessions } from "./sessions.ts";
import { PostgresStatistics } from "./statistics.ts";
import { PostgresTokens } from "./tokens.ts";
import { PostgresUsers } from "./users.ts";
import { PostgresViews } from "./views.ts";
import { PostgresWebhooks } from "./webhooks.ts";
import { PostgresWorkers } from "./workers.ts";

let loading: Promise<Lists> | undefined;
const loadLists: LoadLists = () => loading ??= import("./lists.ts").then(({ lists }) => lists);

/** Options of {@linkcode openPostgres}. */
export interface PostgresOptions {
  readonly migrations: Pick<Migrations, "postgres">;
  /** For the waiting that the store itself does. Default: the machine's clock. */
  readonly clock?: Clock;
  /** How often to presume a change while the database cannot tell of any. Default 2,000 ms. */
  readonly pollMs?: number;
}

/** Changes that other processes are notified of as well. */
export interface AnnouncedChanges extends Changes {
  /** Notifies pages that there is something new for people to see. Returns at once. */
  announce(): void;
  /** Ends listening. */
  close(): Promise<void>;
}

const NOW = statement("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS n");

const TRY_WRITE = statement(`INSERT INTO settings (name, value)
  VALUES ('write_tried_at', to_jsonb((extract(epoch FROM clock_timestamp()) * 1000)::bigint))
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`);

/**
 * Opens the database at `url`, bringing its schema up to date as needed.
 *
 * @throws {Invalid} when the database is not ours to use, or the URL has a wrong setting.
 * @throws {StoreUnavailable} when it does not answer.
 */
export async function openPostgres(url: string, options: PostgresOptions): Promise<Store> {
  const { migrations, clock = systemClock, pollMs = 2_000 } = options;
  const connection = new Connection({ url, max: poolSize(url) });
  try {
    await migrate(connection, migrations.postgres);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return postgresStore(connection, new ListenedChanges(connection, { clock, pollMs }));
}

/** The store on a connection whose database has the schema. */
export function postgresStore(connection: Connection, changes: AnnouncedChanges): Store {
  const announce = () => changes.announce();
  return {
    jobs: new PostgresJobs(connection, loadLists),
    scheduling: new PostgresScheduling(connection, announce),
    queue: new PostgresQueue(connection, announce),
    workers: new PostgresWorkers(connection, announce),
    services: new PostgresServices(connection),
    runs: new PostgresRuns(connection, loadLists, announce),
    logs: new PostgresLogs(connection),
    history: new PostgresHistory(connection),
    events: new PostgresEvents(connection),
    statistics: new PostgresStatistics(connection, loadLists),
    users: new PostgresUsers(connection),
    sessions: new PostgresSessions(connection),
    tokens: new PostgresTokens(connection),
    webhooks: new PostgresWebhooks(connection),
    alerts: postgresAlerts(connection, announce),
    bulk: new PostgresBulk(connection, loadLists),
    views: new PostgresViews(connection),
    guesses: new PostgresGuesses(connection),
    audit: new PostgresAudit(connection, loadLists),
    diagnostics: new PostgresDiagnostics(connection),
    changes,
    async now(): Promise<EpochMs> {
      const [row] = await connection.all(NOW);
      return epochMs(toNumber(row ?? {}));
    },
    async tryWrite() {
      await connection.all(TRY_WRITE);
    },
    async close() {
      await changes.close();
      await connection.close();
    },
  };
}
