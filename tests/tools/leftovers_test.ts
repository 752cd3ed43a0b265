import assert from "node:assert/strict";
import { leftovers } from "../../tools/leftovers.ts";

/** A temporary directory as a run of the tests has it. */
async function runDirectory(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "jobtrigger-leftovers-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("leftovers() finds nothing after a run that cleaned up", async () => {
  await using directory = await runDirectory();
  assert.deepEqual(await leftovers(directory.path, [], { patienceMs: 0 }), []);
});

Deno.test("leftovers() names a file that a test forgot, but not what all tests share", async () => {
  await using directory = await runDirectory();
  for (const name of ["chromium", "fonts", "jobtrigger-postgres.lock", "jobtrigger-scripts-1f"]) {
    await Deno.writeTextFile(`${directory.path}/${name}`, "");
  }
  assert.deepEqual(await leftovers(directory.path, [], { patienceMs: 0 }), [
    `file ${directory.path}/jobtrigger-scripts-1f`,
  ]);
});

const signs: [sign: string, options: (directory: string) => Deno.CommandOptions][] = [
  ["its working directory", (cwd) => ({ args: ["-c", "read _"], cwd })],
  ["its environment", (TMPDIR) => ({ args: ["-c", "read _"], env: { TMPDIR } })],
  ["its arguments", (path) => ({ args: ["-c", "read _", `${path}/script.sh`] })],
];
for (const [sign, options] of signs) {
  Deno.test(`leftovers() names a process that has the directory as ${sign}`, async () => {
    await using directory = await runDirectory();
    const child = new Deno.Command("sh", { ...options(directory.path), stdin: "piped" }).spawn();
    const [left] = await leftovers(directory.path, [], { patienceMs: 0 });
    assert.match(left ?? "nothing", new RegExp(`^process ${child.pid}: \\S*sh -c read _`));
    await child.stdin.close();
    await child.status;
  });
}
