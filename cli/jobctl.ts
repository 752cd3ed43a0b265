/**
 * Entry point of the command line: `deno task jobctl …`.
 *
 * @module
 */
import { processIo } from "./io.ts";
import { runJobctl } from "./program.ts";

Deno.exit(await runJobctl(Deno.args, processIo()));
