import { migrations } from "@jobtrigger/shared/migrations";
import { DatabaseSync } from "node:sqlite";
import { ListenedChanges } from "../../shared/store/postgres/changes.ts";
import { openPostgres, postgresStore } from "../../shared/store/postgres/mod.ts";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { borrowDatabase, withSql } from "./database_pool.ts";
import { cheapPasswords } from "./password_cost.ts";
import type { PostgresServer, Sql, TestDatabase } from "./postgres.ts";

/** A store of its own for one test, on a database that goes away with it. While it is open, hashing a password costs little. */
export interface TestStore extends AsyncDisposable {
  readonly store: Store;
  /** The database, for services. */
  readonly url: string;
  /** Opens the same database once more, as another process would; closed with the first. */
  another(): Promise<Store>;
  /** Runs one statement beside the store, on another connection: its rows, as the driver gives them. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
}

/** One on a file. */
export interface SqliteTestStore extends TestStore {
  readonly path: string;
}

/** Opens an empty database. */
export type OpenTestStore = () => Promise<TestStore>;

/** The databases that whatever uses a store is tested on. */
export const DATABASES: Readonly<Record<"SQLite" | "PostgreSQL", OpenTestStore>> = {
  SQLite: openTestStore,
  PostgreSQL: openPostgresTestStore,
};

/** Opens an empty SQLite store on a temporary file: `await using test = await openTestStore()`. */
export async function openTestStore(): Promise<SqliteTestStore> {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-" });
  const path = `${directory}/jobs.db`;
  await Deno.writeFile(path, await (migrated ??= migratedFile()), { mode: 0o600 });
  const test = await opened(`sqlite:///${path}`, () => openSqlite(path, { migrations }));
  return {
    ...test,
    path,
    sql: (text) => Promise.resolve(runOn(path, text)),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

let migrated: Promise<Uint8Array> | null = null;

/** A SQLite file after all migrations: to write it takes a tenth of the time that the migrations take. */
async function migratedFile(): Promise<Uint8Array> {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-" });
  const path = `${directory}/jobs.db`;
  await (await openSqlite(path, { migrations, onMade: () => {} })).close();
  const bytes = await Deno.readFile(path);
  await Deno.remove(directory, { recursive: true });
  return bytes;
}

/** Opens an empty PostgreSQL store; by default on the server that all tests share. */
export async function openPostgresTestStore(server?: PostgresServer): Promise<TestStore> {
  const open = (url: string) => openPostgres(url, { migrations });
  if (server !== undefined) return onDatabase(withSql(await server.createDatabase()), open);
  const { connection, ...database } = await borrowDatabase();
  const changes = new ListenedChanges(connection, { clock: systemClock, pollMs: 2_000 });
  // Its connections stay open for the next test.
  const first = postgresStore(connection, changes);
  return onDatabase(database, open, { store: first, close: () => changes.close() });
}

/** The stores of one test on a database that goes away with them; `first` is already open. */
async function onDatabase(
  database: TestDatabase & { readonly sql: Sql },
  open: (url: string) => Promise<Store>,
  first?: OpenStore,
): Promise<TestStore> {
  const test = await opened(database.url, () => open(database.url), first);
  return {
    ...test,
    sql: (text) => database.sql.run(text),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

function runOn(path: string, text: string): readonly Record<string, unknown>[] {
  const db = new DatabaseSync(path, { timeout: 60_000 });
  try {
    return db.prepare(text).all();
  } finally {
    db.close();
  }
}

/** A store, and how to end what the next test must not find. */
interface OpenStore {
  readonly store: Store;
  readonly close: () => Promise<void>;
}

async function opened(url: string, open: () => Promise<Store>, first?: OpenStore): Promise<Omit<TestStore, "sql">> {
  const cheap = cheapPasswords();
  const closers: (() => Promise<void>)[] = first === undefined ? [] : [first.close];
  const another = async () => {
    const store = await open();
    closers.push(() => store.close());
    return store;
  };
  return {
    store: first?.store ?? await another(),
    url,
    another,
    async [Symbol.asyncDispose]() {
      cheap[Symbol.dispose]();
      for (const close of closers) await close();
    },
  };
}
