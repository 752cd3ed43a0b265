/**
 * Migrated PostgreSQL databases, one test after another. To make, migrate and drop one for each test takes longer than most tests.
 * A test has its database for itself and finds it empty; who changes tables or roles makes a database of its own.
 *
 * @module
 */
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { join } from "node:path";
import { postgres, type TestDatabase } from "./postgres.ts";

/** From this size on a database is dropped: what deleted rows leave behind would slow down the next test. */
const MOST_BYTES = 32 * 1024 * 1024;

/** What services of the last test still hold open. */
const DISCONNECT = `
  SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

/** Empties every table but the list of migrations, and lets all numbers begin anew. */
const EMPTY = `
  DO $$
  DECLARE found record;
  BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations' LOOP
      EXECUTE format('DELETE FROM %I', found.tablename);
    END LOOP;
    FOR found IN SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public' LOOP
      PERFORM setval(quote_ident(found.sequencename)::regclass, found.start_value, false);
    END LOOP;
  END $$`;

const SIZE = "SELECT pg_database_size(current_database())::int AS bytes";

/** A database that no other test uses, empty or not migrated yet; its disposal empties it for the next test. */
export async function borrowDatabase(): Promise<TestDatabase> {
  const server = await postgres();
  const { free } = server;
  if (free === null) return await server.createDatabase();
  const name = await takeOne(free);
  const database = name === null ? await server.createDatabase() : server.database(name);
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      if (await emptied(database) > MOST_BYTES) await database[Symbol.asyncDispose]();
      else await Deno.writeTextFile(join(free, database.name), "");
    },
  };
}

/** Takes a free database. Whoever removes its file has it; the other test files run at the same time. */
async function takeOne(free: string): Promise<string | null> {
  for await (const { name } of Deno.readDir(free)) {
    const isOurs = await Deno.remove(join(free, name)).then(() => true, () => false);
    if (isOurs) return name;
  }
  return null;
}

/** Empties a database; answers its size in bytes. */
async function emptied({ url }: TestDatabase): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(DISCONNECT);
    await client.query(EMPTY);
    return (await client.query<{ readonly bytes: number }>(SIZE)).rows[0]?.bytes ?? 0;
  } finally {
    await client.end();
  }
}
