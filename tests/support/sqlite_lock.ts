import { DatabaseSync } from "node:sqlite";

/** How long to wait for writers that are at work, in milliseconds. */
const WAIT_MS = 30_000;

/** Takes the write lock of the SQLite database at `path` and keeps it until its disposal, as another process would. */
export function lockSqlite(path: string): Disposable {
  const holder = new DatabaseSync(path, { timeout: WAIT_MS });
  holder.exec("BEGIN IMMEDIATE");
  return {
    [Symbol.dispose]() {
      holder.exec("ROLLBACK");
      holder.close();
    },
  };
}
