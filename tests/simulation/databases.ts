/**
 * The databases that simulations run on: real ones, empty at the start of each.
 *
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { migrations } from "@jobtrigger/shared/migrations";
import type { Store } from "../../shared/store/mod.ts";
import { Connection } from "../../shared/store/postgres/connection.ts";
import { openPostgres, postgresStore } from "../../shared/store/postgres/mod.ts";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import { type Clock, systemClock } from "../../shared/time/mod.ts";
import { postgres } from "../support/postgres.ts";
import { Statements, SteppedConnection } from "./statements.ts";
import type { Timeline } from "./timeline.ts";
import { Witness } from "./witness.ts";

/** The database as one process reaches it. */
export interface Reach {
  readonly store: Store;
  /** Rolls back the call of a process that has died; null: calls cannot be interrupted. */
  readonly abandon: (() => Promise<void>) | null;
}

/** An empty database for one simulation. */
export interface SimulatedDatabase extends AsyncDisposable {
  readonly witness: Witness;
  /** Opens it as another process would. */
  reach(): Promise<Reach>;
}

/** Makes an empty database that lives by `timeline`. */
export type OpenDatabase = (timeline: Timeline) => Promise<SimulatedDatabase>;

/** A kind of database, on which one simulation runs after another. */
export type Simulated = { readonly open: OpenDatabase } & AsyncDisposable;

/** A directory in memory where the system has one: no simulation is about disks. */
const DIRECTORY = await Deno.stat("/dev/shm").then(() => ({ dir: "/dev/shm" }), () => ({}));

/** Has a store load the modules that it loads when they are needed: in no history may time pass for a file. Then closes it. */
async function loadAll(store: Store): Promise<void> {
  await store.jobs.list({ limit: 1 });
  await store.close();
}

/** SQLite. The schema is made once; each simulation gets a copy of the file. */
export async function simulatedSqlite(): Promise<Simulated> {
  const directory = await Deno.makeTempDir({ ...DIRECTORY, prefix: "jobtrigger-simulation-" });
  const template = `${directory}/template.db`;
  await loadAll(await openSqlite(template, { migrations, onMade: () => {} }));
  return {
    open: async (timeline) => {
      const path = `${directory}/${crypto.randomUUID()}.db`;
      await Deno.copyFile(template, path);
      const clock = { now: () => timeline.databaseNow, monotonic: () => timeline.now, sleep: storeSleep(timeline) };
      const store = await openSqlite(path, { migrations, clock });
      const db = new DatabaseSync(path, { readOnly: true });
      const statements = new Map<string, StatementSync>();
      let version: unknown = null;
      const prepared = (sql: string) => {
        const statement = statements.get(sql) ?? db.prepare(sql.replaceAll("$", "?"));
        statements.set(sql, statement);
        return statement;
      };
      return {
        witness: new Witness((sql, parameters) => Promise.resolve(prepared(sql).all(...parameters)), {
          among: "IN (SELECT value FROM json_each($2))",
          hasNews: () => {
            const before = version;
            version = prepared("PRAGMA data_version").get()?.["data_version"];
            return version !== before;
          },
          idsToCome: 0,
        }),
        reach: () => Promise.resolve({ store, abandon: null }),
        async [Symbol.asyncDispose]() {
          await store.close();
          db.close();
          await Deno.remove(path);
        },
      };
    },
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/**
 * The sleep of the store itself. Within one process no store holds the lock over an event, so short sleeps end at once; a long one
 * is an event.
 */
function storeSleep(timeline: Timeline): Clock["sleep"] {
  return (ms, signal) => {
    if (ms < 100 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const cancel = timeline.after(ms, { actor: null, what: "the database has rested", run: done });
      signal?.addEventListener("abort", done, { once: true });
    });
  };
}

/** The simulation decides which machine receives an announcement. */
const SILENT = {
  version: () => 0,
  after: () => Promise.resolve(),
  announce: () => {},
  close: () => Promise.resolve(),
};

const EMPTY = `
  TRUNCATE scheduled_jobs, job_labels, job_revisions, job_dispatch, job_execution_logs, job_log_chunks,
    worker_registration, service_registration, webhooks, occurrence_ledger, run_events, event_consumers, run_statistics,
    statistics_fill, statistics_open, failing_jobs, bulk_changes, bulk_jobs, saved_views, users, sessions, api_tokens,
    guess_counters, audit_events, audit_chain, alert_channels, alert_rules, alert_jobs, incidents, deliveries
    RESTART IDENTITY;
  ALTER SEQUENCE lease_epoch RESTART`;

/**
 * PostgreSQL. Each process has its own connections, and the seed orders their statements. Each simulation empties the tables.
 * `patienceMs` is that of {@linkcode Statements}.
 */
export async function simulatedPostgres(
  { patienceMs = 5 }: { readonly patienceMs?: number } = {},
): Promise<Simulated> {
  const database = await (await postgres()).createDatabase();
  await loadAll(await openPostgres(database.url, { migrations }));
  const admin = new Connection({ url: database.url, max: 1 });
  return {
    open: async (timeline) => {
      await admin.all(EMPTY);
      const statements = new Statements(timeline, admin, patienceMs);
      const connections: SteppedConnection[] = [];
      return {
        witness: new Witness((sql, parameters) => admin.all(sql, parameters), {
          among: "IN (SELECT jsonb_array_elements($2::jsonb)::bigint)",
          hasNews: () => statements.takeNews(),
          // It assigns ids in order but commits them in another.
          idsToCome: 50,
        }),
        reach: () => {
          const connection = new SteppedConnection(database.url, statements);
          connections.push(connection);
          // Only the server's clock is not real.
          const store = { ...postgresStore(connection, SILENT), now: () => Promise.resolve(timeline.databaseNow) };
          return Promise.resolve({ store, abandon: () => connection.abandon() });
        },
        async [Symbol.asyncDispose]() {
          for (const connection of connections) {
            await connection.abandon();
            await connection.close();
          }
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await admin.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** How many sessions of a neighbour commit at once, and how long each rests after a commit, in milliseconds. */
const NEIGHBOURS = 2;
const REST_MS = 1;

/**
 * PostgreSQL, beside another database of the same server that commits with a NOTIFY all the time, as the services of another test do.
 * The simulation asks at once which statements wait for a lock, so that it meets those that the neighbour holds up.
 */
export async function simulatedBesideNeighbour(): Promise<Simulated> {
  await using undo = new AsyncDisposableStack();
  const { open } = undo.use(await simulatedPostgres({ patienceMs: 0 }));
  undo.use(await busyNeighbour());
  const parts = undo.move();
  return { open, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

async function busyNeighbour(): Promise<AsyncDisposable> {
  const database = await (await postgres()).createDatabase();
  const connection = new Connection({ url: database.url, max: NEIGHBOURS });
  const stop = new AbortController();
  const commit = async () => {
    while (!stop.signal.aborted) {
      await connection.all("SELECT pg_notify('neighbour', '')::text");
      // Without a rest, these commits take more of the processor than the history.
      await systemClock.sleep(REST_MS, stop.signal);
    }
  };
  const sessions = Array.from({ length: NEIGHBOURS }, commit);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(sessions);
      await connection.close();
      await database[Symbol.asyncDispose]();
    },
  };
}
