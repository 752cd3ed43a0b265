import assert from "node:assert/strict";
import { resolveScript } from "@jobtrigger/shared/scripts";
import { pythonTest } from "../support/python.ts";

/** Runs a sample as a worker would. */
async function run(name: string, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = await resolveScript(["app/scripts"], name);
  assert.ok(script.ok);
  const { code, stdout, stderr } = await new Deno.Command(script.command, {
    args: [...script.args, ...args],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: Deno.env.get("HOME") ?? "/" },
    stdin: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

for (const name of ["test_job.sh", "test_job.py", "test_job.ts"]) {
  const test = name.endsWith(".py") ? pythonTest : Deno.test;

  test(`${name} tells its progress in colour`, async () => {
    const { code, stdout, stderr } = await run(name, ["1"]);
    assert.deepEqual([code, stderr], [0, ""]);

    assert.match(stdout.replaceAll("\u001b", "ESC"), /ESC\[\d+mStep 1 of 1ESC\[0m 100 %\nESC\[32mDoneESC\[0m\n$/);
  });

  test(`${name} ends with the code asked for`, async () => {
    const { code, stderr } = await run(name, ["0", "7"]);
    assert.equal(code, 7);
    assert.match(stderr, /Ending with code 7, as asked/);
  });

  for (const args of [["soon"], ["-1"], ["100000"], ["1.5"], [""], ["0", "256"], ["0", "x"]]) {
    test(`${name} refuses ${JSON.stringify(args)} with code 2`, async () => {
      const { code, stdout, stderr } = await run(name, args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, /^test_job\.\w+: (SECONDS|EXIT_CODE) is ".*", expected a whole number from 0 to \d+\n$/);
    });
  }

  Deno.test(`${name} may be executed by itself`, async () => {
    assert.equal(((await Deno.stat(`app/scripts/${name}`)).mode ?? 0) & 0o111, 0o111);
  });
}
