/**
 * Entry point of the command line: `deno task jobctl …`.
 *
 * @module
 */
import { giveUpNetwork } from "@jobtrigger/shared/store";
import { processIo } from "./io.ts";
import { runJobctl } from "./program.ts";

const io = processIo();
giveUpNetwork([io.env("DATABASE_URL"), io.env("REFLEX_DB_URL"), ...Deno.args]);
Deno.exit(await runJobctl(Deno.args, io));
