/**
 * Entry point of the command line: `deno task jobctl …`.
 *
 * @module
 */
import { giveUpNetwork, narrowWriting } from "@jobtrigger/shared/store";
import { VARIABLES } from "@jobtrigger/shared/config";
import { processIo } from "./io.ts";
import { runJobctl } from "./program.ts";

const io = processIo();
// What a person names on the command line may be a database to copy; a value stands behind its flag or after a "=".
const named = Deno.args.map((arg) => arg.replace(/^--[a-z-]+=/, ""));
const { name, formerName, fallback } = VARIABLES.databaseUrl;
const configured = [io.env(name), formerName && io.env(formerName), fallback].find((url) => url?.trim())?.trim();
const databases = [...named, ...configured === undefined ? [] : [configured]];
giveUpNetwork(databases);
narrowWriting(databases);
Deno.exit(await runJobctl(Deno.args, io));
