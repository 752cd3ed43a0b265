import { unavailable } from "../refusals.ts";

/** SQLite's primary result codes (https://sqlite.org/rescode.html) that say the database cannot be used now. */
const UNAVAILABLE: ReadonlyMap<number, string> = new Map([
  [5, "it is locked by another process"],
  [6, "it is locked by another connection"],
  [8, "it is read-only now"],
  [10, "reading or writing the file failed"],
  [11, "the file is damaged"],
  [13, "the disk is full"],
  [14, "the file cannot be opened"],
  [15, "its locking protocol failed"],
  [26, "the file is no database any more"],
]);

const BUSY = 5;
/** READONLY and CANTOPEN. */
const NOT_WRITABLE: readonly number[] = [8, 14];

/** The primary result code of an error that SQLite raised; null for any other error. */
export function resultCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  // The upper bits refine the primary code.
  return error.errcode & 0xff;
}

/** Whether `error` says that somebody else holds the lock that was needed. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

/** Whether `error` says that this user may not write to the file, or may not make or open its companions. */
export function isNotWritable(error: unknown): boolean {
  return NOT_WRITABLE.includes(resultCode(error) ?? 0);
}

/** `error` as callers know it: {@linkcode StoreUnavailable} where the database is at fault, else itself. */
export function translate(error: unknown, path: string): unknown {
  const reason = UNAVAILABLE.get(resultCode(error) ?? 0);
  return reason === undefined ? error : unavailable(path, reason, error);
}
