import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../time/clock.ts";
import type { Migration } from "../open.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { isBusy, resultCode, translate } from "./errors.ts";
import { inspectPath, inspectTables, refusal } from "./inspect.ts";

/** How long to wait before asking again for a file that another process holds. */
const RETRY_MS = 5;

/**
 * Opens the database at `options.path`, making it and bringing its schema up to date as needed. Safe when many processes do
 * it at the same time: one of them migrates, the others wait for it.
 *
 * @throws {Invalid} when the path is not ours to use; nothing has been touched then.
 * @throws {StoreUnavailable} when another process holds it for longer than the busy timeout.
 */
export async function openFile(options: ConnectionOptions, migrations: readonly Migration[]): Promise<Connection> {
  await patiently(options, () => inspectPath(options.path, migrations));
  const db = openForWriting(options);
  try {
    await patiently(options, () => configure(db));
    await patiently(options, () => migrate(db, { ...options, migrations }));
    // From here on the connection itself waits for the lock, without blocking the process.
    return new Connection(db, options);
  } catch (error) {
    db.close();
    // SQLite opens lazily and makes its two companions now: READONLY (8) and CANTOPEN (14) are about the directory.
    if (resultCode(error) === 8 || resultCode(error) === 14) throw notWritable(options.path, error);
    throw translate(error, options.path);
  }
}

/** Repeats `work` while another process holds the file, up to the busy timeout. */
async function patiently<Result>(
  { path, clock, busyTimeoutMs }: ConnectionOptions,
  work: () => Result,
): Promise<Result> {
  const deadline = clock.now() + busyTimeoutMs;
  while (true) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (clock.now() >= deadline) throw translate(error, path);
    }
    await clock.sleep(RETRY_MS);
  }
}

function openForWriting({ path }: ConnectionOptions): DatabaseSync {
  try {
    // No busy timeout inside SQLite: its wait would block the process, and whoever sleeps there is overtaken.
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw notWritable(path, error);
  }
}

function configure(db: DatabaseSync): void {
  // The first statement to touch the file; prepared rather than executed, because only then an error carries its code.
  db.prepare("PRAGMA journal_mode = WAL").get();
  db.prepare("PRAGMA synchronous = FULL").get();
  db.prepare("PRAGMA foreign_keys = ON").get();
}

/** Applies what is missing in one transaction, whose lock makes every other process that opens wait. */
function migrate(
  db: DatabaseSync,
  { path, clock, migrations }: {
    readonly path: string;
    readonly clock: Clock;
    readonly migrations: readonly Migration[];
  },
): void {
  if (pending(inspectTables(db, path, migrations), migrations).length === 0) return;
  db.prepare("BEGIN IMMEDIATE").run();
  try {
    // Looked at again: another process may have migrated, or made this file its own, before the lock was taken.
    const missing = pending(inspectTables(db, path, migrations), migrations);
    for (const { name, sql } of missing) {
      db.exec(sql);
      db.prepare("INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)").run(name, clock.now());
    }
    db.prepare("COMMIT").run();
  } catch (error) {
    if (db.isTransaction) db.prepare("ROLLBACK").run();
    throw error;
  }
}

function pending(applied: ReadonlySet<string>, migrations: readonly Migration[]): readonly Migration[] {
  return migrations.filter(({ name }) => !applied.has(name));
}

function notWritable(path: string, cause: unknown): Error {
  return refusal(path, "it cannot be made or written to; the service needs to write to it and to its directory", cause);
}
