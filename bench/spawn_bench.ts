/**
 * What the worker's executor adds to starting a program: `/bin/true` as a script through `scriptExecutor`, from the path a
 * job names to the proof that nothing is left, beside a bare loop of `Deno.Command` with the same pipes and a session of its
 * own. Both in turn, round after round, at the same concurrency. `deno run --allow-all bench/spawn_bench.ts`.
 *
 * @module
 */
import { DEFAULT_POLICIES, dispatchId, epochMs, jobId } from "../shared/domain/mod.ts";
import type { Claim } from "../shared/store/mod.ts";
import { systemClock } from "../shared/time/mod.ts";
import { ProcessTable, StopControl } from "../services/worker/execute/mod.ts";
import { scriptExecutor } from "../services/worker/executor.ts";

const ROUNDS = 20;
const SPAWNS = 100;

const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "jobtrigger-bench-" }));
const script = `${directory}/true`;
await Deno.copyFile(await Deno.realPath("/bin/true"), script);
await Deno.chmod(script, 0o755);
const workerEnv = { PATH: "/usr/bin:/bin", HOME: "/", LANG: "C.UTF-8" };

const table = new ProcessTable();
const self = await table.self();
const executor = scriptExecutor(
  { scriptsDirs: [directory], killGraceMs: 10_000, logMaxBytes: 10 << 20 },
  { workerEnv, table, owner: self === null ? null : { installation: "0", ...self } },
);
let runs = 0;

function claim(): Claim {
  return {
    dispatchId: dispatchId(++runs),
    epoch: 1,
    leaseUntil: epochMs(0),
    jobId: jobId(1),
    jobName: "true",
    scriptPath: "true",
    args: [],
    env: {},
    timeoutSeconds: null,
    retry: DEFAULT_POLICIES.retry,
    scheduledFor: epochMs(0),
    retryCount: 0,
    correlationId: "1",
    timezone: "UTC",
    jobRevision: 1,
    nextLogSeq: 0,
  };
}

/** With `spawn()`: `output()` starts no session of its own, whatever `detached` says, and is several times as fast for it. */
async function bare(): Promise<void> {
  const child = new Deno.Command(script, {
    env: workerEnv,
    clearEnv: true,
    cwd: directory,
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [, , { success }] = await Promise.all([child.stdout.bytes(), child.stderr.bytes(), child.status]);
  if (!success) throw new Error("true failed");
}

async function ours(): Promise<void> {
  const hooks = { timeoutMs: 600_000, onOutput: () => {}, clock: systemClock, stop: new StopControl() };
  const result = await executor(claim(), hooks);
  if (result.kind !== "exited" || result.survivors > 0) throw new Error(JSON.stringify(result));
}

/** Microseconds for each of `SPAWNS` runs, `concurrency` at a time. */
async function time(run: () => Promise<void>, concurrency: number): Promise<number> {
  let left = SPAWNS;
  const since = performance.now();
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (left-- > 0) await run();
  }));
  return (performance.now() - since) / SPAWNS * 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

try {
  for (const concurrency of [1, 8]) {
    const rounds: { readonly bare: number; readonly ours: number }[] = [];
    await time(bare, concurrency);
    await time(ours, concurrency);
    for (let round = 0; round < ROUNDS; round++) {
      // Whichever is second finds the machine as the first has left it: they take turns.
      const first = round % 2 === 0 ? await time(bare, concurrency) : NaN;
      const oursUs = await time(ours, concurrency);
      rounds.push({ bare: round % 2 === 0 ? first : await time(bare, concurrency), ours: oursUs });
    }
    const [bareUs, oursUs] = [median(rounds.map(({ bare }) => bare)), median(rounds.map(({ ours }) => ours))];
    const ratio = median(rounds.map(({ bare, ours }) => ours / bare));
    console.log(
      `${concurrency} at a time: bare ${bareUs.toFixed(0)} µs, executor ${oursUs.toFixed(0)} µs, ` +
        `median ratio of ${ROUNDS} rounds ${ratio.toFixed(2)}`,
    );
  }
} finally {
  await table[Symbol.asyncDispose]();
  await Deno.remove(directory, { recursive: true });
}
