/**
 * The mark by which a `-wal` and the database it was written on know each other.
 *
 * SQLite replays any whole `-wal` that lies beside a file, also beside an older copy of it. So a number in the header of the
 * file, `user_version`, is changed now and then, in transactions that are made anyway: the first into an empty `-wal`, and one
 * every few seconds. Its upper half is the mark, random; its lower half is the mark before it. The header is the file's first
 * page, so each change of the mark stands in the `-wal` as that page. A `-wal` fits a file when the file's mark is one that the
 * `-wal` starts from or sets.
 *
 * A `-wal` that belongs to its file always fits, whoever wrote in it and wherever it was cut off. One that does not is taken
 * for one that does only when the mark did not change between the copy and the begin of the `-wal`, or by chance, once in
 * 65,536 times for each mark in it.
 *
 * @module
 */
import { companionsOf } from "./files.ts";
import { isHeld } from "./held.ts";
import { frames, readWalHeader, type WalHeader } from "./wal.ts";

/** Where `user_version` is on the first page (https://sqlite.org/fileformat.html#the_database_header). */
const MARK_AT = 60;
const HEADER_BYTES = 100;
/** How the file of a database begins. */
const MAGIC = new TextEncoder().encode("SQLite format 3\0");
/** How often to look again at files that others change meanwhile. */
const MOST_TRIES = 20;

/** The value of `user_version` that follows `before`. */
export function nextMark(before: number): number {
  const current = before >>> 16;
  const next = 1 + Math.floor(Math.random() * 0xffff);
  return next === current ? nextMark(before) : (next << 16) | current;
}

/**
 * Whether the `-wal` beside the database at `path`, if there is one, was written on that file. A file that this process has open was
 * judged when it was opened.
 */
export function walFits(path: string): boolean {
  if (isHeld(path)) return true;
  const { wal } = companionsOf(path);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = { mark: markOf(path), header: readWalHeader(wal) };
    if (before.mark === null || before.header === null) return true;
    if (belongs(before.mark, wal, before.header)) return true;
    // A live database may have begun its -wal anew between the two readings; one at rest is as it was.
    const isAtRest = markOf(path) === before.mark && readWalHeader(wal)?.salt === before.header.salt;
    if (isAtRest) return false;
  }
  return true;
}

/**
 * The mark in the file alone, whatever its `-wal` holds; null when it is no database. SQLite would read it from the `-wal`, and takes
 * no `immutable=1` from a process whose permissions are limited.
 */
function markOf(path: string): number | null {
  const header = new Uint8Array(HEADER_BYTES);
  try {
    using file = Deno.openSync(path);
    for (let filled = 0; filled < header.length;) {
      const read = file.readSync(header.subarray(filled));
      if (read === null) return null;
      filled += read;
    }
  } catch (error) {
    // Whoever opens it next says so.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
  if (!MAGIC.every((byte, at) => header[at] === byte)) return null;
  return new DataView(header.buffer).getUint32(MARK_AT) >>> 16;
}

function belongs(mark: number, wal: string, header: WalHeader): boolean {
  let knowsMarks = false;
  for (const { page, data } of frames(wal, header)) {
    if (page !== 1) continue;
    knowsMarks = true;
    const value = data.getUint32(MARK_AT);
    if (mark === value >>> 16 || mark === (value & 0xffff)) return true;
  }
  return !knowsMarks;
}
