import { parseDatabaseUrl } from "@jobtrigger/shared/config";

/** Hexadecimal digits of an installation's name: enough that no two on a machine are ever the same. */
const DIGITS = 16;

/**
 * A name for all that works on one database: the same for each process of a machine that names it in the same way. Says
 * nothing of the database to who reads it.
 */
export async function installationOf(databaseUrl: string): Promise<string> {
  const bytes = new TextEncoder().encode(await placeOf(databaseUrl));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex().slice(0, DIGITS);
}

/** Where the database is, without who asks: an absolute path without links, or host, port and name. */
async function placeOf(databaseUrl: string): Promise<string> {
  const target = parseDatabaseUrl(databaseUrl);
  if (target.kind === "sqlite") return await Deno.realPath(target.path);
  const { host, pathname } = new URL(target.url);
  return `${host}${pathname}`;
}
