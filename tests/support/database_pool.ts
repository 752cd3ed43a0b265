/**
 * Migrated PostgreSQL databases, one test after another. To make, migrate and drop one for each test takes longer than most tests,
 * and so does connecting: a new connection takes the server 30 ms of processor time, and the first plans of each 60 ms more. So
 * the tests of an isolate, which run one after another, pass a database on with its connections.
 *
 * A test has its database for itself and finds it empty. One whose tables, functions or settings a test has changed is dropped.
 *
 * @module
 */
import { migrations } from "@jobtrigger/shared/migrations";
import { Connection } from "../../shared/store/postgres/connection.ts";
import { openPostgres } from "../../shared/store/postgres/mod.ts";
import { poolSize } from "../../shared/store/postgres/url.ts";
import { withLock } from "./lock.ts";
import { postgres, type PostgresServer, Sql, type TestDatabase } from "./postgres.ts";

/** From this size of its tables on a database is dropped: what deleted rows leave behind would slow down the next test. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The migrated database of which others are copies. */
const TEMPLATE = "migrated";

/** By this name the server knows the connections that are passed on. */
export const KEPT = "kept";

/** Ends what services of the last test still hold open. */
const DISCONNECT = `
  SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_get_activity(NULL)
  WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid <> pg_backend_pid() AND application_name <> '${KEPT}'`;

/** The tables that may have rows. */
const WRITTEN = `
  SELECT oid, relname FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'schema_migrations'
    AND pg_relation_size(oid) > 0`;

/** Empties every table but the list of migrations, and lets all numbers begin anew. */
const EMPTY = `
  DO $$
  DECLARE found record;
  BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN ${WRITTEN} LOOP
      EXECUTE format('DELETE FROM %I', found.relname);
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
  /** Connections for the test's first store, which only a test that wants to closes. */
  readonly connection: Connection;
}

/** A database that a test has, and its structure when it was new. */
type Kept = BorrowedDatabase & Pick<State, "structure">;

/** Databases of this isolate that no test has. */
const free: Kept[] = [];

/** A database that no other test uses, migrated and empty; its disposal empties it for the next test. */
export async function borrowDatabase(): Promise<BorrowedDatabase> {
  const server = await postgres();
  const kept = free.pop() ?? await makeOne(server);
  return {
    ...kept,
    async [Symbol.asyncDispose]() {
      if (server.isOurs && await isEmptied(kept)) free.push(await withOpenConnection(kept));
      else await kept[Symbol.asyncDispose]();
    },
  };
}

/** A database with a connection beside its store's, which goes away with its disposal. */
export function withSql(database: TestDatabase): TestDatabase & { readonly sql: Sql } {
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

async function makeOne(server: PostgresServer): Promise<Kept> {
  const database = withSql(await makeMigrated(server));
  const connection = connect(database);
  return {
    ...database,
    connection,
    structure: (await read(database.sql)).structure,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** On a server of ours, a copy of one that has been migrated; on somebody else's nothing stays, so each is migrated. */
async function makeMigrated(server: PostgresServer): Promise<TestDatabase> {
  if (!server.isOurs) return await migrated(await server.createDatabase());
  await withLock("template", async () => {
    if (!await server.hasDatabase(TEMPLATE)) await migrated(await server.createDatabase({ name: TEMPLATE }));
  });
  return await server.createDatabase({ template: TEMPLATE });
}

async function migrated(database: TestDatabase): Promise<TestDatabase> {
  await (await openPostgres(database.url, { migrations })).close();
  return database;
}

function connect({ url }: TestDatabase): Connection {
  const own = new URL(url);
  own.searchParams.set("application_name", KEPT);
  return new Connection({ url: own.href, max: poolSize(url) });
}

/** The same database, with new connections if the test has closed those that it got. */
async function withOpenConnection(kept: Kept): Promise<Kept> {
  const isOpen = await kept.connection.all("SELECT").then(() => true, () => false);
  return isOpen ? kept : { ...kept, connection: connect(kept) };
}

/** Ends what others hold open in a database, and empties it. False, nothing done: it is not fit for another test. */
async function isEmptied({ structure, sql }: Kept): Promise<boolean> {
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
