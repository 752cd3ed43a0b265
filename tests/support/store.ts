import { migrations } from "@jobtrigger/shared/migrations";
import { DatabaseSync } from "node:sqlite";
import { openPostgres } from "../../shared/store/postgres/mod.ts";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { borrowDatabase, withSql } from "./database_pool.ts";
import { cheapPasswords } from "./password_cost.ts";
import type { PostgresServer } from "./postgres.ts";

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
  const database = server === undefined ? await borrowDatabase() : withSql(await server.createDatabase());
  const test = await opened(database.url, () => openPostgres(database.url, { migrations }));
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

async function opened(url: string, open: () => Promise<Store>): Promise<Omit<TestStore, "sql">> {
  const cheap = cheapPasswords();
  const stores: Store[] = [];
  const another = async () => {
    const store = await open();
    stores.push(store);
    return store;
  };
  return {
    store: await another(),
    url,
    another,
    async [Symbol.asyncDispose]() {
      cheap[Symbol.dispose]();
      for (const store of stores) await store.close();
    },
  };
}
