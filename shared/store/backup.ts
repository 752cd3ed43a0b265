/**
 * Backups: all that a database holds at one moment, in one SQLite file, while services go on.
 *
 * @module
 */
import { dirname } from "node:path";
import { parseDatabaseUrl } from "../config/database_url.ts";
import { Invalid } from "../domain/errors.ts";
import { copyDatabase, CopyFailed, type CopyOptions } from "./copy/mod.ts";
import type { Migrations } from "./migration.ts";
import { backUpSqlite, leaveWal } from "./sqlite/backup.ts";
import { statOf } from "./sqlite/files.ts";
import { publish, withPart } from "./whole_file.ts";

/** Options of {@linkcode backupDatabase}. */
export interface BackupOptions {
  /** The database, in all forms that `openStore` takes. */
  readonly url: string;
  /** Path of the file to make. */
  readonly to: string;
  /** The schema, as `shared/migrations` has it. */
  readonly migrations: Migrations;
  /** Told how far it is, where the database is a PostgreSQL. */
  readonly onProgress?: CopyOptions["onProgress"];
}

/**
 * Writes a backup to the file `to`, which only its owner may read. It appears there when it is whole and on the disk, or not at
 * all; a file that is there already is left as it is. Answers its size in bytes.
 *
 * @throws {Invalid} with the field `to` when the file is there or cannot be made; with `DATABASE_URL` when the database cannot
 * be read. @throws {CopyFailed} when a copy of PostgreSQL differs from it. @throws {StoreUnavailable}
 */
export async function backupDatabase({ url, to, migrations, onProgress }: BackupOptions): Promise<number> {
  const source = parseDatabaseUrl(url);
  assertFree(to);
  return await withPart(to, async (part) => {
    if (source.kind === "sqlite") await backUpSqlite(part, { path: source.path, migrations: migrations.sqlite });
    else await copyToFile(part, { url, migrations, onProgress });
    try {
      publish(part, to);
    } catch (error) {
      throw error instanceof Deno.errors.AlreadyExists ? taken(to) : error;
    }
    return Deno.statSync(to).size;
  });
}

/** Services may run on the source: what they write after the copy has begun is not in it, as in any backup. */
async function copyToFile(
  path: string,
  { url, migrations, onProgress }: Omit<BackupOptions, "to" | "onProgress"> & {
    readonly onProgress: CopyOptions["onProgress"] | undefined;
  },
): Promise<void> {
  const to = `sqlite:///${encodeURIComponent(path)}`;
  try {
    const { isDone } = await copyDatabase({
      from: url,
      to,
      migrations,
      force: true,
      ...onProgress !== undefined && { onProgress },
    });
    if (!isDone) throw new CopyFailed("The backup differs from the database; it was not kept");
    leaveWal(path).close();
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(
      error.problems.map((problem) => ({ ...problem, field: problem.field === "to" ? "to" : "DATABASE_URL" })),
    );
  }
}

function assertFree(to: string): void {
  if (to.trim() === "") {
    throw new Invalid([{ field: "to", message: "found nothing, expected the path of a file to make" }]);
  }
  if (statOf(dirname(to))?.isDirectory !== true) throw unfit(to, `there is no directory ${dirname(to)}; make it first`);
  if (statOf(to) !== null) throw taken(to);
}

function taken(to: string): Invalid {
  return unfit(to, "it is there already, and backups replace nothing; name a new file");
}

function unfit(to: string, reason: string): Invalid {
  return new Invalid([{ field: "to", message: `cannot write ${to}: ${reason}` }]);
}
