/**
 * Builds the portal into `_fresh/` (`deno task build`): one module for each island, and what they share.
 *
 * @module
 */
import { Builder } from "fresh/dev";

const builder = new Builder({ root: import.meta.dirname ?? ".", outDir: "../_fresh" });
if (Deno.args[0] === "build") await builder.build();
else {
  console.error(`Cannot do "${Deno.args.join(" ")}": the one thing to do here is "build"`);
  Deno.exit(2);
}
