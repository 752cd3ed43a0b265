import { backup, DatabaseSync } from "node:sqlite";
import { dirname } from "node:path";
import { Invalid } from "../../domain/errors.ts";
import { whyNot } from "../../domain/system_error.ts";
import type { Migration } from "../migration.ts";
import { translate } from "./errors.ts";
import { makePrivateFile } from "./files.ts";
import { inspectPath } from "./inspect.ts";
import { unusable } from "../refusals.ts";
import { nextMark } from "./mark.ts";

/** How long to wait for a lock that another process holds. */
const BUSY_TIMEOUT_MS = 5_000;
/** All pages in one step: between two, others may write, and the copy would begin anew. */
const ALL_PAGES = -1;
/** The text of SQLITE_FULL. */
const FULL = "database or disk is full";

/**
 * Writes all that the database at `path` holds at one moment into the new file `to`, which only its owner may read. Others go on
 * reading and writing. The copy gets a mark of its own, so that no `-wal` of the original fits it.
 *
 * Not by `VACUUM INTO`: Deno lets a process attach databases only when it may read and write everything.
 *
 * @throws {Invalid} when `path` is no database of ours, or `to` cannot be made. @throws {StoreUnavailable}
 */
export async function backUpSqlite(to: string, { path, migrations }: {
  readonly path: string;
  readonly migrations: readonly Migration[];
}): Promise<void> {
  if (inspectPath(path, migrations) !== "filled") throw unusable(path, "there is no database to back up");
  try {
    makePrivateFile(to);
  } catch (error) {
    throw new Invalid([{ field: "to", message: `cannot write to ${dirname(to)}: ${whyNot(error)}` }]);
  }
  try {
    using source = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    await copyPages(source, to);
    using copy = leaveWal(to);
    copy.exec(`PRAGMA user_version = ${nextMark(0)}`);
  } catch (error) {
    throw translate(error, path);
  }
}

/** Opens a copy that nobody else has open, and makes it one file, for media that can only be read as well. */
export function leaveWal(path: string): DatabaseSync {
  const copy = new DatabaseSync(path);
  copy.prepare("PRAGMA journal_mode = DELETE").get();
  return copy;
}

/** Deno's errors of a backup have no code: the reason is one of SQLite's own texts, which are part of its interface. */
async function copyPages(source: DatabaseSync, to: string): Promise<void> {
  try {
    await backup(source, to, { rate: ALL_PAGES });
  } catch (error) {
    if (!(error instanceof Error) || error.message !== FULL) throw error;
    throw new Invalid([{ field: "to", message: `cannot write to ${dirname(to)}: the disk is full` }]);
  }
}
