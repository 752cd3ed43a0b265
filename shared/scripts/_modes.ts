/**
 * Who else may change a script or replace it: everybody who may write to the file, or to a directory on the way to it.
 *
 * Users who are neither the owner nor in the group must not: they may not write to the file, nor to any directory from it up to its
 * script directory. Above that, up to the root, a directory with the sticky bit is allowed, as /tmp has it: there, nobody renames
 * files of another user. A group may write, because teams share scripts so; a warning names a group that is not this process's own.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileInfo, realPath } from "./_inside.ts";

const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;
const STICKY = 0o1000;

/** What the modes of a script and its directories mean: why it is refused, and what to warn about, each as a sentence's end. */
export interface WriteCheck {
  readonly refused: string | null;
  readonly warnings: readonly string[];
}

/**
 * Checks a script and the directories above it, on each path that leads to it. `isScriptDirectory` recognises a script directory
 * and those below; `ownGroup` is this process's group, null where it is unknown. Nothing is refused where files have no modes
 * (Windows), nor because of a directory that this process may not read.
 */
export async function checkWriters(
  file: string,
  { ways, isScriptDirectory, ownGroup }: {
    /** Paths by which the file is reached: its own, and those with links in them. */
    readonly ways: readonly string[];
    readonly isScriptDirectory: (directory: string) => boolean;
    readonly ownGroup: number | null;
  },
): Promise<WriteCheck> {
  const paths = [file, ...new Set(ways.flatMap(directoriesAbove))];
  const infos = await Promise.all(paths.map(async (path) => ({ path, info: await fileInfo(path) })));
  const warnings: string[] = [];
  for (const { path, info } of infos) {
    const mode = info?.mode ?? null;
    if (info === null || mode === null) continue;
    const isSafeForOthers = (mode & STICKY) !== 0 && path !== file && !isScriptDirectory(path);
    if ((mode & OTHERS_WRITE) !== 0 && !isSafeForOthers) {
      return { refused: `anybody may write to ${path}, whose mode is ${octal(mode)}: chmod o-w ${path}`, warnings: [] };
    }
    if ((mode & GROUP_WRITES) !== 0 && !isSafeForOthers && isAnotherGroup(info.gid, ownGroup)) {
      warnings.push(`group ${info.gid} may write to ${path}, whose mode is ${octal(mode)}`);
    }
  }
  return { refused: null, warnings };
}

/**
 * Who else may write to a directory of programs, or put another in its place, as a sentence; null when nobody else may.
 */
export async function findWriter(directory: string): Promise<string | null> {
  const real = await realPath(directory);
  const { refused } = await checkWriters(directory, {
    ways: real === null ? [directory] : [directory, join(real, "program")],
    isScriptDirectory: (way) => way === real,
    ownGroup: null,
  });
  return refused;
}

/** The directories above `path`, the nearest first, the root last. */
function directoriesAbove(path: string): string[] {
  const directories: string[] = [];
  for (let at = path; at !== dirname(at); at = dirname(at)) directories.push(dirname(at));
  return directories;
}

/** Root's group counts as this process's own: its members may do anything already. */
function isAnotherGroup(group: number | null, own: number | null): boolean {
  return own !== null && group !== null && group !== 0 && group !== own;
}

/** A mode as chmod(1) takes it. */
export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}
