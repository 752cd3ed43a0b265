/**
 * The cost of running a script beside starting a program: `/bin/true` through `scriptExecutor`, from the job's path to the check
 * that no process is left, beside bare loops of `Deno.Command` with the same pipes. They take turns, round after round, at the
 * same concurrency. `deno task bench:spawn` writes the report to `bench/SPAWN.md`. Exits with 1 when the bar is missed. With
 * `--without-cgroups` runs have no cgroups.
 *
 * @module
 */
import { cpus } from "node:os";
import { dispatchId } from "../shared/domain/mod.ts";
import type { Claim } from "../shared/store/mod.ts";
import { systemClock } from "../shared/time/mod.ts";
import { Cgroups, ProcessTable, StopControl } from "../services/worker/execute/mod.ts";
import { Programs } from "../services/worker/programs.ts";
import { scriptExecutor } from "../services/worker/executor.ts";
import { CLAIM } from "../tests/support/claim.ts";
import { quantile } from "./queue/statistics.ts";

/** The most that a run may cost, as a multiple of the bare loop in sessions of their own, at the median. */
const BAR = 1.25;
const CONCURRENCIES: readonly number[] = [1, 8];
const ROUNDS = 42;
const SPAWNS = 48;

const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "jobtrigger-bench-" }));
const script = `${directory}/true`;
await Deno.copyFile(await Deno.realPath("/bin/true"), script);
await Deno.chmod(script, 0o755);
const base = { HOME: "/", LANG: "C.UTF-8", user: null };
const programs = await Programs.of("/usr/bin:/bin");

const table = new ProcessTable();
const self = await table.self();
const owner = self === null ? null : { installation: "0", ...self };
const cgroups = owner === null || Deno.args.includes("--without-cgroups") ? null : await Cgroups.open(owner);
if (cgroups !== null) table.settle(cgroups.home);
const executor = scriptExecutor(
  { scriptsDirs: [directory], killGraceMs: 10_000, logMaxBytes: 10 << 20 },
  { base, programs, user: null, table, owner, cgroups, onWarning: () => {} },
);
let runs = 0;

function claim(): Claim {
  return { ...CLAIM, dispatchId: dispatchId(++runs), scriptPath: "true" };
}

/** Uses `spawn()`, because `output()` ignores `detached`. */
async function bare(detached: boolean): Promise<void> {
  const child = new Deno.Command(script, {
    env: { PATH: programs.path, HOME: base.HOME, LANG: base.LANG },
    clearEnv: true,
    cwd: directory,
    detached,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [, , { success }] = await Promise.all([child.stdout.bytes(), child.stderr.bytes(), child.status]);
  if (!success) throw new Error("true failed");
}

async function ours(): Promise<void> {
  const hooks = {
    timeoutMs: 600_000,
    traceparent: null,
    onOutput: () => {},
    clock: systemClock,
    stop: new StopControl(),
  };
  const result = await executor(claim(), hooks);
  if (result.kind !== "exited" || result.survivors > 0) throw new Error(JSON.stringify(result));
}

const CONTESTANTS = { bare: () => bare(true), ours, plain: () => bare(false) };
type Round = Record<keyof typeof CONTESTANTS, number>;

/** Microseconds for each of `SPAWNS` runs, `concurrency` at a time. */
async function time(run: () => Promise<void>, concurrency: number): Promise<number> {
  let left = SPAWNS;
  const since = performance.now();
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (left-- > 0) await run();
  }));
  return (performance.now() - since) / SPAWNS * 1000;
}

/** One turn of each. Each round begins with another, because a turn affects the next. */
async function turns(round: number, concurrency: number): Promise<Round> {
  const times: Round = { bare: NaN, ours: NaN, plain: NaN };
  const orders = [["bare", "ours", "plain"], ["ours", "plain", "bare"], ["plain", "bare", "ours"]] as const;
  for (const name of orders[round % orders.length] ?? []) times[name] = await time(CONTESTANTS[name], concurrency);
  return times;
}

function line(
  concurrency: number,
  rounds: readonly Round[],
): { readonly cells: readonly string[]; readonly isMet: boolean } {
  const us = (name: keyof Round) => shown(rounds.map((round) => round[name]), 0);
  const ratios = rounds.map(({ bare, ours }) => ours / bare);
  const isMet = quantile(ratios, 0.5) <= BAR;
  return {
    cells: [
      `${concurrency}`,
      us("bare"),
      us("ours"),
      shown(ratios, 2),
      isMet ? "met" : "missed",
      us("plain"),
      shown(rounds.map(({ plain, ours }) => ours / plain), 2),
    ],
    isMet,
  };
}

/** Median, and the range below it. */
function shown(samples: readonly number[], digits: number): string {
  const [least, median, most] = [0, 0.5, 1].map((share) => quantile(samples, share).toFixed(digits));
  return `${median}<br>${least}–${most}`;
}

try {
  const lines = [];
  for (const concurrency of CONCURRENCIES) {
    await turns(0, concurrency);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await turns(round, concurrency));
    lines.push(line(concurrency, rounds));
  }
  console.log(`# What running a script costs beside starting a program

Written by \`deno task bench:spawn\`; run it to measure again. It exits with 1 when the bar is missed.

Deno ${Deno.version.deno}, Linux ${Deno.osRelease()}; ${cpus().length} processors, ${
    cpus()[0]?.model.trim() ?? "unknown"
  }.
Figures depend on the machine and its load, ratios much less.

\`/bin/true\` is started again and again, so many at a time. A figure is the median of ${ROUNDS} rounds, with the range below:
in a round each way takes a turn of ${SPAWNS} starts, and each round begins with another. Times are in µs for one start.

- _Bare_: a loop of \`Deno.Command\` with both pipes read to their end, in a session of its own (\`detached\`), as a script is.
- _Worker_: the same program as a script through the worker's executor: the path found and checked, the session begun, time
  limit and stop ready, output taken in within its limit, and no process left behind.
- _Ratio_: worker to bare within each round. The bar is ${BAR} at the median.
- _No session_: the bare loop without \`detached\`. A script started so would be in the worker's process group: it could not
  be signalled with what it has started, and Ctrl-C for the worker would reach it. For information.

| at a time | bare | worker | ratio | bar | no session | worker to that |
| --: | --: | --: | --: | --- | --: | --: |
${lines.map(({ cells }) => `| ${cells.join(" | ")} |`).join("\n")}

Why the worker is faster than the loop: with \`detached\` Deno forks itself, and the kernel copies the tables of its memory
while nothing else runs in it. The worker starts \`setsid\`, for which Deno need not fork; it begins the session and becomes the
script. Where a machine has no \`setsid\` the worker starts as the loop does.`);
  if (!lines.every(({ isMet }) => isMet)) {
    console.error("The bar is missed.");
    Deno.exitCode = 1;
  }
} finally {
  await cgroups?.[Symbol.asyncDispose]();
  await table[Symbol.asyncDispose]();
  await Deno.remove(directory, { recursive: true });
}
