/**
 * Entry point of the command line: `deno task jobctl …`.
 *
 * @module
 */
import { dirname } from "node:path";
import { narrowReading, narrowWriting, revokeNetwork } from "@jobtrigger/shared/store";
import { parseDatabaseUrl, VARIABLES } from "@jobtrigger/shared/config";
import { loginPath } from "./client/login_file.ts";
import { type Target, targetOf } from "./client/target.ts";
import { type Io, processIo } from "./io.ts";
import { runJobctl } from "./program.ts";

const io = processIo();
// It took this to find out who runs the command.
for (const kind of ["gid", "uid"] as const) Deno.permissions.revokeSync({ name: "sys", kind });
const [command, subcommand] = Deno.args;
const target = readTarget(io);
const login = loginPath(io.env);
// Any argument may name a database to copy; a value follows its flag, or "=".
const named = Deno.args.map((arg) => arg.replace(/^--[a-z-]+=/, ""));
const { name, formerName, fallback } = VARIABLES.databaseUrl;
const configured = [io.env(name), formerName && io.env(formerName), fallback].find((url) => url?.trim())?.trim();
const databases = [...named, ...target?.kind === "portal" || configured === undefined ? [] : [configured]];
// Deno cannot narrow the network to the one host while the process runs.
if (target?.kind !== "portal" && command !== "login") revokeNetwork(databases);
const isAboutLogin = command === "login" || command === "logout";
narrowWriting(databases, [
  ...outputDirectories(Deno.args),
  ...isAboutLogin && login !== null ? [dirname(login)] : [],
]);
if (target?.kind === "portal" && command !== "database") {
  narrowReading([login, target.caFile].filter((path) => path !== null));
}
Deno.exit(await runJobctl(Deno.args, io));

/** What the command works with; null where the settings are wrong, which it says itself. */
function readTarget({ env }: Io): Target | null {
  try {
    return targetOf(env);
  } catch {
    return null;
  }
}

/**
 * The directories that `database backup --to FILE`, `database restore --from FILE` or `import … --scripts DIRECTORY` write
 * to. A restore writes beside the database, or beside the backup where the database is no file.
 */
function outputDirectories(args: readonly string[]): readonly string[] {
  const values = (flag: string) =>
    args.flatMap((arg, index) => {
      const value = arg === flag
        ? args[index + 1]
        : arg.startsWith(`${flag}=`)
        ? arg.slice(flag.length + 1)
        : undefined;
      return value === undefined ? [] : [value];
    });
  if (command === "database" && subcommand === "backup") return values("--to").map((file) => dirname(file));
  if (command === "database" && subcommand === "restore") {
    return [...values("--from"), ...databaseFile(configured)].map((file) => dirname(file));
  }
  const writesScripts = command === "import" && (subcommand === "crontab" || subcommand === "systemd-timers");
  return writesScripts ? values("--scripts").filter((directory) => directory !== "") : [];
}

/** The file that a URL names; none: it names something else, or is wrong, which the command says itself. */
function databaseFile(url: string | undefined): readonly string[] {
  try {
    const target = url === undefined ? null : parseDatabaseUrl(url);
    return target?.kind === "sqlite" ? [target.path] : [];
  } catch {
    return [];
  }
}
