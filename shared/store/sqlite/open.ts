import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../time/clock.ts";
import type { Migration, OnMade } from "../migration.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { isBusy, isNotWritable, translate } from "./errors.ts";
import { keepPrivate, makePrivateFile, notWritable, statOf } from "./files.ts";
import { hold } from "./held.ts";
import { inspectPath, inspectTables } from "./inspect.ts";
import { unusable } from "../refusals.ts";
import { nextMark } from "./mark.ts";

/** How long to wait before asking again for a file that another process holds. */
const RETRY_MS = 5;

/** Options of {@linkcode openFile}. */
export interface Schema {
  readonly migrations: readonly Migration[];
  /** Called when there was no database and one was made. Absent: a path without one is refused. */
  readonly onMade?: OnMade | undefined;
}

/**
 * Opens the database at `options.path` and brings its schema up to date if need be. Safe when many processes do it at the same
 * time: one of them migrates, the others wait for it.
 *
 * @throws {Invalid} when the path is not ours to use; nothing has been touched then.
 * @throws {StoreUnavailable} when another process holds it for longer than the busy timeout.
 */
export async function openFile(options: ConnectionOptions, { migrations, onMade }: Schema): Promise<Connection> {
  const { path } = options;
  const found = await patiently(options, () => inspectPath(path, migrations));
  if (found !== "filled" && onMade === undefined) throw notMade(path, found);
  // Before SQLite opens it, which would make it for everybody to read.
  if (found === "missing") make(path);
  keepPrivate(path);
  const release = hold(path);
  let db: DatabaseSync | null = null;
  try {
    const opened = db = openForWriting(options);
    await patiently(options, () => configure(opened));
    const hasMigrated = await patiently(options, () => migrate(opened, { ...options, migrations }));
    assertWritable(opened);
    // From here on the connection itself waits for the lock, without blocking the process.
    const connection = new Connection(opened, options, release);
    if (hasMigrated !== null) connection.checkpoint();
    if (hasMigrated === "all") onMade?.(path);
    return connection;
  } catch (error) {
    db?.close();
    release();
    // SQLite opens lazily and makes its two companions now, so this may be about the directory.
    if (isNotWritable(error)) throw notWritable(path, error);
    throw translate(error, path);
  }
}

function notMade(path: string, found: "empty" | "missing"): Error {
  return unusable(
    path,
    `${
      found === "missing" ? "there is no such file" : "it holds no database yet"
    }; name another, or make a new database ` +
      "there with `deno task migrate` or `jobctl database migrate`",
  );
}

function make(path: string): void {
  try {
    makePrivateFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw notWritable(path, error);
    // Another process has made it meanwhile, or it is a link that leads nowhere.
    if (statOf(path) === null) throw unusable(path, "it is a link to a file that does not exist", { cause: error });
  }
}

/**
 * SQLite opens a file that may only be read all the same, and begins a transaction on it; only a statement that could write is
 * refused, also one that finds no row. Nothing is written, and a lock that another holds does not matter.
 */
function assertWritable(db: DatabaseSync): void {
  try {
    db.prepare("DELETE FROM schema_migrations WHERE name IS NULL").run();
  } catch (error) {
    if (isBusy(error)) return;
    throw error;
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

/**
 * Applies what is missing in one transaction, whose lock makes every other process that opens wait. Answers whether that was
 * all there is, or some; null: nothing.
 */
function migrate(
  db: DatabaseSync,
  { path, clock, migrations }: {
    readonly path: string;
    readonly clock: Clock;
    readonly migrations: readonly Migration[];
  },
): "all" | "some" | null {
  if (pending(inspectTables(db, path, migrations), migrations).length === 0) return null;
  db.prepare("BEGIN IMMEDIATE").run();
  try {
    // Looked at again: another process may have migrated, or made this file its own, before the lock was taken.
    const missing = pending(inspectTables(db, path, migrations), migrations);
    for (const { name, sql } of missing) {
      db.exec(sql);
      db.prepare("INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)").run(name, clock.now());
    }
    db.exec(`PRAGMA user_version = ${nextMark(Number(db.prepare("PRAGMA user_version").get()?.["user_version"]))}`);
    db.prepare("COMMIT").run();
    if (missing.length === 0) return null;
    return missing.length === migrations.length ? "all" : "some";
  } catch (error) {
    if (db.isTransaction) db.prepare("ROLLBACK").run();
    throw error;
  }
}

function pending(applied: ReadonlySet<string>, migrations: readonly Migration[]): readonly Migration[] {
  return migrations.filter(({ name }) => !applied.has(name));
}
