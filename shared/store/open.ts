import { parseDatabaseUrl } from "../config/database_url.ts";
import { StoreUnavailable } from "../domain/errors.ts";
import { backoff } from "../time/backoff.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import type { Migrations, OnMade } from "./migration.ts";
import type { Store } from "./store.ts";

/** What {@linkcode openStore} needs beside the URL. */
export interface OpenOptions {
  /** The schema, as `shared/migrations` has it. */
  readonly migrations: Migrations;
  /** For the waiting that the store itself does. Default: the machine's clock. */
  readonly clock?: Clock;
  /** How often to presume a change while the database cannot tell of any. Default 2,000 ms. */
  readonly pollMs?: number;
  /**
   * Called with the path of the file when there was no database and one was made. Absent: a path without a database is refused,
   * so that a mistyped one is seen.
   */
  readonly onMade?: OnMade;
}

/**
 * Opens the database `url` names and brings its schema up to date first if need be. Loads the code for that kind of database only, so
 * that a process on SQLite does not spend a fifth of its start on the driver of PostgreSQL.
 *
 * @throws {Invalid} when the URL is of no known kind, or what it names is not ours to use: not there, not a database, of a
 * newer version, of the Reflex system, not writable, beside a `-wal` of another. Nothing has been touched then.
 * @throws {StoreUnavailable} when it does not answer.
 */
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  const target = parseDatabaseUrl(url);
  if (target.kind === "sqlite") {
    const { openSqlite } = await import("./sqlite/mod.ts");
    return await openSqlite(target.path, options);
  }
  const { openPostgres } = await import("./postgres/mod.ts");
  return await openPostgres(target.url, options);
}

/**
 * Opens the database `url` names, for a service; a server that is on its way up, like the service itself, is waited for, and
 * `onWait` is told why, once. Null: `signal` aborted before it came. A file is there or is not, so what is wrong with one is
 * thrown at once, as {@linkcode openStore} does.
 */
export async function openStorePatiently(
  url: string,
  { signal, onWait, ...options }: OpenOptions & {
    readonly signal: AbortSignal;
    readonly onWait: (reason: string) => void;
  },
): Promise<Store | null> {
  const { clock = systemClock } = options;
  for (let failures = 0; !signal.aborted;) {
    try {
      return await openStore(url, options);
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || parseDatabaseUrl(url).kind === "sqlite") throw error;
      if (failures === 0) onWait(error.message);
      failures += 1;
      await clock.sleep(backoff(failures), signal);
    }
  }
  return null;
}
