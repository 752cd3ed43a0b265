/**
 * The files that this process has open in SQLite. POSIX takes every lock of a process on a file away when the process closes any
 * descriptor of it (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_), so nobody
 * may open and close such a file beside SQLite.
 *
 * @module
 */
import { statOf } from "./files.ts";

const counts = new Map<string, number>();

/** Says that SQLite is about to open the file at `path`, which is there. Answers what to call, once, when SQLite has closed it. */
export function hold(path: string): () => void {
  const file = identityOf(path);
  if (file === null) return () => {};
  counts.set(file, (counts.get(file) ?? 0) + 1);
  return () => {
    const left = (counts.get(file) ?? 1) - 1;
    if (left > 0) counts.set(file, left);
    else counts.delete(file);
  };
}

/** Whether this process has the file at `path` open, by this name or another. */
export function isHeld(path: string): boolean {
  const file = identityOf(path);
  return file !== null && counts.has(file);
}

function identityOf(path: string): string | null {
  const file = statOf(path);
  return file === null ? null : `${file.dev}:${file.ino}`;
}
