import type { ExecutionRequest } from "./types.ts";

/**
 * Starts the script, in a session and process group of its own, with nothing of the worker's environment and no input.
 * Answers a sentence when that is not possible.
 */
export function start({ script, args, env, cwd }: ExecutionRequest): Deno.ChildProcess | string {
  try {
    return new Deno.Command(script.command, {
      args: [...script.args, ...args],
      env: { ...env },
      clearEnv: true,
      cwd,
      detached: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    return `Cannot start ${script.command}: ${reason(error, { command: script.command, cwd, path: env.PATH ?? "" })}`;
  }
}

function reason(error: unknown, at: { readonly command: string; readonly cwd: string; readonly path: string }): string {
  if (!isDirectory(at.cwd)) return `the directory to start it in, ${at.cwd}, is not there`;
  if (error instanceof Deno.errors.NotFound) {
    return at.command.includes("/")
      ? "the file is not there, or the interpreter named in its first line is not"
      : `there is no such program on the script's PATH, ${at.path}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) return "the worker's user may not execute it";
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Failed to spawn '.*?': /, "").replace(/ \(os error \d+\)$/, "");
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
