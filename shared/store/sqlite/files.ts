/**
 * The three files of an open database: the one a URL names, and the `-wal` and `-shm` that SQLite keeps beside it. What was
 * committed last is in the `-wal` alone, and processes find each other's locks in the `-shm`; so all three count.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import type { Invalid, StoreUnavailable } from "../../domain/errors.ts";
import { unavailable, unusable } from "../refusals.ts";

/** Owner alone: jobs, their environment and their output are nobody else's. */
const PRIVATE = 0o600;
const GROUP_MAY_WRITE = 0o020;

/** Where SQLite keeps the `-wal` and the `-shm` of the database at `path`: beside the file itself, not beside a link to it. */
export function companionsOf(path: string): { readonly wal: string; readonly shm: string } {
  let real = path;
  try {
    real = Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return { wal: `${real}-wal`, shm: `${real}-shm` };
}

/** What `path` names; null when there is nothing. */
export function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** This user may not write to the database at `path`, or not to its directory. */
export function notWritable(path: string, cause: unknown): Invalid {
  const problem = "it cannot be made or written to; the service needs to write to it and to its directory";
  return notOurs(path, { problem, cause });
}

/** What is right of a database that a service may use. */
const RIGHT =
  "the user of the service owns all of them, with mode 0600 of files and 0700 of the directory, or its group " +
  "may write to all of them, with 0660 and 0770";

/** A `problem` of the database at `path` with whose its files and its directory are, with which modes, and what would be right. */
export function notOurs(
  path: string,
  { problem, cause }: { readonly problem: string; readonly cause: unknown },
): Invalid {
  const { wal, shm } = companionsOf(path);
  const found = [path, wal, shm, dirname(path)].flatMap((file) => ownershipOf(file) ?? []);
  const seen = found.length === 0 ? "" : `. Found: ${found.join("; ")}. Right: ${RIGHT}`;
  return unusable(path, `${problem}${seen}`, { cause });
}

/** The mode and owner of a file as numbers: their names stand in files that a service may not read. Null: nothing is known. */
function ownershipOf(file: string): string | null {
  try {
    const { mode, uid, gid } = Deno.statSync(file);
    if (mode === null || uid === null) return null;
    return `${file} has mode 0${(mode & 0o7777).toString(8).padStart(3, "0")}, user ${uid}, group ${gid}`;
  } catch {
    // Files that are missing or may not be seen are left out: the refusal itself matters.
    return null;
  }
}

/** Makes an empty file that only its owner may read. SQLite gives its companions the same mode, whatever the umask. */
export function makePrivateFile(path: string): void {
  Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE }).close();
}

/**
 * Takes the permissions on a database from all but its owner; where its group may write to it, somebody shares it on purpose,
 * and only others lose theirs. A file of another user is left to that user's processes.
 */
export function keepPrivate(path: string): void {
  if (Deno.build.os === "windows") return;
  const { wal, shm } = companionsOf(path);
  for (const file of [path, wal, shm]) {
    const mode = statOf(file)?.mode ?? 0;
    const kept = mode & (mode & GROUP_MAY_WRITE ? 0o770 : 0o700);
    if (kept === (mode & 0o777)) continue;
    try {
      Deno.chmodSync(file, kept);
    } catch (error) {
      const isAnothers = error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotFound;
      if (!isAnothers) throw error;
    }
  }
}

/** What has to be done about a companion that is gone. */
const COMPANION_GONE = "has been deleted, moved or replaced; put it back, or stop all services with SIGTERM: " +
  "the last to end writes what it still holds into the database";

/** A file as it was opened. */
interface OpenFile {
  readonly path: string;
  readonly opened: Deno.FileInfo;
  /** What has happened when nothing is at its path, and when something else is. */
  readonly gone: string;
  readonly replaced: string;
}

/** The files as they were opened. */
export class OpenFiles {
  readonly #path: string;
  readonly #files: readonly OpenFile[];
  readonly #wal: OpenFile;

  /** `path` is open and has been read from, so all three are there. */
  constructor(path: string) {
    this.#path = path;
    const { wal, shm } = companionsOf(path);
    const companion = (file: string): OpenFile => {
      const gone = `its ${basename(file)} ${COMPANION_GONE}`;
      return { path: file, opened: Deno.statSync(file), gone, replaced: gone };
    };
    const file = {
      path,
      opened: Deno.statSync(path),
      gone: "the file has been deleted or moved; put it back",
      replaced: "the file has been replaced by another; restart to use it",
    };
    this.#wal = companion(wal);
    this.#files = [file, companion(shm)];
  }

  /**
   * Looks whether the three names still stand for the files opened, and answers the size of the `-wal`. Takes about 15 µs.
   *
   * @throws {StoreUnavailable} when one of them is gone or another: what was written now would be lost.
   */
  walSize(): number {
    for (const file of this.#files) this.#assertSame(file);
    return this.#assertSame(this.#wal).size;
  }

  #assertSame({ path, opened, gone, replaced }: OpenFile): Deno.FileInfo {
    let now: Deno.FileInfo;
    try {
      now = Deno.statSync(path);
    } catch (error) {
      throw this.#unavailable(gone, error);
    }
    if (now.ino !== opened.ino || now.dev !== opened.dev) throw this.#unavailable(replaced);
    return now;
  }

  #unavailable(reason: string, cause?: unknown): StoreUnavailable {
    return unavailable(this.#path, reason, cause);
  }
}
