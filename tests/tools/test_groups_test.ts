import assert from "node:assert/strict";
import { groupsOf, testFiles, writeGroups } from "../../tools/test_groups.ts";

Deno.test("testFiles() finds the files that deno test finds, below all folders", async () => {
  const files = await testFiles("tests");
  for (const file of ["tests/fresh/app_test.tsx", "tests/worker/execute/start_test.ts"]) {
    assert.ok(files.includes(file));
  }
  assert.deepEqual(files.filter((file) => !/_test\.tsx?$/.test(file)), []);
});

Deno.test("groupsOf() has every file in one group, those that run alone first", () => {
  const files = Array.from({ length: 30 }, (_, at) => `tests/${String(at).padStart(2, "0")}_test.ts`);
  const groups = groupsOf(files, ["tests/07_test.ts", "tests/03_test.ts"]);
  assert.deepEqual(groups.slice(0, 2), [["tests/07_test.ts"], ["tests/03_test.ts"]]);
  assert.deepEqual(groups.flat().toSorted(), files);
  assert.deepEqual(groups.slice(2).map(({ length }) => length), [20, 8]);
});

Deno.test("groupsOf() refuses a file to run alone that is not there", () => {
  assert.throws(
    () => groupsOf(["tests/a_test.ts"], ["tests/b_test.ts"]),
    /^RangeError: tests\/b_test.ts is no test file/,
  );
});

Deno.test("writeGroups() writes modules that run the tests of their files", async () => {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-groups-" });
  try {
    for (const name of ["one", "two"]) {
      await Deno.writeTextFile(`${directory}/${name}.ts`, `Deno.test("${name}", () => {});`);
    }
    const [path = ""] = await writeGroups([["one", "two"].map((name) => `${directory}/${name}.ts`)], directory);
    const args = ["test", "--no-check", "--no-config", path];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    assert.equal(code, 0);
    assert.match(new TextDecoder().decode(stdout), /^one \.\.\. ok[^]*^two \.\.\. ok[^]*^ok \| 2 passed/m);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
