/**
 * The user of scripts: the worker's own, or the one that WORKER_SCRIPT_USER names.
 *
 * `setpriv` of util-linux starts the other user's scripts: it changes the user, its groups and its rights, and then becomes the
 * script, which stays a child of the worker. That needs root, or CAP_SETUID, CAP_SETGID and CAP_KILL; the worker tries it once,
 * at its start.
 *
 * `getent` looks the user up, because it reads all sources of users of the machine.
 *
 * @module
 */
import { Invalid } from "@jobtrigger/shared/domain";
import { dirname } from "node:path";
import { findTool } from "./execute/mod.ts";

/** A user of this machine. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** A user for scripts, other than the worker's. */
export interface ScriptUser {
  readonly account: Account;
  /** A command prefix that runs the rest as this user. */
  readonly become: readonly string[];
  /** The same for a script, whose output pipes become the user's: it may open /dev/stdout and /dev/stderr. */
  readonly start: readonly string[];
}

const VARIABLE = "WORKER_SCRIPT_USER";

/** Shells that only refuse a login. */
const NO_SHELL = /\/(nologin|false|true|sync|halt|shutdown)$/;

/** A user by name or number; null when there is none, or this machine cannot say. */
export async function lookUp(user: string | number): Promise<Account | null> {
  const [, line = ""] = await run(["getent", "passwd", String(user)]);
  const [name = "", , uid, gid, , home, shell = ""] = line.split("\n")[0]?.split(":") ?? [];
  if (name === "" || !/^\d+$/.test(uid ?? "") || !/^\d+$/.test(gid ?? "")) return null;
  const usable = shell === "" || NO_SHELL.test(shell) ? "/bin/sh" : shell;
  return { name, uid: Number(uid), gid: Number(gid), home: home || "/", shell: usable };
}

/**
 * The user that WORKER_SCRIPT_USER names.
 *
 * @throws {Invalid} when there is no such user, or when this process may not start and end scripts as that user.
 */
export async function scriptUser(name: string): Promise<ScriptUser> {
  const account = await lookUp(name);
  if (account === null) throw refuse(`there is no user ${JSON.stringify(name)} on this machine`);
  if (account.uid === 0) throw refuse("scripts would run as root: name a user without rights of its own");
  if (account.uid === Deno.uid()) {
    throw refuse(`${account.name} is the worker's own user: name another, or leave it unset`);
  }
  const [setpriv, chown] = [findTool("setpriv"), findTool("chown")];
  if (setpriv === null || chown === null) {
    throw refuse("scripts of another user are started through setpriv of util-linux, which is not in /usr/bin or /bin");
  }
  const become = [
    setpriv,
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    "--init-groups",
    "--inh-caps=-all",
    "--ambient-caps=-all",
    "--",
  ];
  await tryOut(account, become);
  // Use no redirection: the shell might perform it itself and hand over the redirected file in place of the pipes.
  const giveOutputs =
    `[ -p /proc/$$/fd/1 ] && [ -p /proc/$$/fd/2 ] && ${chown} -f "$0" /proc/$$/fd/1 /proc/$$/fd/2; exec "$@"`;
  const start = ["/bin/sh", "-c", giveOutputs, `${account.uid}:${account.gid}`, ...become];
  return { account, become, start };
}

/** Starts a process as the user and ends it, as it would a script. */
async function tryOut({ name, uid, gid }: Account, become: readonly string[]): Promise<void> {
  const [program = "", ...args] = [...become, "/bin/sh", "-c", "echo $(id -u) $(id -g); exec sleep 5"];
  const child = new Deno.Command(program, {
    args,
    env: ENV,
    clearEnv: true,
    cwd: "/",
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const said = new TextDecoder().decode((await reader.read()).value).trim();
  try {
    if (said !== `${uid} ${gid}`) {
      throw refuse(`this worker may not run scripts as ${name}: ${(await child.stderr.text()).trim() || said}`);
    }
    try {
      child.kill("SIGKILL");
    } catch {
      throw refuse(`this worker may not end what ${name} runs: it needs root or CAP_KILL`);
    }
  } finally {
    await Promise.allSettled([reader.cancel(), child.stderr.cancel(), child.status]);
  }
}

/**
 * The first path that the user may not use: a directory on the way that it may not search, one of `files` that it may not read,
 * one of `programs` that it may not execute. Null: it may use all. The check runs as the user, because access control lists may
 * overrule the modes.
 */
export async function firstForbidden(
  { become }: ScriptUser,
  { files, programs }: { readonly files: readonly string[]; readonly programs: readonly string[] },
): Promise<string | null> {
  const checks = checksOf({ files, programs });
  const [code, forbidden] = await run([...become, "/bin/sh", "-c", FIRST_FORBIDDEN, "sh", ...checks]);
  if (code !== 0) throw new Error(`Cannot look as another user: ${become.join(" ")} ended with ${code}`);
  return forbidden === "" ? null : forbidden;
}

/** Takes pairs of `-r` or `-x` and a path; prints the first path for which it does not hold. */
const FIRST_FORBIDDEN = `
while [ $# -gt 1 ]; do
  [ "$1" "$2" ] || { printf %s "$2"; exit; }
  shift 2
done`;

function checksOf(
  { files, programs }: { readonly files: readonly string[]; readonly programs: readonly string[] },
): readonly string[] {
  const directories = new Set([...files, ...programs].flatMap((path) => directoriesTo(path)));
  return [
    ...[...directories].flatMap((path) => ["-x", path]),
    ...files.flatMap((path) => ["-r", path]),
    ...programs.flatMap((path) => ["-x", path]),
  ];
}

function directoriesTo(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...directoriesTo(parent), parent];
}

const ENV = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };

/** Runs a command with none of this process's environment. Answers its exit code and output; -1 and "" when it cannot run. */
async function run([program = "", ...args]: readonly string[]): Promise<readonly [code: number, stdout: string]> {
  try {
    const command = new Deno.Command(program, {
      args,
      env: ENV,
      clearEnv: true,
      cwd: "/",
      stdin: "null",
      stderr: "null",
    });
    const { code, stdout } = await command.output();
    return [code, new TextDecoder().decode(stdout)];
  } catch {
    return [-1, ""];
  }
}

function refuse(why: string): Invalid {
  return new Invalid([{ field: VARIABLE, message: why }]);
}
