import type { DirectoryFacts } from "../domain/mod.ts";
import { fileInfo, isUnreachable } from "./_inside.ts";
import { findWriter } from "./_modes.ts";

/** Looks whether scripts in some directories can be run: whether each is there, can be read, and nobody else may write to it. */
export function inspectDirectories(paths: readonly string[]): Promise<readonly DirectoryFacts[]> {
  return Promise.all(paths.map(async (path) => ({ path, problem: await problemOf(path) })));
}

async function problemOf(path: string): Promise<string | null> {
  const info = await fileInfo(path);
  if (info === null) return "it is not there, or may not be looked into";
  if (!info.isDirectory) return "it is no directory";
  try {
    for await (const _ of Deno.readDir(path)) break;
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return "it may not be read";
  }
  return await findWriter(path);
}
