import { z } from "zod";
import { assertNotNewer, type Migration } from "../migration.ts";
import { unusable } from "../refusals.ts";
import type { Connection, Session } from "./connection.ts";
import { sqlState } from "./errors.ts";

const names = z.array(z.object({ name: z.string() }));
const version = z.tuple([z.object({ version: z.string().transform(Number) })]);

/** The oldest major version whose statements we use. */
const OLDEST = 14;

/** How long a step may take: an index of a large table, or waiting for who builds it, takes as long as it takes. */
const MOST_MS = 86_400_000;

/** SQLSTATE of a statement that the role may not run. */
const INSUFFICIENT_PRIVILEGE = "42501";

/** Tables whose names are ours; a database that has one and no list of our steps is another program's. */
const OUR_TABLES = ["scheduled_jobs", "job_dispatch", "job_execution_logs", "worker_registration"];

/**
 * Brings the schema up to date. Safe when many processes do it at the same time: one does, the others wait for it.
 *
 * @throws {Invalid} when the server is too old, or the database is not ours to use; nothing has been touched then.
 */
export async function migrate(db: Connection, migrations: readonly Migration[]): Promise<void> {
  const [server] = version.parse(await db.all("SELECT current_setting('server_version_num') AS version"));
  if (server.version < OLDEST * 10_000) {
    throw unusable(db.where, `it runs PostgreSQL ${Math.floor(server.version / 10_000)}; ${OLDEST} or newer is needed`);
  }
  if (pending(await inspect(db, db, migrations), migrations).length === 0) return;
  await permitted(db, async (tx) => {
    await tx.all("SELECT pg_advisory_xact_lock(hashtext('jobtrigger'), hashtext('migrate'))");
    // Looked at again: another process may have migrated before the lock was taken.
    for (const { name, sql } of pending(await inspect(db, tx, migrations), migrations)) {
      await tx.all(sql);
      await tx.all({
        name: "",
        text: "INSERT INTO schema_migrations (name, applied_at) VALUES ($1, clock_timestamp())",
      }, [name]);
    }
  });
  // Plans are made for the tables as they are, not for what the planner presumes of tables it has not looked at.
  await db.transaction(async (tx) => void await tx.all("ANALYZE"), { queryMs: MOST_MS });
}

/** Runs `work` as one transaction. @throws {Invalid} when this role may not do what it does. */
async function permitted(db: Connection, work: (tx: Session) => Promise<void>): Promise<void> {
  try {
    await db.transaction(work, { queryMs: MOST_MS });
  } catch (error) {
    if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw unusable(
      db.where,
      "its schema is not up to date, and this role may not change it; run migrate as the role that owns the database",
    );
  }
}

/** The steps that the database has; none: it is empty. @throws {Invalid} when it is not ours to use. */
export async function inspect(
  db: Connection,
  session: Session,
  migrations: readonly Migration[],
): Promise<ReadonlySet<string>> {
  const tables = namesOf(
    await session.all(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')",
    ),
  );
  const isOurs = tables.has("schema_migrations") && !tables.has("alembic_version") &&
    (await session.all(
        "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('schema_migrations') AND attname = 'applied_at'",
      )).length > 0;
  const taken = OUR_TABLES.find((name) => tables.has(name));
  // With or without the list of its own steps: the oldest ones had none.
  if (!isOurs && tables.has("scheduled_jobs")) {
    throw unusable(
      db.where,
      "it is a database of the Reflex system, which stays as it is; give the new system another database, " +
        'for example DATABASE_URL=postgresql:///jobs, then take its jobs over with "jobctl import reflex --from URL"',
    );
  }
  if (!isOurs && (taken !== undefined || tables.has("schema_migrations"))) {
    throw unusable(
      db.where,
      `it has a table ${taken ?? "schema_migrations"} of another program; give this one its own database`,
    );
  }
  if (!isOurs) return new Set();
  const applied = namesOf(await session.all("SELECT name FROM schema_migrations"));
  assertNotNewer(db.where, applied, migrations);
  return applied;
}

function namesOf(rows: readonly unknown[]): ReadonlySet<string> {
  return new Set(names.parse(rows).map(({ name }) => name));
}

function pending(applied: ReadonlySet<string>, migrations: readonly Migration[]): readonly Migration[] {
  return migrations.filter(({ name }) => !applied.has(name));
}
