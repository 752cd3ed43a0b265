import assert from "node:assert/strict";
import { type CommandSpec, specsOf } from "../../cli/commands/completion/spec.ts";
import { processIo } from "../../cli/io.ts";
import { makeProgram } from "../../cli/program.ts";
import { run } from "./_cli.ts";

const specs = specsOf(makeProgram(processIo(), () => {}));
const leaves = specs.filter(({ commands }) => commands.length === 0);

/** The examples in the help of a command. */
async function examplesOf({ path }: CommandSpec): Promise<readonly string[]> {
  const { code, stdout } = await run([...path.split(" "), "--help"]);
  assert.equal(code, 0);
  const [, examples = ""] = stdout.split("\nExamples:\n");
  return examples.trimEnd().split("\n").filter((line) => line !== "").map((line) => line.trim());
}

Deno.test("the help of each command has examples, and they use commands and flags that there are", async (t) => {
  assert.ok(leaves.length > 30);
  for (const spec of leaves) {
    await t.step(spec.path, async () => {
      const examples = await examplesOf(spec);
      assert.ok(examples.length > 0);
      const words = spec.path === "audit list" ? "audit" : spec.path;
      for (const example of examples) {
        assert.match(example, new RegExp(`\\bjobctl ${words}\\b`));
        const flags = example.split(/\s+/).filter((word) => /^-/.test(word)).map((word) => word.split("=")[0]);
        const known = spec.options.flatMap(({ short, long }) => [`-${short}`, `--${long}`]);
        // What follows a pipe is another program.
        const own = example.includes("|") ? [] : flags;
        assert.deepEqual(own.filter((flag) => flag !== undefined && !known.includes(flag)), [], example);
      }
    });
  }
});

Deno.test("help says each choice once, and is plain text", async () => {
  const { stdout } = await run(["jobs", "list", "--help"]);
  assert.match(stdout, /--state <state> +active, paused, failing, late, waiting, running, manual\n/);
  assert.doesNotMatch(stdout, /choices:/);
  assert.ok(!stdout.includes("\x1b"));
});

Deno.test("a command is made alone, but for its neighbours", () => {
  for (const name of makeProgram(processIo(), () => {}).commands.map((command) => command.name())) {
    const made = makeProgram(processIo(), () => {}, { only: name }).commands.map((command) => command.name());
    assert.ok(made.includes(name) && made.length <= 3, `${name}: ${made.join(", ")}`);
  }
});
