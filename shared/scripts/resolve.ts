/**
 * Finds the script that a job names, and how to start it. The real path, after all links, must be a regular file below the real path
 * of a script directory, so a link that leads out of it is refused. A hard link looks the same as a file: its modes are those of
 * the file, whatever directory that is in.
 *
 * Between this check and the start, only somebody who may write to the file, or to a directory on the way to it, can replace it.
 * The check makes sure that nobody else may (`_modes.ts`); those who may could have put a script there before. The worker
 * resolves a script right before each start.
 *
 * These checks have the same answer on every machine. The worker checks what depends on its machine: whether it has the
 * interpreter, and whether a program is for its processor.
 *
 * @module
 */
import { basename, isAbsolute, join } from "node:path";
import { type Head, HEAD_BYTES, parseHead } from "./_first_line.ts";
import { blockingDirectory, fileInfo, isInside, readHead, realPath } from "./_inside.ts";
import { interpreterOf, isExecutable } from "./_kinds.ts";
import { checkWriters, octal } from "./_modes.ts";
import { nearestScript } from "./_nearest.ts";
import { listScripts } from "./list.ts";
import { checkScriptPath } from "./script_path.ts";

/** A script that can be run, and how. */
export interface RunnableScript {
  /** Tells it from a script that cannot be run. */
  readonly ok: true;
  /** Real path, absolute, links resolved. */
  readonly file: string;
  /** The script directory it is in, as it was given. */
  readonly directory: string;
  /**
   * Program to start: the absolute path that the first line names, the name of an interpreter to be looked up on the worker's
   * PATH, or the file itself.
   */
  readonly command: string;
  /** Arguments of the program up to and with the file; those of the job follow. */
  readonly args: readonly string[];
  /** Warnings about who may write to it, for the worker's log; they need {@linkcode ResolveOptions.ownGroup}. */
  readonly warnings: readonly string[];
}

/** Options of {@linkcode resolveScript}. */
export interface ResolveOptions {
  /** The group of this process: a warning names another group that may write to a script. Default: no warnings. */
  readonly ownGroup?: number | null;
}

/** What {@linkcode resolveScript} found: how to run the script, or in a sentence why it cannot be run. */
export type ResolvedScript = RunnableScript | { readonly ok: false; readonly message: string };

/**
 * Finds `path` in the first of `directories` that has it, and says how it is run. An executable file with a first line `#!…`
 * is started by that line, options included. Without one, or not executable: `.py` by python3, `.sh` by bash, `.ts`, `.js` and
 * `.mjs` by Deno without permissions; all else must be an executable program. On Windows first lines mean nothing, `.ps1` is
 * started by PowerShell, and `.bat` and `.exe` by themselves.
 */
export async function resolveScript(
  directories: readonly string[],
  path: string,
  { ownGroup = null }: ResolveOptions = {},
): Promise<ResolvedScript> {
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
      const blocked = await blockingDirectory(join(root, path));
      if (blocked !== null) return no(path, `this user may not look into ${blocked}`);
      if (await isLink(join(root, path))) {
        return no(path, "it is a link that leads nowhere, or where the worker may not look");
      }
      continue;
    }
    if (!places.some((place) => isInside(place.root, file))) {
      return no(path, `it is a link to a file outside the script directories: put the file itself into ${directory}`);
    }
    const { refused, warnings } = await checkWriters(file, {
      ways: [file, join(root, path), ...isAbsolute(directory) ? [join(directory, path)] : []],
      isScriptDirectory: (way) => places.some((place) => way === place.root || isInside(place.root, way)),
      ownGroup,
    });
    if (refused !== null) return no(path, refused);
    const start = await startOf(basename(path), file);
    return typeof start === "string" ? no(path, start) : { ok: true, file, directory, ...start, warnings };
  }
  return no(path, await missing(directories, path));
}

/** How `file` is started, or in a sentence's end why it cannot be; `name` is what the job calls it. */
async function startOf(name: string, file: string): Promise<Pick<RunnableScript, "command" | "args"> | string> {
  const info = await fileInfo(file);
  if (info === null) return "it was removed just now, or the worker may not read it";
  if (info.isDirectory) return "it is a directory: name a file in it";
  if (!info.isFile) return "it is not a regular file";
  const head = Deno.build.os === "windows" ? null : await headOf(file, info.mode);
  if (typeof head === "string") return head;

  const own = head !== null && isExecutable(info.mode) ? head : null;
  if (own?.kind === "broken") return own.why;
  if (own?.kind === "line") {
    return { command: own.interpreter, args: [...own.argument === null ? [] : [own.argument], file] };
  }
  // The name in the job decides, not the name of the file that a link leads to: people see the former.
  const interpreter = interpreterOf(name);
  if (interpreter) return { command: interpreter.command, args: [...interpreter.args, file] };
  if (interpreter === null || own?.kind === "program") return { command: file, args: [] };
  return own?.why ?? "it is neither executable (chmod +x) nor named .sh, .py, .ts, .js or .mjs";
}

/** The first bytes of a file, read; in a sentence's end why they cannot be. */
async function headOf(file: string, mode: number | null): Promise<Head | string> {
  // Root may read it all the same, but a file that nobody may execute is not run.
  const isNobodys = mode !== null && (mode & 0o555) === 0;
  const bytes = isNobodys ? null : await readHead(file, HEAD_BYTES);
  if (bytes !== null) return parseHead(bytes);
  return `this user may not read it${mode === null ? "" : `: its mode is ${octal(mode)}`}`;
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSymlink;
  } catch {
    return false;
  }
}

async function missing(directories: readonly string[], path: string): Promise<string> {
  const nearest = nearestScript(path, (await listScripts(directories)).map((script) => script.path));
  return `there is no such file in ${quoted(directories)}` + (nearest === null ? "" : `; did you mean "${nearest}"?`);
}

function no(path: string, why: string): ResolvedScript {
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return { ok: false, message: `Cannot run script ${JSON.stringify(shown)}: ${why}` };
}

function quoted(directories: readonly string[]): string {
  return directories.length === 0 ? "none" : directories.map((directory) => JSON.stringify(directory)).join(" or ");
}
