/**
 * Looks at what a path names before anything is written there. Whatever is not ours to use is refused as it is found: the
 * file is opened for reading only, and closed again.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { basename, dirname } from "node:path";
import { z } from "zod";
import { Invalid } from "../../domain/errors.ts";
import { assertNotNewer, type Migration } from "../migration.ts";
import { unusable } from "../refusals.ts";
import { isBusy, isNotWritable } from "./errors.ts";
import { companionsOf, notOurs, notWritable, statOf } from "./files.ts";
import { walFits } from "./mark.ts";

const names = z.array(z.object({ name: z.string() }));

/** Tables of the system this one succeeds, whose names are ours as well. */
const REFLEX_TABLE = "scheduled_jobs";

/**
 * Checks that `path` is a database of this program, or can become one, and answers which.
 *
 * @throws {Invalid} naming DATABASE_URL, what was found and what would be right.
 * @throws the error of SQLite when another process holds the file.
 */
export function inspectPath(path: string, migrations: readonly Migration[]): "filled" | "empty" | "missing" {
  const file = found(path);
  const { wal } = companionsOf(path);
  if (file === null) inspectDirectory(path);
  else if (file.isDirectory) throw unusable(path, "it is a directory; name a file in it");
  else if (!file.isFile) throw unusable(path, "it is not a regular file");
  // A file of no bytes is an empty database to SQLite.
  if (file === null || file.size === 0) {
    if ((found(wal)?.size ?? 0) > 0) {
      throw unusable(
        path,
        `${file === null ? "there is no such file" : "it is empty"}, but ${
          basename(wal)
        } beside it holds data: put the ` +
          "database it belongs to back, or move it away",
      );
    }
    return file === null ? "missing" : "empty";
  }
  const lost = lostWal(path);
  if (lost !== null) throw unusable(path, lost);
  if (!walFits(path)) {
    throw unusable(
      path,
      `${basename(wal)} beside it was not written on this file: was an older copy put here? ` +
        `To use this file as it is, move ${basename(wal)} away; else put the file back that the -wal belongs to`,
    );
  }
  return inspectFile(path, migrations).size === 0 ? "empty" : "filled";
}

/**
 * What to do where processes may still write to a `-wal` that has no name any more; null: there is none. SQLite makes the `-wal`
 * before the `-shm` and deletes it after, so a `-shm` that is there before and after has lost its `-wal` otherwise.
 */
export function lostWal(path: string): string | null {
  const { wal, shm } = companionsOf(path);
  const before = found(shm);
  if (before === null || found(wal) !== null || found(shm)?.ino !== before.ino) return null;
  const name = basename(shm);
  return `${basename(wal)} has been deleted or moved, but ${name} is there: stop all services with SIGTERM, the last ` +
    `to end writes what it still holds into the database; if none runs, delete ${name}`;
}

function inspectDirectory(path: string): void {
  const directory = found(dirname(path));
  if (directory === null) throw unusable(path, `its directory ${dirname(path)} does not exist; make it first`);
  if (!directory.isDirectory) throw unusable(path, `${dirname(path)} is not a directory`);
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
    throw unusable(
      path,
      "it is a database of the Reflex system, which stays as it is; " +
        "give the new system another file, for example DATABASE_URL=sqlite:///jobs.db, " +
        'then take its jobs over with "jobctl import reflex --from sqlite:///FILE"',
    );
  }
  if (!isOurs) {
    throw unusable(
      path,
      `it holds tables of another program (${[...tables].slice(0, 3).join(", ")}); name another file`,
    );
  }
  const applied = namesOf(db, "SELECT name FROM schema_migrations");
  assertNotNewer(path, applied, migrations);
  return applied;
}

function inspectFile(path: string, migrations: readonly Migration[]): ReadonlySet<string> {
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path, { readOnly: true });
  } catch (error) {
    throw notOurs(path, { problem: "it cannot be read", cause: error });
  }
  try {
    return inspectTables(db, path, migrations);
  } catch (error) {
    if (error instanceof Invalid || isBusy(error)) throw error;
    // SQLite needs the two companions also to read, and opens or makes them now.
    if (isNotWritable(error)) throw notWritable(path, error);
    throw unusable(path, "it is not a SQLite database, or it is damaged; name another file", { cause: error });
  } finally {
    db.close();
  }
}

function found(path: string): Deno.FileInfo | null {
  try {
    return statOf(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotADirectory) {
      throw unusable(path, "one of its directories is a file", { cause: error });
    }
    throw unusable(path, "it cannot be read", { cause: error });
  }
}

function namesOf(db: DatabaseSync, sql: string): ReadonlySet<string> {
  return new Set(names.parse(db.prepare(sql).all()).map(({ name }) => name));
}
