/**
 * The permissions that a process revokes when it starts, for good.
 *
 * Only the settings say where the database and the scripts are, so `deno.json` lets a process read and write anything below
 * `/`. The process requests the few paths that it needs and revokes `/`: Deno keeps the longer paths then. (The permission
 * `true`, for everything, could only be revoked whole.) On Windows `/` is the drive that the process was started on.
 *
 * Before the database is open, a process may write the database alone; after, nothing. `tests/services/permissions_test.ts`
 * tries what is left in each process.
 *
 * @module
 */
import { type DatabaseTarget, isPostgresUrl, parseDatabaseUrl } from "../config/database_url.ts";
import { socketPath, tlsFiles } from "./postgres/url.ts";

/** The endings of the files that SQLite puts beside the database. */
const COMPANIONS = ["", "-wal", "-shm", "-journal"];

/**
 * Revokes the network, unless one of `databases` is a PostgreSQL: then all of it stays, because Deno cannot narrow it to a host
 * while the process runs.
 */
export function revokeNetwork(databases: readonly string[]): void {
  if (databases.some(isPostgresUrl)) return;
  Deno.permissions.revokeSync({ name: "net" });
}

/** Revokes writing to anything but `databases` and `others`. A text that is no database's URL names nothing. */
export function narrowWriting(databases: readonly string[], others: readonly string[] = []): void {
  keepOnly("write", [...databases.flatMap(targetOf).flatMap(filesOf), ...others]);
}

/** Revokes reading anything but `files`. */
export function narrowReading(files: readonly string[]): void {
  keepOnly("read", files.flatMap((path) => [path, ...realPaths(path)]));
}

/**
 * Revokes writing altogether, once the database is open, because SQLite goes on through the files that it has open; and reading
 * anything but the database and `read` (default: reading stays as it was). Only the socket of a PostgreSQL on this machine can still
 * be written: connecting to it again takes both.
 */
export function revokeFiles(databaseUrl: string, read?: readonly string[]): void {
  const target = parseDatabaseUrl(databaseUrl);
  const files = filesOf(target);
  if (target.kind === "sqlite") Deno.permissions.revokeSync({ name: "write" });
  if (read === undefined) return;
  keepOnly("read", [...files, ...tlsFilesOf(target), ...read.flatMap((path) => [path, ...realPaths(path)])]);
}

function keepOnly(name: "read" | "write", paths: readonly string[]): void {
  for (const path of paths) Deno.permissions.requestSync({ name, path });
  Deno.permissions.revokeSync({ name, path: "/" });
}

function targetOf(url: string): readonly DatabaseTarget[] {
  try {
    return [parseDatabaseUrl(url)];
  } catch {
    return [];
  }
}

function filesOf(target: DatabaseTarget): readonly string[] {
  if (target.kind === "sqlite") {
    // SQLite puts them beside the file, the journal of a link beside the file that it names.
    return [target.path, ...realPaths(target.path)].flatMap((path) => COMPANIONS.map((suffix) => `${path}${suffix}`));
  }
  const socket = socketPath(target.url);
  return socket === null ? [] : [socket];
}

function tlsFilesOf(target: DatabaseTarget): readonly string[] {
  return target.kind === "postgres" ? tlsFiles(target.url) : [];
}

/** Where a linked file or directory really is: Deno asks for permission by the path that it is given. */
function realPaths(path: string): readonly string[] {
  try {
    return [Deno.realPathSync(path)];
  } catch {
    // It is not there. Whoever reads it reports that.
    return [];
  }
}
