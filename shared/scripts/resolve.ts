/**
 * From the path a job names to what is started. The real path, after all links, must be a regular file below the real path
 * of a script directory, so a link that leads out is refused however it came there. A hard link cannot be told from a
 * file, and gives nothing that a copy would not.
 *
 * Between this check and the start somebody who may write to the script directory can exchange the file. He could as well
 * have put a script there before: whoever may write to a script directory may run programs as the worker. The worker
 * resolves right before each start, so that this is the only way.
 *
 * @module
 */
import { basename, join } from "node:path";
import { fileInfo, isInside, realPath } from "./_inside.ts";
import { interpreterOf, isExecutable } from "./_kinds.ts";
import { nearestName } from "./_nearest.ts";
import { listScripts } from "./list.ts";
import { checkScriptPath } from "./script_path.ts";

/** A script that can be run, and how. */
export interface RunnableScript {
  readonly ok: true;
  /** Real path, absolute, links resolved. */
  readonly file: string;
  /** The script directory it is in, as it was given. */
  readonly directory: string;
  /** Program to start: an interpreter's name, looked up on the PATH, or the file itself. */
  readonly command: string;
  /** Arguments of the program up to and with the file; those of the job follow. */
  readonly args: readonly string[];
}

/** What {@linkcode resolveScript} found: how to run the script, or in a sentence why it cannot be run. */
export type ResolvedScript = RunnableScript | { readonly ok: false; readonly message: string };

/**
 * Finds `path` in the first of `directories` that has it, and says how it is run: `.py` by python3, `.sh` by bash, `.ts`,
 * `.js` and `.mjs` by Deno without permissions, on Windows `.ps1` by PowerShell and `.bat` and `.exe` by themselves; all
 * else must be executable. Where the name says how, the executable bit is not asked for.
 */
export async function resolveScript(directories: readonly string[], path: string): Promise<ResolvedScript> {
  const problem = checkScriptPath(path);
  if (problem !== null) return no(path, problem.charAt(0).toLowerCase() + problem.slice(1));

  const places: { readonly directory: string; readonly root: string }[] = [];
  for (const directory of directories) {
    const root = await realPath(directory);
    if (root !== null) places.push({ directory, root });
  }
  if (places.length === 0) return no(path, `there is no script directory: looked for ${quoted(directories)}`);

  for (const { directory, root } of places) {
    const file = await realPath(join(root, path));
    if (file === null) {
      if (await isLink(join(root, path))) {
        return no(path, "it is a link that leads nowhere, or where the worker may not look");
      }
      continue;
    }
    if (!places.some((place) => isInside(place.root, file))) {
      return no(path, `it is a link to a file outside the script directories: put the file itself into ${directory}`);
    }
    return await runnable(path, file, directory);
  }
  return no(path, await missing(directories, path));
}

async function runnable(path: string, file: string, directory: string): Promise<ResolvedScript> {
  const info = await fileInfo(file);
  if (info === null) return no(path, "it was removed just now, or the worker may not read it");
  if (info.isDirectory) return no(path, "it is a directory: name a file in it");
  if (!info.isFile) return no(path, "it is not a regular file");
  // What the job names decides, not what a link leads to: that is the name a person sees.
  const interpreter = interpreterOf(basename(path));
  if (interpreter) {
    return { ok: true, file, directory, command: interpreter.command, args: [...interpreter.args, file] };
  }
  if (interpreter === null || isExecutable(info.mode)) return { ok: true, file, directory, command: file, args: [] };
  return no(path, `it is neither executable (chmod +x) nor named .sh, .py, .ts, .js or .mjs`);
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSymlink;
  } catch {
    return false;
  }
}

async function missing(directories: readonly string[], path: string): Promise<string> {
  const nearest = nearestName(path, (await listScripts(directories)).map((script) => script.path));
  return `there is no such file in ${quoted(directories)}` + (nearest === null ? "" : `; did you mean "${nearest}"?`);
}

function no(path: string, why: string): ResolvedScript {
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return { ok: false, message: `Cannot run script ${JSON.stringify(shown)}: ${why}` };
}

function quoted(directories: readonly string[]): string {
  return directories.length === 0 ? "none" : directories.map((directory) => JSON.stringify(directory)).join(" or ");
}
