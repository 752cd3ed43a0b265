/**
 * The end of a worker, in this process, on a real database, with a test's executor and a clock whose sleeps the test ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Executor } from "../../services/worker/executor.ts";
import { identify } from "../../services/worker/identity.ts";
import { runWorker } from "../../services/worker/worker.ts";
import { workerConfig } from "../../shared/config/mod.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { startLog } from "../../shared/log/mod.ts";
import { migrations } from "../../shared/migrations/mod.ts";
import { DatabaseClock, type Store } from "../../shared/store/mod.ts";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import { given, manual } from "../store/_given.ts";
import { HeldClock } from "../support/held_clock.ts";
import { lockSqlite } from "../support/sqlite_lock.ts";
import { DATABASES, openTestStore } from "../support/store.ts";

const DRAIN_MS = 30_000;
const GRACE_MS = 10_000;
/** How long reports are repeated, and how long the worker waits for the last answers. */
const LAST_MS = 5_000;
/** The pause before a report is repeated. */
const AGAIN_MS = 1_000;
const RUNS = 8;

/** A worker with all its slots busy; `stop` stops it. */
interface Worker {
  readonly clock: HeldClock;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Starts a worker whose `RUNS` scripts last until they are stopped; resolves when all run. */
async function startBusy(store: Store): Promise<Worker> {
  const job = await given(store);
  for (let run = 0; run < RUNS; run++) {
    await store.runs.runNow({ ...manual(job), force: true, now: epochMs(Date.now()) });
  }
  const variables: Readonly<Record<string, string>> = {
    WORKER_CONCURRENCY: String(RUNS),
    WORKER_POLL_INTERVAL: "3600",
    WORKER_MAX_POLL_INTERVAL: "3600",
    WORKER_HEARTBEAT_INTERVAL: "3600",
    WORKER_OFFLINE_THRESHOLD: "7200",
    WORKER_DRAIN_SECONDS: String(DRAIN_MS / 1000),
    WORKER_KILL_GRACE: String(GRACE_MS / 1000),
  };
  const config = workerConfig((name) => variables[name]);
  const all = Promise.withResolvers<void>();
  let started = 0;
  const executor: Executor = (_claim, { clock, stop }) => {
    if (++started === RUNS) all.resolve();
    const at = clock.now();
    const facts = { startedAt: at, endedAt: at, durationMs: 0, logBytes: 0, truncated: false, survivors: 0 };
    return new Promise((resolve) =>
      stop.listen(({ reason }) => resolve({ kind: "stopped", reason, signal: "SIGTERM", ...facts }))
    );
  };
  const stop = new AbortController();
  const clock = new HeldClock();
  const ended = runWorker({
    store,
    clock,
    databaseClock: new DatabaseClock(store, clock),
    log: await startLog("worker", { logFormat: "json", logLevel: "error" }),
    config,
    identity: identify(config),
    executor,
  }, { stop: stop.signal, now: new AbortController().signal });
  await all.promise;
  return { clock, stop, ended };
}

async function statuses(store: Store): Promise<readonly string[]> {
  const { items } = await store.runs.list({ limit: RUNS });
  return [...new Set(items.map(({ state }) => state.status))];
}

/** The store, with another way to release. */
function releasing(store: Store, release: Store["queue"]["release"]): Store {
  const queue = new Proxy(store.queue, {
    get(queue, method) {
      if (method === "release") return release;
      const own = Reflect.get(queue, method);
      return typeof own === "function" ? own.bind(queue) : own;
    },
  });
  return { ...store, queue };
}

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: a worker that ends releases its runs in one write`, async () => {
    await using test = await open();
    const { store } = test;
    const released: number[] = [];
    const worker = await startBusy(releasing(store, (refs, now) => {
      released.push(refs.length);
      return store.queue.release(refs, now);
    }));
    worker.stop.abort();
    await worker.clock.pass(DRAIN_MS);
    await worker.ended;
    assert.deepEqual(released, [RUNS]);
    assert.deepEqual(await statuses(store), ["PENDING"]);
  });

  Deno.test(`${database}: a worker sends a release once and does not wait for its answer for ever`, async () => {
    await using test = await open();
    const { store } = test;
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const released: number[] = [];
    const worker = await startBusy(releasing(store, (refs) => {
      released.push(refs.length);
      asked.resolve();
      return answer.promise;
    }));
    worker.stop.abort();
    await worker.clock.pass(DRAIN_MS);
    await asked.promise;
    await worker.clock.pass(GRACE_MS);
    await worker.clock.pass(LAST_MS);
    await worker.clock.pass(LAST_MS);
    await worker.ended;
    assert.deepEqual(released, [RUNS]);
    assert.deepEqual(await statuses(store), ["IN_PROGRESS"]);
    answer.resolve();
  });
}

Deno.test("a worker without its database gives up after drain time, grace and five seconds, and leaves its runs to rescue", async () => {
  await using test = await openTestStore();
  const store = await openSqlite(test.path, { migrations, busyTimeoutMs: 0 });
  try {
    const worker = await startBusy(store);
    {
      using _lock = lockSqlite(test.path);
      worker.stop.abort();
      await worker.clock.pass(DRAIN_MS);
      await worker.clock.pass(AGAIN_MS);
      await worker.clock.pass(GRACE_MS);
      await worker.clock.pass(LAST_MS);
      await worker.ended;
    }
    assert.deepEqual(await statuses(store), ["IN_PROGRESS"]);
    const later = epochMs(Date.now() + 7_200_001);
    const rescue = { now: later, overdueMs: 600_000, limit: 2 * RUNS, retryAt: () => null };
    assert.equal((await store.scheduling.rescue(rescue)).length, RUNS);
  } finally {
    await store.close();
  }
});
