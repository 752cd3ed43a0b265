import { join } from "node:path";
import { fileInfo, isInside, isUnreachable, realPath } from "./_inside.ts";
import { isRunnable } from "./_kinds.ts";

/** A script somebody can choose. */
export interface ScriptFile {
  /** Relative to its directory, with `/`: what a job stores. */
  readonly path: string;
  /** The script directory it is in, as it was given. */
  readonly directory: string;
  /** In bytes. */
  readonly size: number;
}

/** Most scripts listed. A directory with more than this is not a directory of scripts. */
const MAX_FILES = 5_000;

/** Deepest folder looked into; a script directory itself is 1. */
const MAX_DEPTH = 8;

/** Most entries visited, runnable or not, so that a directory of a million data files is not read to its end. */
const MAX_ENTRIES = 50_000;

/**
 * The scripts that can be run, sorted by path: files with a known extension or executable, not hidden. Linked files count
 * when they lie inside the directory they are linked from; linked folders are not entered. Where two directories have the same
 * path, only the first is listed, since {@linkcode resolveScript} takes that one. A directory that does not exist has no
 * scripts. At most 5,000 files, eight folders deep.
 */
export async function listScripts(directories: readonly string[]): Promise<readonly ScriptFile[]> {
  const found = new Map<string, ScriptFile>();
  for (const directory of directories) {
    const root = await realPath(directory);
    if (root === null) continue;
    for await (const script of walk(root, directory)) {
      if (found.size >= MAX_FILES) break;
      if (!found.has(script.path)) found.set(script.path, script);
    }
  }
  return [...found.values()].sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}

/** Folder by folder, nearest first, so that a cut leaves out the deepest. */
async function* walk(root: string, directory: string): AsyncGenerator<ScriptFile> {
  const folders: { readonly path: string; readonly depth: number }[] = [{ path: "", depth: 1 }];
  let entries = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const entry of await sortedEntries(join(root, folder.path))) {
      if (++entries > MAX_ENTRIES) return;
      const path = folder.path === "" ? entry.name : `${folder.path}/${entry.name}`;
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory) {
        if (folder.depth < MAX_DEPTH) folders.push({ path, depth: folder.depth + 1 });
        continue;
      }
      const file = await fileInside(root, path, entry.isSymlink);
      if (file !== null && isRunnable(entry.name, file.mode)) yield { path, directory, size: file.size };
    }
  }
}

async function fileInside(root: string, path: string, isLink: boolean): Promise<Deno.FileInfo | null> {
  if (isLink) {
    const real = await realPath(join(root, path));
    if (real === null || !isInside(root, real)) return null;
  }
  const info = await fileInfo(join(root, path));
  return info?.isFile ? info : null;
}

async function sortedEntries(folder: string): Promise<readonly Deno.DirEntry[]> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      entries.push(entry);
      if (entries.length > MAX_ENTRIES) break;
    }
  } catch (error) {
    if (!isUnreachable(error)) throw error;
  }
  return entries.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
