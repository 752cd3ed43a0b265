import { type ExecError, FailedExec } from "./_failed_exec.ts";
import { findTool } from "./_tools.ts";
import type { ExecutionRequest } from "./types.ts";

/** A script's own process, right after its start. */
export interface Started {
  readonly child: Deno.ChildProcess;
  /** Why the command could not be executed; null: it was executed. */
  readonly exec: FailedExec | null;
}

/**
 * Starts the script in a session and process group of its own, with none of the worker's environment and no input.
 * Answers a sentence that says why it could not.
 *
 * `setsid` begins the session and becomes the script. Deno's `detached` would do the same, but forks: that stops the worker
 * for one to two milliseconds while the kernel copies its page tables, where a plain start (vfork) does not. In return, the
 * group exists only a moment after this returns, and `setsid` reports later that a command cannot be executed
 * ({@linkcode FailedExec}). Where `setsid` is missing or cannot be started, `detached` serves.
 */
export function start(request: ExecutionRequest, setsid: string | null = findSetsid()): Started | string {
  const { command } = request.script;
  const args = [...request.script.args, ...request.args];
  const through = request.through ?? [];
  if (setsid !== null) {
    try {
      const child = spawn(request, { command: setsid, args: ["--", ...through, command, ...args], detached: false });
      return { child, exec: new FailedExec(command) };
    } catch {
      // The error is reported below, about the script rather than setsid.
    }
  }
  try {
    const [first = command, ...rest] = [...through, command, ...args];
    return { child: spawn(request, { command: first, args: rest, detached: true }), exec: null };
  } catch (error) {
    if (!isDirectory(request.cwd)) {
      return `Cannot start ${command}: the directory to start it in, ${request.cwd}, is not there`;
    }
    return cannotStart(request, execError(error));
  }
}

/** A sentence that says why a script could not be started. */
export function cannotStart(
  { script: { command }, env, through }: ExecutionRequest,
  { kind, text }: ExecError,
): string {
  const path = env.PATH ?? "";
  const why = {
    "not found": command.includes("/")
      ? "the file is not there, or the interpreter named in its first line is not"
      : `there is no such program on the script's PATH, ${path}`,
    "permission denied": `the ${through === undefined ? "worker" : "script"}'s user may not execute it`,
    "other": text,
  };
  return `Cannot start ${command}: ${why[kind]}`;
}

function spawn(
  { env, cwd }: ExecutionRequest,
  { command, args, detached }: { readonly command: string; readonly args: string[]; readonly detached: boolean },
): Deno.ChildProcess {
  return new Deno.Command(command, {
    args,
    env: { ...env },
    clearEnv: true,
    cwd,
    detached,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function execError(error: unknown): ExecError {
  const text = (error instanceof Error ? error.message : String(error))
    .replace(/^Failed to spawn '.*?': /, "").replace(/ \(os error \d+\)$/, "");
  if (error instanceof Deno.errors.NotFound) return { kind: "not found", text };
  return { kind: error instanceof Deno.errors.PermissionDenied ? "permission denied" : "other", text };
}

let foundSetsid: string | null = null;

/** The `setsid` of util-linux or busybox; null where there is none (macOS, Windows). */
function findSetsid(): string | null {
  return foundSetsid ??= findTool("setsid");
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
