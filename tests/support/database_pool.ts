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

/** From this size of its tables on a database is dropped: what deleted rows leave behind would slow down the next test. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Ends what services of the last test still hold open. Whoever ends, and this connection after this statement, counts for all to see
 * what it has written.
 */
const DISCONNECT = `
  SELECT pg_stat_force_next_flush(), (
    SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_get_activity(NULL)
    WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
  )`;

/** The tables into which rows were written since they were last emptied: to open all takes longer than to empty those. */
const WRITTEN = `
  SELECT oid, relname FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'schema_migrations'
    AND pg_stat_get_tuples_inserted(oid) > 0`;

/** Empties every table but the list of migrations, and lets all numbers begin anew. */
const EMPTY = `
  DO $$
  DECLARE found record;
  BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN ${WRITTEN} LOOP
      EXECUTE format('DELETE FROM %I', found.relname);
      PERFORM pg_stat_reset_single_table_counters(found.oid);
    END LOOP;
    FOR found IN
      SELECT seqrelid AS oid, seqstart FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
    LOOP
      PERFORM setval(found.oid::regclass, found.seqstart, false);
    END LOOP;
  END $$`;

/** The catalogs of all that migrations make, and the column by which their rows are told from those of every database. */
const CATALOGS = {
  pg_class: "oid",
  pg_attribute: "attrelid",
  pg_index: "indexrelid",
  pg_trigger: "oid",
  pg_constraint: "oid",
  pg_proc: "oid",
  pg_type: "oid",
};

/**
 * Whoever changes any of it changes the answer: a row that is new or changed carries the number of its transaction, which is higher
 * than all before, and one that has gone is missing in the count. Below 16384 are the objects that every database has.
 */
const STRUCTURE = `
  SELECT concat_ws('; ', ${
  Object.entries(CATALOGS).map(([catalog, oid]) =>
    `(SELECT concat_ws(' ', count(*), max(xmin::text::bigint)) FROM ${catalog} WHERE ${oid} >= 16384)`
  ).join(", ")
},
    (SELECT string_agg(concat_ws(' ', setrole, setconfig), ', ') FROM pg_db_role_setting
      WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())),
    (SELECT string_agg(schema_migrations::text, ', ') FROM schema_migrations)) AS structure,
    (SELECT coalesce(sum(pg_relation_size(oid)), 0)::int FROM (${WRITTEN}) AS written) AS bytes`;

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
