/**
 * Migrated PostgreSQL databases, one test after another. To make, migrate and drop one for each test takes longer than most tests.
 * A test has its database for itself and finds it empty. One whose tables, functions or settings a test has changed is dropped.
 *
 * @module
 */
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { join } from "node:path";
import { postgres, type PostgresServer, type TestDatabase } from "./postgres.ts";

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

/** All that migrations make: whoever changes any of it changes the answer. */
const STRUCTURE = `
  SELECT md5(string_agg(part, ';' ORDER BY part)) AS structure, pg_database_size(current_database())::int AS bytes
  FROM (
    SELECT concat_ws(' ', oid, relname, relkind, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat_ws(' ', attrelid, attname, atttypid, attnotnull) FROM pg_attribute
    WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL SELECT concat_ws(' ', indexrelid, indisvalid) FROM pg_index
    UNION ALL SELECT concat_ws(' ', oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', oid, conname, convalidated) FROM pg_constraint
    UNION ALL SELECT concat_ws(' ', oid, proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', oid, typname) FROM pg_type WHERE typnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL SELECT schema_migrations::text FROM schema_migrations
  ) AS all_parts (part)`;

interface State {
  readonly structure: string;
  readonly bytes: number;
}

/** A database that no other test uses, migrated by `migrate` and empty; its disposal empties it for the next test. */
export async function borrowDatabase(migrate: (url: string) => Promise<void>): Promise<TestDatabase> {
  const server = await postgres();
  const { free } = server;
  if (free === null) return await server.createDatabase();
  const database = await takeOne(server, free) ?? await makeOne(server, migrate);
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      if (!await isEmptied(database)) return await database[Symbol.asyncDispose]();
      const file = join(free, database.name);
      await Deno.writeTextFile(`${file}.new`, database.structure);
      await Deno.rename(`${file}.new`, file);
    },
  };
}

type Migrated = TestDatabase & Pick<State, "structure">;

/** Takes a free database. Whoever removes its file has it: other test files take some at the same time. */
async function takeOne(server: PostgresServer, free: string): Promise<Migrated | null> {
  for await (const { name } of Deno.readDir(free)) {
    if (name.includes(".")) continue;
    const [file, taken] = [join(free, name), join(free, `${name}.${crypto.randomUUID()}`)];
    const isOurs = await Deno.rename(file, taken).then(() => true, () => false);
    if (!isOurs) continue;
    const structure = await Deno.readTextFile(taken);
    await Deno.remove(taken);
    return { ...server.database(name), structure };
  }
  return null;
}

async function makeOne(server: PostgresServer, migrate: (url: string) => Promise<void>): Promise<Migrated> {
  const database = await server.createDatabase();
  await migrate(database.url);
  const { structure } = await onConnection(database, read);
  return { ...database, structure };
}

/** Ends what others hold open in a database, and empties it. False, nothing done: it is not fit for another test. */
function isEmptied({ structure, ...database }: Migrated): Promise<boolean> {
  return onConnection(database, async (client) => {
    await client.query(DISCONNECT);
    const state = await read(client);
    if (state.structure !== structure || state.bytes > MOST_BYTES) return false;
    await client.query(EMPTY);
    return true;
  });
}

async function read(client: pg.Client): Promise<State> {
  return (await client.query<State>(STRUCTURE)).rows[0] ?? { structure: "", bytes: 0 };
}

async function onConnection<Answer>(
  { url }: TestDatabase,
  work: (client: pg.Client) => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
