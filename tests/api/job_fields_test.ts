import assert from "node:assert/strict";
import { FIELD_GROUPS, FIELD_NAMES, JOB_FIELDS, parseJobInput, policyFields } from "../../shared/api/mod.ts";
import { DEFAULT_POLICIES, Invalid, type ProblemCode } from "../../shared/domain/mod.ts";

const page = await Deno.readTextFile(new URL("../../docs/policies.md", import.meta.url));
const grouped = FIELD_GROUPS.flatMap(({ rows }) => rows.flat());
const policies = FIELD_NAMES.filter((name) => grouped.includes(name));

/** The cells of a table's line, without the padding that the formatter puts around them. */
function cells(line: string): readonly string[] {
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
}

Deno.test("docs/policies.md lists each policy with its label, its flag and what the flag means, and no other", () => {
  const rows = page.split("\n").filter((line) => /^\| [^|]+ \| `--/.test(line)).map(cells);
  const expected = policies.map((name) => {
    const { label, flag: [flag, about] } = JOB_FIELDS[name];
    return [label, `\`${flag}\``, about];
  });
  assert.deepEqual(rows, expected);
});

Deno.test("the form's groups hold each policy once", () => {
  assert.deepEqual(grouped.toSorted(), [...new Set(grouped)].toSorted());
  const kept = Object.keys(policyFields(DEFAULT_POLICIES));
  assert.deepEqual(grouped.toSorted(), [...kept, "fold", "gap"].toSorted());
});

Deno.test("a number's bounds are what is read: its least and greatest value, and none beyond", async () => {
  const context = { scriptsDirs: [], defaultTimezone: "UTC" };
  const input = { name: "a", script: "a.sh", schedule: "manual", concurrency_key: "k" };
  const read = async (name: string, value: number): Promise<string> => {
    try {
      await parseJobInput({ ...input, [name]: value }, context);
      return "read";
    } catch (error) {
      assert.ok(error instanceof Invalid);
      return error.problems.map(({ field, code }) => `${field} ${code}`).join();
    }
  };
  for (const name of FIELD_NAMES) {
    const { bounds } = JOB_FIELDS[name];
    if (bounds === null) continue;
    const { min, max } = bounds;
    const answers = await Promise.all([min, max, min - 1, max + 1].map((value) => read(name, value)));
    assert.deepEqual(answers, ["read", "read", `${name} out_of_range`, `${name} out_of_range`]);
  }
});

const wrong: readonly (readonly [field: string, value: unknown, code: ProblemCode])[] = [
  ["name", "", "missing"],
  ["name", "x".repeat(201), "out_of_range"],
  ["script", "", "missing"],
  ["schedule", undefined, "missing"],
  ["schedule", "dayly at 9", "invalid"],
  ["timeout", "soon", "invalid"],
  ["timeout", 0, "out_of_range"],
  ["overlap", "both", "unknown"],
  ["concurrency_limit", 2, "conflict"],
  ["dst", { gap: "x" }, "invalid"],
];
for (const [field, value, code] of wrong) {
  Deno.test(`the problem of ${field} ${String(JSON.stringify(value)).slice(0, 20)} has the code ${code}`, async () => {
    const input = { name: "a", script: "a.sh", schedule: "manual", [field]: value };
    await assert.rejects(parseJobInput(input, { scriptsDirs: [], defaultTimezone: "UTC" }), (error) => {
      assert.ok(error instanceof Invalid);
      assert.deepEqual(error.problems.map((problem) => [problem.field, problem.code]), [[field, code]]);
      return true;
    });
  });
}
