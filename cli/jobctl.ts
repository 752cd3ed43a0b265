/**
 * Entry point of the command line: `deno task jobctl …`.
 *
 * @module
 */
import { dirname } from "node:path";
import { narrowWriting, revokeNetwork } from "@jobtrigger/shared/store";
import { VARIABLES } from "@jobtrigger/shared/config";
import { processIo } from "./io.ts";
import { runJobctl } from "./program.ts";

const io = processIo();
// It took this to find out who runs the command.
Deno.permissions.revokeSync({ name: "sys" });
// Any argument may name a database to copy; a value follows its flag, or "=".
const named = Deno.args.map((arg) => arg.replace(/^--[a-z-]+=/, ""));
const { name, formerName, fallback } = VARIABLES.databaseUrl;
const configured = [io.env(name), formerName && io.env(formerName), fallback].find((url) => url?.trim())?.trim();
const databases = [...named, ...configured === undefined ? [] : [configured]];
revokeNetwork(databases);
narrowWriting(databases, backupDirectories(Deno.args));
Deno.exit(await runJobctl(Deno.args, io));

/** The directory that `database backup --to FILE` writes to. */
function backupDirectories(args: readonly string[]): readonly string[] {
  if (args[0] !== "database" || args[1] !== "backup") return [];
  return args.flatMap((arg, index) => {
    const file = arg === "--to" ? args[index + 1] : /^--to=(.*)$/.exec(arg)?.[1];
    return file === undefined ? [] : [dirname(file)];
  });
}
