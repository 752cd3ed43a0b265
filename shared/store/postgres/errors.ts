// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { StoreUnavailable } from "../../domain/errors.ts";
import { unavailable } from "../refusals.ts";

/**
 * SQLSTATEs, or their classes of two characters, that say the database cannot answer now and may answer later
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html): connections (08), access (28, 3D000: settings of the server
 * that people change while we run), a server that became read-only (25006), transactions that it ended (25P03, 25P04),
 * conflicts (40), resources (53), locks (55P03), administration and cancelled statements (57), its own files (58).
 */
const UNAVAILABLE = ["08", "28", "3D000", "25006", "25P03", "25P04", "40", "53", "55P03", "57", "58"];

/** The SQLSTATE of a row that a unique index refused. */
export const UNIQUE_VIOLATION = "23505";

/** The SQLSTATE of an error that PostgreSQL raised; null for any other error. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? error.code ?? null : null;
}

/** Whether `error` says that a unique index refused a row. */
export function violatesUnique(error: unknown, index: string): boolean {
  return error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION && error.constraint === index;
}

/**
 * `error` as callers know it: {@linkcode StoreUnavailable} where the database or the way to it is at fault, else itself.
 * An error of the driver that did not come from the server is one of the connection: it has no code of its own.
 */
export function translate(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreUnavailable) return error;
  const state = sqlState(error);
  if (error instanceof pg.DatabaseError && !UNAVAILABLE.some((code) => state?.startsWith(code))) return error;
  return unavailable(where, reasonOf(error), error);
}

function reasonOf(error: Error): string {
  if (sqlState(error) === "25006") return "it is read-only now";
  // Where a host name has several addresses, the errors of all are in one without a message.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return first instanceof Error && first.message !== "" ? first.message : String(error);
}
