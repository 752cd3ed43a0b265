import assert from "node:assert/strict";

/**
 * Runs the tests of cgroups in a process of their own, because they move that whole process from cgroup to cgroup: what other
 * tests start meanwhile would be born in the cgroups of its runs, and killed with them.
 */
Deno.test("a run ends all that is in its cgroup, and nothing else", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--allow-all", "--no-check", "tests/worker/execute/_cgroups.ts"],
  }).output();
  const decoder = new TextDecoder();
  assert.ok(success, `${decoder.decode(stdout)}${decoder.decode(stderr)}`);
});
