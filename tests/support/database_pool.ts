/**
 * Migrated PostgreSQL databases, one test after another. To make, migrate and drop one for each test takes longer than most tests.
 * A test has its database for itself and finds it empty. One whose tables, functions or settings a test has changed is dropped.
 *
 * @module
 */
import { migrations } from "@jobtrigger/shared/migrations";
import { join } from "node:path";
import { openPostgres } from "../../shared/store/postgres/mod.ts";
import { postgres, type PostgresServer, Sql, type TestDatabase } from "./postgres.ts";

/** From this size on a database is dropped: what deleted rows leave behind would slow down the next test. */
const MOST_BYTES = 32 * 1024 * 1024;

/** What services of the last test still hold open. */
const DISCONNECT = `
  SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_get_activity(NULL)
  WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()`;

/**
 * Empties every table but the list of migrations, and lets all numbers begin anew. It touches only what has ever been used: to
 * open a table with its indexes takes a new connection longer than to empty it.
 */
const EMPTY = `
  DO $$
  DECLARE found record;
  BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN
      SELECT relname FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'schema_migrations'
        AND pg_relation_size(oid) > 0
    LOOP
      EXECUTE format('DELETE FROM %I', found.relname);
    END LOOP;
    FOR found IN
      SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP
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

/** A database on which a test may run statements beside its store. */
export interface BorrowedDatabase extends TestDatabase {
  readonly sql: Sql;
}

/** A database that no other test uses, migrated and empty; its disposal empties it for the next test. */
export async function borrowDatabase(): Promise<BorrowedDatabase> {
  const server = await postgres();
  const { free } = server;
  if (free === null) return withSql(await server.createDatabase());
  const database = await takeOne(server, free) ?? await makeOne(server);
  const sql = new Sql(database.url);
  return {
    ...database,
    sql,
    async [Symbol.asyncDispose]() {
      const isFit = await isEmptied(database, sql);
      await sql[Symbol.asyncDispose]();
      if (!isFit) return await database[Symbol.asyncDispose]();
      const file = join(free, database.name);
      await Deno.writeTextFile(`${file}.new`, database.structure);
      await Deno.rename(`${file}.new`, file);
    },
  };
}

/** A database that goes away with its disposal. */
export function withSql(database: TestDatabase): BorrowedDatabase {
  const sql = new Sql(database.url);
  return {
    ...database,
    sql,
    async [Symbol.asyncDispose]() {
      await sql[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
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

async function makeOne(server: PostgresServer): Promise<Migrated> {
  const database = await server.createDatabase();
  await (await openPostgres(database.url, { migrations })).close();
  await using sql = new Sql(database.url);
  return { ...database, structure: (await read(sql)).structure };
}

/** Ends what others hold open in a database, and empties it. False, nothing done: it is not fit for another test. */
async function isEmptied({ structure }: Migrated, sql: Sql): Promise<boolean> {
  await sql.run(DISCONNECT);
  const state = await read(sql);
  if (state.structure !== structure || state.bytes > MOST_BYTES) return false;
  await sql.run(EMPTY);
  return true;
}

async function read(sql: Sql): Promise<State> {
  const [{ structure, bytes } = {}] = await sql.run(STRUCTURE);
  return { structure: String(structure), bytes: Number(bytes) };
}
