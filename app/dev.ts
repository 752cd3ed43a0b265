/**
 * Builds the portal into `_fresh/` (`deno task build`): one module for each island, what they share, and the documentation.
 *
 * @module
 */
import { portalBuilder } from "./builder.ts";
import { writeDocs } from "./docs.ts";

if (Deno.args[0] === "build") {
  await portalBuilder().build();
  await writeDocs(new URL("../docs/", import.meta.url));
} else {
  console.error(`Cannot do "${Deno.args.join(" ")}": the one thing to do here is "build"`);
  Deno.exit(2);
}
