/**
 * Entry point of the command line: `deno task jobctl …`.
 *
 * @module
 */
import { giveUpNetwork } from "@jobtrigger/shared/store";
import { processIo } from "./io.ts";
import { runJobctl } from "./program.ts";

const io = processIo();
// A flag's value may stand behind it or after a "=".
const values = Deno.args.map((arg) => arg.replace(/^--[a-z-]+=/, ""));
giveUpNetwork([io.env("DATABASE_URL"), io.env("REFLEX_DB_URL"), ...values]);
Deno.exit(await runJobctl(Deno.args, io));
