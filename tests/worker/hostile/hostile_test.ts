import assert from "node:assert/strict";
import { bash, type Finished, HandClock, type RunOptions } from "../execute/support.ts";
import { corpusOf, left } from "./_left.ts";
import { pythonTest } from "../../support/python.ts";
import { HOSTILE, type Hostile } from "./_scripts.ts";

// `run()` of the support asserts after each that no process with the run's mark is left.

const { sign, scripts } = corpusOf();
const LIMIT_BYTES = 65_536;

/** Calls `then` once, when the script has printed `ready`. */
function whenReady(then: (run: Parameters<NonNullable<RunOptions["onOutput"]>>[1]) => void): RunOptions {
  let isReady = false;
  return {
    logMaxBytes: LIMIT_BYTES,
    graceMs: 200,
    onOutput: ({ data }, run) => {
      if (isReady || !data.includes("ready")) return;
      isReady = true;
      then(run);
    },
  };
}

/** Runs a script from a file, since some of them start themselves again. */
async function runs(script: Hostile, options: RunOptions): Promise<Finished> {
  const file = await Deno.makeTempFile({ suffix: ".sh" });
  try {
    await Deno.writeTextFile(file, script.text);
    const finished = await bash('exec bash "$@"', { args: [file], ...options });
    assert.deepEqual(await left(sign), [], "processes with or without the mark are left");
    return finished;
  } finally {
    await Deno.remove(file);
  }
}

for (const { name } of HOSTILE.filter(({ needsPython }) => needsPython)) {
  pythonTest(`the script that ${name} is among those tried`, () => {
    assert.ok(scripts.some((script) => script.name === name));
    return Promise.resolve();
  });
}

for (const script of scripts) {
  if (script.end !== null) {
    Deno.test(`a script that ${script.name} ends as it does, and leaves nothing`, async () => {
      const { result, stdout } = await runs(script, { logMaxBytes: LIMIT_BYTES });
      const { kind, survivors } = result;
      assert.deepEqual({ kind, survivors }, { kind: script.end?.kind, survivors: 0 });
      for (const [name, value] of Object.entries(script.end ?? {})) {
        assert.equal(Object.entries(result).find(([key]) => key === name)?.[1], value);
      }
      if (script.stdout !== undefined) assert.equal(stdout, script.stdout);
    });
    continue;
  }
  for (const reason of ["cancel", "drain", "lost"] as const) {
    Deno.test(`a script that ${script.name} is ended on ${reason}, and leaves nothing`, async () => {
      const { result } = await runs(script, whenReady(({ stop }) => stop.stop(reason)));
      assert.deepEqual([result.kind, result.survivors], ["stopped", 0]);
      assert.equal(result.kind === "stopped" && result.reason, reason);
    });
  }
  Deno.test(`a script that ${script.name} is ended at its time limit, and leaves nothing`, async () => {
    const clock = new HandClock();
    const pass = whenReady(() => {
      // The grace begins when the limit has been noticed: time goes on until the script has ended.
      clock.pass(5_000);
      const timer = setInterval(() => clock.pass(200), 20);
      stopTime = () => clearInterval(timer);
    });
    let stopTime = () => {};
    try {
      const { result } = await runs(script, { clock, timeoutMs: 5_000, ...pass });
      assert.deepEqual([result.kind, result.survivors], ["timeout", 0]);
    } finally {
      stopTime();
    }
  });
}

Deno.test("a line of a gigabyte keeps its beginning and its end, and the cut says how much is missing", async () => {
  const size = 1_000_000_000;
  const { result, stdout, system } = await bash(`printf first; head -c ${size} /dev/zero | tr '\\0' x; printf last`, {
    logMaxBytes: LIMIT_BYTES,
    timeoutMs: 600_000,
  });
  assert.deepEqual([result.kind, result.logBytes, result.truncated], ["exited", size + 9, true]);
  assert.equal(stdout.length, LIMIT_BYTES);
  assert.ok(stdout.startsWith("firstxxx") && stdout.endsWith("xxxlast"));
  assert.match(system, new RegExp(`${(size + 9 - LIMIT_BYTES).toLocaleString("en-US")} bytes left out here`));
});
