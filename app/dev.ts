/**
 * Builds the portal into `_fresh/` (`deno task build`): one module for each island, and what they share.
 *
 * @module
 */
import { portalBuilder } from "./builder.ts";

if (Deno.args[0] === "build") await portalBuilder().build();
else {
  console.error(`Cannot do "${Deno.args.join(" ")}": the one thing to do here is "build"`);
  Deno.exit(2);
}
