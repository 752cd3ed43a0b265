/** How a kind of script is started: a program, and its arguments before the file. */
export interface Interpreter {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Deno for scripts. Without configuration, lock file and node_modules, so that a script neither sees nor changes those of
 * the project it happens to lie in; `npm:` imports come from Deno's own cache. No permissions, and nobody to ask for one.
 * In a normal run this process is Deno itself. In a compiled binary it is not, and cannot run a script: there Deno is
 * looked up on the PATH.
 */
function deno(): Interpreter {
  return {
    command: Deno.build.standalone ? "deno" : Deno.execPath(),
    args: ["run", "--no-prompt", "--quiet", "--no-config", "--no-lock", "--node-modules-dir=none"],
  };
}

const everywhere = new Map<string, () => Interpreter | null>([
  // -u: what a script prints reaches the log as it is printed, not when a buffer is full.
  [".py", () => ({ command: "python3", args: ["-u"] })],
  [".sh", () => ({ command: "bash", args: [] })],
  [".ts", deno],
  [".js", deno],
  [".mjs", deno],
]);

const onWindows = new Map<string, () => Interpreter | null>([
  [".exe", () => null],
  [".bat", () => null],
  [".cmd", () => null],
  [".ps1", () => ({ command: "powershell", args: ["-NoProfile", "-NonInteractive", "-File"] })],
]);

/**
 * How a file called `name` without a first line `#!…` is started: by an interpreter; `null` by itself, on Windows; `undefined`
 * when its name does not say, so that it has to be a program.
 */
export function interpreterOf(name: string): Interpreter | null | undefined {
  const extension = name.slice(name.lastIndexOf(".")).toLowerCase();
  const find = everywhere.get(extension) ?? (Deno.build.os === "windows" ? onWindows.get(extension) : undefined);
  return find?.();
}

/** Whether the file called `name` can be run, as far as name and mode tell. */
export function isRunnable(name: string, mode: number | null): boolean {
  return interpreterOf(name) !== undefined || isExecutable(mode);
}

/** Whether somebody may execute a file of this mode; null, where there are no modes, is nobody. */
export function isExecutable(mode: number | null): boolean {
  return mode !== null && (mode & 0o111) !== 0;
}
