/**
 * Files that appear at their path whole and on the disk, or not at all.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { statOf } from "./sqlite/files.ts";

/** The files that SQLite may leave beside one that was not finished. */
const LEFT_OVERS = ["", "-journal", "-wal", "-shm"];

/**
 * Runs `work` with the path of a file for it alone, beside `path`. The file and what SQLite puts beside it are deleted afterwards,
 * unless {@linkcode publish} gave it another name.
 */
export async function withPart<Result>(path: string, work: (part: string) => Promise<Result>): Promise<Result> {
  const part = `${dirname(path)}/.${basename(path)}.${crypto.randomUUID()}.part`;
  try {
    return await work(part);
  } finally {
    for (const suffix of LEFT_OVERS) remove(`${part}${suffix}`);
  }
}

/**
 * Gives the finished file `part` the name `to`, once it is on the disk.
 * @throws {Deno.errors.AlreadyExists} when there is a file of that name; it is left as it is.
 */
export function publish(part: string, to: string): void {
  sync(part);
  link(part, to);
  if (Deno.build.os !== "windows") sync(dirname(to));
}

/** A link, because it fails where a file is, and renaming would replace that. */
function link(part: string, to: string): void {
  try {
    Deno.linkSync(part, to);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw error;
    // Not every file system has links.
    if (statOf(to) !== null) throw new Deno.errors.AlreadyExists(to);
    Deno.renameSync(part, to);
  }
}

function sync(path: string): void {
  using file = Deno.openSync(path);
  file.syncSync();
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
