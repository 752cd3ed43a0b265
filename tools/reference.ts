/**
 * Writes the references in `docs/reference/`, of jobctl and of the API (`deno task docs`). A test fails while one of them says
 * something else than the program.
 *
 * @module
 */
import { apiReference } from "./api_reference.ts";
import { jobctlReference } from "./jobctl_reference.ts";

/** The files in `docs/reference/`, with what they should hold. */
export const REFERENCES: Readonly<Record<string, () => string>> = {
  "jobctl.md": jobctlReference,
  "api.md": apiReference,
};

if (import.meta.main) {
  for (const [name, write] of Object.entries(REFERENCES)) {
    await Deno.writeTextFile(new URL(`../docs/reference/${name}`, import.meta.url), write());
  }
}
