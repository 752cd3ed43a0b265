import assert from "node:assert/strict";
import { join } from "node:path";
import { writeExamples } from "../../tools/doc_examples.ts";

const MODULE = `
/**
 * Twice \`n\`.
 *
 * \`\`\`ts
 * import assert from "node:assert/strict";
 * import { deepEqual as same } from "node:assert/strict";
 *
 * assert.equal(1, 1);
 * same(twice([1]), [2]);
 * \`\`\`
 */
export const twice = 1;

/** \`\`\`ts of no example */
  /**
   * \`\`\`ts
   * const text = "no more than this";
   * \`\`\`
   */
`;

Deno.test("writeExamples() writes a test for each example, which fails when the example is wrong", async () => {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-examples-" });
  try {
    await Deno.mkdir(join(directory, "source", "inner"), { recursive: true });
    await Deno.writeTextFile(join(directory, "source", "inner", "twice.ts"), MODULE);
    const path = join(directory, "examples_test.ts");
    await writeExamples(join(directory, "source"), path);
    const args = ["test", "--no-check", "--no-config", path];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    const said = new TextDecoder().decode(stdout);
    assert.equal(code, 1);
    assert.match(said, /inner\/twice\.ts, line 5 \.\.\. FAILED/);
    assert.match(said, /inner\/twice\.ts, line 17 \.\.\. ok/);
    assert.match(said, /ReferenceError: twice is not defined/);
    assert.match(said, /^FAILED \| 1 passed \| 1 failed/m);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
