/**
 * Restores: a database is again what a backup holds.
 *
 * Nothing is overwritten. A file that is in the way keeps its content under another name, and a PostgreSQL must be empty. What
 * is put in place was checked before.
 *
 * @module
 */
import { parseDatabaseUrl } from "../config/database_url.ts";
import { Invalid } from "../domain/errors.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { copyDatabase, CopyFailed, type CopyOptions } from "./copy/mod.ts";
import type { Migrations } from "./migration.ts";
import { unusable } from "./refusals.ts";
import { statOf } from "./sqlite/files.ts";
import { moveAway, prepareSqlite } from "./sqlite/restore.ts";
import { publish, withPart } from "./whole_file.ts";

/** Options of {@linkcode restoreDatabase}. */
export interface RestoreOptions {
  /** The database to restore, in all forms that `openStore` takes. */
  readonly url: string;
  /** Path of the backup, which is only read. */
  readonly from: string;
  /** Whether a file that is there already may be moved away. */
  readonly isReplacing: boolean;
  /** The schema, as `shared/migrations` has it. */
  readonly migrations: Migrations;
  /** Told how far it is, where the database is a PostgreSQL. */
  readonly onProgress?: CopyOptions["onProgress"];
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** The result of a restore. */
export interface RestoreReport {
  /** Where the file is that was in the way; null: there was none. */
  readonly kept: string | null;
  /** How many runs were in progress when the backup was taken: schedulers end them once their leases have expired. */
  readonly inProgress: number;
}

/**
 * Restores the database `url` from a backup that `backupDatabase` made, of this version or an earlier one. A file appears whole,
 * or not at all; PostgreSQL is filled in one transaction.
 *
 * @throws {Invalid} with the field `from` when the backup is damaged or none; with `DATABASE_URL` when the database is in use, is a
 * file and `isReplacing` is false, or is a PostgreSQL with rows. @throws {CopyFailed} @throws {StoreUnavailable}
 */
export async function restoreDatabase(options: RestoreOptions): Promise<RestoreReport> {
  const target = parseDatabaseUrl(options.url);
  return target.kind === "sqlite" ? await restoreFile(target.path, options) : await restorePostgres(options);
}

async function restoreFile(path: string, options: RestoreOptions): Promise<RestoreReport> {
  const { clock = systemClock } = options;
  const isThere = statOf(path) !== null;
  if (isThere && !options.isReplacing) throw inTheWay(path);
  return await withPart(path, async (part) => {
    const inProgress = await prepare(part, "DATABASE_URL", options);
    const kept = isThere ? `${path}.replaced-${new Date(clock.now()).toISOString().replaceAll(/[-:]/g, "")}` : null;
    if (kept !== null) moveAway(path, kept);
    try {
      publish(part, path);
    } catch (error) {
      throw error instanceof Deno.errors.AlreadyExists ? inTheWay(path) : error;
    }
    return { kept, inProgress };
  });
}

/** By way of a file beside the backup, which is brought up to date there. */
async function restorePostgres(options: RestoreOptions): Promise<RestoreReport> {
  const { url, from, migrations, onProgress } = options;
  return await withPart(from, async (part) => {
    const inProgress = await prepare(part, "from", options);
    try {
      const file = `sqlite:///${encodeURIComponent(part)}`;
      const { isDone } = await copyDatabase({
        from: file,
        to: url,
        migrations,
        force: true,
        ...onProgress !== undefined && { onProgress },
      });
      if (!isDone) throw new CopyFailed("The restored database differs from the backup; nothing was kept in it");
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      throw new Invalid(error.problems.map((problem) => ({ ...problem, field: "DATABASE_URL" })));
    }
    return { kept: null, inProgress };
  });
}

/** `place` names what the part stands beside: the field of a problem with writing it. */
async function prepare(
  part: string,
  place: "DATABASE_URL" | "from",
  { from, migrations, clock = systemClock }: RestoreOptions,
): Promise<number> {
  try {
    return await prepareSqlite(part, { from, migrations: migrations.sqlite, clock });
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(
      error.problems.map((problem) => ({ ...problem, field: problem.field === "to" ? place : problem.field })),
    );
  }
}

function inTheWay(path: string): Invalid {
  return unusable(path, "it is there already; restore to another file, or move it aside with --replace");
}
