/**
 * How long a line takes from the script that prints it to a follower of the portal's stream, and how long the page of a run with
 * a log of 100 MB takes. A real worker and a real portal, on each database. A plain program, because it measures other
 * processes; `deno task bench:follow`.
 *
 * @module
 */
import { DEFAULT_POLICIES, epochMs, workerId } from "../shared/domain/mod.ts";
import type { Store } from "../shared/store/mod.ts";
import { openSite, Service } from "../tests/support/process.ts";
import { DATABASES } from "../tests/support/store.ts";

const LINES_PER_SECOND = 5_000;
const SECONDS = 10;
const LINES = LINES_PER_SECOND * SECONDS;
/** Pages that follow the same run beside the measured one. */
const OTHERS = 20;
const BIG_LOG_BYTES = 100_000_000;
const PAGE_LOADS = 10;

/** Prints lines at a steady rate, each with its time in milliseconds. */
const TALKATIVE = `exec python3 -u -c '
import sys, time
start = time.time()
for tick in range(${SECONDS * 100}):
    time.sleep(max(0, start + tick / 100 - time.time()))
    sys.stdout.write("".join(f"{time.time() * 1000:.1f} some words as a program writes them\\n" for _ in range(${
  LINES_PER_SECOND / 100
})))
'`;
import { by } from "../tests/support/actor.ts";

const now = () => epochMs(Date.now());

for (const [database, open] of Object.entries(DATABASES)) {
  await using own = await openSite({ WEB_PORT: "0" });
  await using test = await open();
  const env = { ...own.env, DATABASE_URL: test.url };
  await own.script("talkative.sh", TALKATIVE);
  await using web = await Service.start("serve", env);
  const origin = /http:\/\/\S+/.exec(await web.line(/http:\/\//))?.[0].replace(/[/,.]*$/, "") ?? "";
  const big = await bigLog(test.store);
  const run = await startRun(test.store, "talkative.sh");
  const leaving = new AbortController();
  const others = Array.from({ length: OTHERS }, () => follow(origin, run, leaving.signal).catch(() => []));
  const following = follow(origin, run, leaving.signal);
  await using _worker = await Service.start("worker", env);
  const delays = (await following).toSorted((a, b) => a - b);
  leaving.abort();
  await Promise.all(others);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? NaN;
  console.log(
    `${database}: ${delays.length} of ${LINES} lines at ${LINES_PER_SECOND}/s, printed → event, ${
      OTHERS + 1
    } followers: ` +
      `p50 ${at(0.5).toFixed()} ms, p99 ${at(0.99).toFixed()} ms, most ${at(1).toFixed()} ms`,
  );
  const loads = await Array.fromAsync({ length: PAGE_LOADS }, () => load(`${origin}/runs/${big}`));
  const most = (of: (load: Load) => number) => Math.max(...loads.map(of)).toFixed();
  console.log(
    `${database}: page of a run with a log of ${BIG_LOG_BYTES / 1e6} MB: first lines within ${
      most((l) => l.firstMs)
    } ms, ` +
      `all ${loads[0]?.lines} of the page within ${most((l) => l.allMs)} ms (most of ${PAGE_LOADS})`,
  );
}

/** Follows a run to its end as a page does. Returns the delay of each line, in milliseconds. */
async function follow(origin: string, run: number, signal: AbortSignal): Promise<readonly number[]> {
  const delays: number[] = [];
  const { body } = await fetch(`${origin}/api/runs/${run}/events?from=0`, { signal });
  let [rest, line] = ["", ""];
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    const arrived = performance.timeOrigin + performance.now();
    for (const block of blocks) {
      if (!block.startsWith("event: chunk\n")) continue;
      const { data } = JSON.parse(block.slice(block.indexOf("\ndata: ") + 7));
      const lines: string[] = (line + data).split("\n");
      line = lines.pop() ?? "";
      for (const printed of lines) delays.push(arrived - parseFloat(printed));
    }
  }
  return delays;
}

/** The measurements of a page. */
interface Load {
  readonly firstMs: number;
  readonly allMs: number;
  readonly lines: number;
}

async function load(url: string): Promise<Load> {
  const start = performance.now();
  const { body } = await fetch(url);
  let html = "";
  let firstMs: number | null = null;
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    html += text;
    if (firstMs === null && html.includes('class="line')) firstMs = performance.now() - start;
  }
  const lines = html.match(/class="line["\s]/g)?.length ?? 0;
  return { firstMs: firstMs ?? NaN, allMs: performance.now() - start, lines };
}

async function startRun(store: Store, script: string): Promise<number> {
  const job = await store.jobs.create({
    name: script,
    key: null,
    labels: [],
    scriptPath: script,
    scriptArgs: [],
    schedule: { kind: "manual" },
    timezone: "UTC",
    policies: DEFAULT_POLICIES,
  }, { nextRun: null, ...by(now()) });
  const request = { jobId: job.id, trigger: "manual", args: null, force: true, idempotencyKey: null } as const;
  return (await store.runs.runNow({ ...request, ...by(now()) })).id;
}

/** A running run with a long log. */
async function bigLog(store: Store): Promise<number> {
  const run = await startRun(store, "big.sh");
  const request = { workerId: workerId("bench"), tags: new Set<string>(), limit: 1, leaseMs: 3_600_000, now: now() };
  const [claim] = await store.queue.claim(request);
  if (claim === undefined) throw new Error("There is nothing to claim");
  let text = "";
  let [seq, line] = [0, 0];
  for (let bytes = 0; bytes < BIG_LOG_BYTES;) {
    const chunks = Array.from({ length: 16 }, () => {
      while (text.length < 16_384) text += `${line++} some words as a program writes them, ${line * 7919 % 65_537}\n`;
      const data = text.slice(0, 16_384);
      text = text.slice(16_384);
      bytes += data.length;
      return { seq: seq++, stream: "stdout" as const, at: now(), data };
    });
    await store.queue.appendLogs([{ ...claim, chunks }]);
  }
  return run;
}
