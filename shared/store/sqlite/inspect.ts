/**
 * Looks at what a path names before anything is written there. Whatever is not ours to use is refused as it is found: the
 * file is opened for reading only, and closed again.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { dirname } from "node:path";
import { z } from "zod";
import { Invalid } from "../../domain/errors.ts";
import type { Migration } from "../open.ts";
import { isBusy } from "./errors.ts";

const names = z.array(z.object({ name: z.string() }));

/** Tables of the system this one succeeds, whose names are ours as well. */
const REFLEX_TABLE = "scheduled_jobs";

/**
 * Checks that `path` can become or is a database of this program.
 *
 * @throws {Invalid} naming DATABASE_URL, what was found and what would be right.
 * @throws the error of SQLite when another process holds the file.
 */
export function inspectPath(path: string, migrations: readonly Migration[]): void {
  const file = statOf(path);
  if (file === null) {
    const directory = statOf(dirname(path));
    if (directory === null) throw refusal(path, `its directory ${dirname(path)} does not exist; make it first`);
    if (!directory.isDirectory) throw refusal(path, `${dirname(path)} is not a directory`);
    return;
  }
  if (file.isDirectory) throw refusal(path, "it is a directory; name a file in it");
  if (!file.isFile) throw refusal(path, "it is not a regular file");
  // A file of no bytes is an empty database to SQLite.
  if (file.size > 0) inspectFile(path, migrations);
  try {
    Deno.openSync(path, { write: true }).close();
  } catch (error) {
    throw refusal(path, "it cannot be written to; the service needs to write to it and to its directory", error);
  }
}

/** Checks the tables of the open database `db`, which is at `path`, and answers the migrations it has. @throws {Invalid} */
export function inspectTables(db: DatabaseSync, path: string, migrations: readonly Migration[]): ReadonlySet<string> {
  const tables = namesOf(
    db,
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
  );
  if (tables.size === 0) return tables;
  const isOurs = tables.has("schema_migrations") && !tables.has("alembic_version") &&
    namesOf(db, "SELECT name FROM pragma_table_info('schema_migrations')").has("applied_at");
  if (!isOurs && tables.has(REFLEX_TABLE)) {
    throw refusal(
      path,
      "it is a database of the Reflex system, which stays as it is; " +
        "give the new system another file, for example DATABASE_URL=sqlite:///jobs.db",
    );
  }
  if (!isOurs) {
    throw refusal(
      path,
      `it holds tables of another program (${[...tables].slice(0, 3).join(", ")}); name another file`,
    );
  }
  const applied = namesOf(db, "SELECT name FROM schema_migrations");
  const unknown = [...applied].find((name) => !migrations.some((migration) => migration.name === name));
  if (unknown === undefined) return applied;
  throw refusal(path, `it was made by a newer version of this program (it has step ${unknown}); upgrade the program`);
}

/** The error that says why `path` cannot be the database. */
export function refusal(path: string, reason: string, cause?: unknown): Invalid {
  const error = new Invalid([{ field: "DATABASE_URL", message: `cannot use ${path}: ${reason}` }]);
  error.cause = cause;
  return error;
}

function inspectFile(path: string, migrations: readonly Migration[]): void {
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path, { readOnly: true });
  } catch (error) {
    throw refusal(path, "it cannot be read", error);
  }
  try {
    inspectTables(db, path, migrations);
  } catch (error) {
    if (error instanceof Invalid || isBusy(error)) throw error;
    throw refusal(path, "it is not a SQLite database, or it is damaged; name another file", error);
  } finally {
    db.close();
  }
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Deno.errors.NotADirectory) throw refusal(path, "one of its directories is a file", error);
    throw refusal(path, "it cannot be read", error);
  }
}

function namesOf(db: DatabaseSync, sql: string): ReadonlySet<string> {
  return new Set(names.parse(db.prepare(sql).all()).map(({ name }) => name));
}
