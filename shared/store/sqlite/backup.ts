import { DatabaseSync } from "node:sqlite";
import { Invalid } from "../../domain/errors.ts";
import type { Migration } from "../open.ts";
import { translate } from "./errors.ts";
import { makePrivateFile } from "./files.ts";
import { inspectPath, refusal } from "./inspect.ts";
import { nextMark } from "./mark.ts";

/** How long to wait for a lock that another process holds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Writes all that the database at `path` holds at one moment into the new file `to`, which only its owner may read. Others go on
 * reading and writing. The copy gets a mark of its own, so that no `-wal` of the original fits it.
 *
 * @throws {Invalid} when `path` is no database of ours, or `to` cannot be made. @throws {StoreUnavailable}
 */
export function vacuumInto(to: string, { path, migrations }: {
  readonly path: string;
  readonly migrations: readonly Migration[];
}): void {
  if (inspectPath(path, migrations) !== "filled") throw refusal(path, "there is no database to back up");
  try {
    makePrivateFile(to);
  } catch (error) {
    const problem = { field: "to", message: `cannot write there: ${error instanceof Error ? error.message : error}` };
    throw new Invalid([problem]);
  }
  try {
    withDatabase(path, { readOnly: true }, (db) => void db.prepare("VACUUM INTO ?").run(to));
    withDatabase(to, {}, (db) => db.exec(`PRAGMA user_version = ${nextMark(0)}`));
  } catch (error) {
    throw translate(error, path);
  }
}

function withDatabase(path: string, options: { readonly readOnly?: boolean }, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, ...options });
  try {
    work(db);
  } finally {
    db.close();
  }
}
