/**
 * Measures one contestant in one scenario, in a process of its own: `measure.ts CONTESTANT SCENARIO URL` prints the result as one
 * line of JSON. A larger load runs before, unmeasured, so that all code is compiled, prepared and connected.
 *
 * @module
 */
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { CONTESTANTS } from "./contestants.ts";
import type { Queue, Span } from "./contestant.ts";

/** Numbers of jobs. Rates are steady after some ten thousand; an idle worker has run few. */
export const SIZES = {
  warmUp: 40_000,
  idleWarmUp: 3000,
  jobs: 20_000,
  due: 10_000,
  samples: 300,
  finished: 1_000_000,
} as const;

/** The conditions: `quiet` with empty tables, `history` with finished rows in them, `snapshot` during an old transaction. */
export type Scenario = "quiet" | "idle" | "dispatch" | "fill" | "history" | "snapshot";

/** The result: rates in jobs a second, latencies in milliseconds; absent where not measured. */
export interface Measured {
  readonly enqueue?: number;
  readonly drain?: number;
  readonly dispatch?: number;
  readonly latencies?: readonly number[];
}

/** Pause between two samples of the latency, so that the worker is idle again. */
const PAUSE_MS = 10;

async function measure(queue: Queue, scenario: Scenario, url: string): Promise<Measured> {
  if (scenario === "fill") {
    await queue.fillHistory?.(SIZES.finished);
    await analyze(url);
    return {};
  }
  const warmUp = scenario === "idle" ? SIZES.idleWarmUp : SIZES.warmUp;
  await queue.enqueue(warmUp);
  await drain(queue, warmUp);
  switch (scenario) {
    case "dispatch":
      return await dispatch(queue);
    case "history":
      return await enqueueAndDrain(queue);
    case "snapshot": {
      await using _held = await holdSnapshot(url);
      // Rows that change during the snapshot stay behind as dead rows, which slow the second run down.
      await enqueueAndDrain(queue);
      return await enqueueAndDrain(queue);
    }
    case "quiet":
      return await enqueueAndDrain(queue);
    case "idle":
      return queue.add === null ? {} : { latencies: await latencies(queue, queue.add) };
  }
}

async function enqueueAndDrain(queue: Queue): Promise<Measured> {
  const enqueued = await span(() => queue.enqueue(SIZES.jobs));
  const drained = await drain(queue, SIZES.jobs);
  return { enqueue: rate(SIZES.jobs, enqueued), drain: rate(SIZES.jobs, drained) };
}

async function dispatch(queue: Queue): Promise<Measured> {
  const dispatched = queue.dispatch === null
    ? await span(() => queue.enqueue(SIZES.due))
    : await queue.dispatch(SIZES.due);
  return { dispatch: rate(SIZES.due, dispatched) };
}

/** The time from the start of the first job until the tables show that all have ended. */
async function drain(queue: Queue, count: number): Promise<Span> {
  const all = Promise.withResolvers<void>();
  let from = 0;
  let started = 0;
  const work = await queue.work(() => {
    if (started === 0) from = performance.now();
    if (++started === count) all.resolve();
  });
  await all.promise;
  while (await queue.hasUnfinished()) { /* Each look is a trip to the database. */ }
  const to = performance.now();
  await work.stop();
  if (started !== count) throw new Error(`${started} jobs started, ${count} were enqueued`);
  return { from, to };
}

/** The times from adding a job to its start, in milliseconds, with an idle worker. */
async function latencies(queue: Queue, add: () => Promise<void>): Promise<readonly number[]> {
  let onStart = () => {};
  const work = await queue.work(() => onStart());
  const samples: number[] = [];
  for (let sample = -20; sample < SIZES.samples; sample++) {
    await pause(PAUSE_MS);
    const started = new Promise<number>((resolve) => onStart = () => resolve(performance.now()));
    const from = performance.now();
    await add();
    const to = await started;
    if (sample >= 0) samples.push(to - from);
  }
  await work.stop();
  return samples;
}

async function holdSnapshot(url: string): Promise<AsyncDisposable> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  await client.query("SELECT 1");
  return { [Symbol.asyncDispose]: () => client.end() };
}

async function analyze(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("VACUUM ANALYZE");
  await client.end();
}

async function span(work: () => Promise<void>): Promise<Span> {
  const from = performance.now();
  await work();
  return { from, to: performance.now() };
}

function rate(count: number, { from, to }: Span): number {
  return count / (to - from) * 1000;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function isScenario(text: string): text is Scenario {
  return ["quiet", "idle", "dispatch", "fill", "history", "snapshot"].includes(text);
}

if (import.meta.main) {
  const [key = "", scenario = "", url = ""] = Deno.args;
  const contestant = CONTESTANTS.get(key);
  if (contestant === undefined || !isScenario(scenario)) throw new TypeError(`Cannot measure ${key} in ${scenario}`);
  const measured = await (async () => {
    await using queue = await contestant.open(url);
    return await measure(queue, scenario, url);
  })();
  console.log(JSON.stringify(measured));
  // Exit explicitly: a pool that waits would keep the process alive.
  Deno.exit(0);
}
