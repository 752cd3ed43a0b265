/**
 * The store on one SQLite file, shared by any number of processes of one machine.
 *
 * @module
 */
import { type Clock, systemClock } from "../../time/clock.ts";
import type { Lists, LoadLists } from "../lists.ts";
import type { Migrations, OnMade } from "../migration.ts";
import type { Store } from "../store.ts";
import { sqliteAlerts } from "./alerts.ts";
import { SqliteAudit } from "./audit.ts";
import { FileChanges } from "./changes.ts";
import { SqliteBulk } from "./bulk.ts";
import { SqliteDiagnostics } from "./diagnostics.ts";
import { SqliteEvents } from "./events.ts";
import { IdleCheckpoint } from "./idle_checkpoint.ts";
import { SqliteHistory } from "./history.ts";
import { SqliteGuesses } from "./guesses.ts";
import { SqliteJobs } from "./jobs.ts";
import { SqliteLogs } from "./logs.ts";
import { openFile } from "./open.ts";
import { SqliteQueue } from "./queue.ts";
import { SqliteRuns } from "./runs.ts";
import { SqliteScheduling } from "./scheduling.ts";
import { SqliteServices } from "./services.ts";
import { SqliteSessions } from "./sessions.ts";
import { SqliteStatistics } from "./statistics.ts";
import { SqliteTokens } from "./tokens.ts";
import { SqliteUsers } from "./users.ts";
import { SqliteViews } from "./views.ts";
import { SqliteWebhooks } from "./webhooks.ts";
import { SqliteWorkers } from "./workers.ts";

/** Another value than before each time: SQLite writes no page for one that stays. */
const TRY_WRITE = `INSERT INTO settings (name, value) VALUES ('write_tried_at', :value)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`;

let loading: Promise<Lists> | undefined;
const loadLists: LoadLists = () => loading ??= import("./lists.ts").then(({ lists }) => lists);

/** Options of {@linkcode openSqlite}. */
export interface SqliteOptions {
  readonly migrations: Pick<Migrations, "sqlite">;
  /** For the waiting that the store itself does, and its `now()`. Default: the machine's clock. */
  readonly clock?: Clock;
  /** How long to try while another process holds the lock. Default 5,000 ms. */
  readonly busyTimeoutMs?: number;
  /** Called with the path when there was no database and one was made. Absent: a path without one is refused. */
  readonly onMade?: OnMade | undefined;
}

/**
 * Opens the database at `path` and brings its schema up to date if need be.
 *
 * @throws {Invalid} when the path is not ours to use; nothing has been touched then.
 * @throws {StoreUnavailable} when another process holds it for longer than the busy timeout.
 */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Store> {
  const { migrations, clock = systemClock, busyTimeoutMs = 5_000, onMade } = options;
  const connection = await openFile({ path, clock, busyTimeoutMs }, { migrations: migrations.sqlite, onMade });
  const changes = new FileChanges(connection, clock);
  const idle = new IdleCheckpoint(connection, clock);
  connection.onCommit = () => {
    changes.wake();
    idle.begin();
  };
  // Writes back the -wal of a process that died.
  idle.begin();
  return {
    jobs: new SqliteJobs(connection, loadLists),
    scheduling: new SqliteScheduling(connection),
    queue: new SqliteQueue(connection),
    workers: new SqliteWorkers(connection),
    services: new SqliteServices(connection),
    runs: new SqliteRuns(connection, loadLists),
    logs: new SqliteLogs(connection),
    history: new SqliteHistory(connection),
    events: new SqliteEvents(connection),
    statistics: new SqliteStatistics(connection, loadLists),
    users: new SqliteUsers(connection),
    sessions: new SqliteSessions(connection),
    tokens: new SqliteTokens(connection),
    webhooks: new SqliteWebhooks(connection),
    alerts: sqliteAlerts(connection),
    bulk: new SqliteBulk(connection, loadLists),
    views: new SqliteViews(connection),
    guesses: new SqliteGuesses(connection),
    audit: new SqliteAudit(connection, loadLists),
    diagnostics: new SqliteDiagnostics(connection, path),
    changes,
    now: () => Promise.resolve(clock.now()),
    async tryWrite() {
      await connection.write(() => connection.run(TRY_WRITE, { value: String(clock.now()) }));
    },
    async close() {
      idle.stop();
      await connection.close();
      changes.close();
    },
  };
}
