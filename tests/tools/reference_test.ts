import assert from "node:assert/strict";
import { REFERENCES } from "../../tools/reference.ts";

for (const [name, expected] of Object.entries(REFERENCES)) {
  Deno.test(`docs/reference/${name} is what "deno task docs" writes`, async () => {
    const text = await Deno.readTextFile(new URL(`../../docs/reference/${name}`, import.meta.url));
    assert.ok(text === expected(), `run "deno task docs": docs/reference/${name} is not up to date`);
  });
}
