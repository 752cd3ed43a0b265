import { parseDatabaseUrl } from "@jobtrigger/shared/config";

/** Hexadecimal digits of an installation's name: enough that no two on a machine are ever the same. */
const DIGITS = 16;

/**
 * A name for all processes that work on one database: equal where they name the database in the same way. It reveals
 * nothing about the database.
 */
export async function installationOf(databaseUrl: string): Promise<string> {
  const bytes = new TextEncoder().encode(await placeOf(databaseUrl));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex().slice(0, DIGITS);
}

/** The location of the database without credentials: an absolute path without links, or host, port and name. */
async function placeOf(databaseUrl: string): Promise<string> {
  const target = parseDatabaseUrl(databaseUrl);
  if (target.kind === "sqlite") return await Deno.realPath(target.path);
  const { host, pathname } = new URL(target.url);
  return `${host}${pathname}`;
}
