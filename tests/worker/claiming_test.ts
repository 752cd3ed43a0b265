/**
 * When a worker claims: runs in this process, on a real database, with an executor of the test's. Nothing polls within the test.
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
import { DatabaseClock, type Store } from "../../shared/store/mod.ts";
import { systemClock } from "../../shared/time/mod.ts";
import { given, manual } from "../store/_given.ts";
import { eventually } from "../support/process.ts";
import { DATABASES } from "../support/store.ts";

/** Most time for an immediate reaction of a worker. */
const PATIENCE_MS = 120_000;

interface Worker {
  /** Stops the worker. */
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Starts a worker of `concurrency` that polls only once an hour. */
async function startWorker(store: Store, concurrency: number, executor: Executor): Promise<Worker> {
  const variables: Readonly<Record<string, string>> = {
    WORKER_CONCURRENCY: String(concurrency),
    WORKER_POLL_INTERVAL: "3600",
    WORKER_MAX_POLL_INTERVAL: "3600",
    WORKER_HEARTBEAT_INTERVAL: "3600",
    WORKER_OFFLINE_THRESHOLD: "7200",
  };
  const config = workerConfig((name) => variables[name]);
  const stop = new AbortController();
  const ended = runWorker({
    store,
    clock: systemClock,
    databaseClock: new DatabaseClock(store, systemClock),
    log: await startLog("worker", { logFormat: "json", logLevel: "error" }),
    config,
    identity: identify(config),
    executor,
  }, { stop: stop.signal, now: stop.signal });
  return { stop, ended };
}

/** An executor whose runs last until they are stopped; it calls `onStart` for each. */
function endless(onStart: () => void): Executor {
  return (_claim, { clock, stop }) => {
    onStart();
    const at = clock.now();
    const facts = { startedAt: at, endedAt: at, durationMs: 0, logBytes: 0, truncated: false, survivors: 0 };
    return new Promise((resolve) =>
      stop.listen((request) => resolve({ kind: "stopped", reason: request.reason, signal: "SIGTERM", ...facts }))
    );
  };
}

async function wait(store: Store, runs: number): Promise<void> {
  const job = await given(store);
  for (let run = 0; run < runs; run++) {
    await store.runs.runNow({ ...manual(job), force: true, now: epochMs(Date.now()) });
  }
}

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: a worker fills all its slots, however many, without waiting for a poll`, async () => {
    await using test = await open();
    const slots = 600;
    await wait(test.store, slots);
    const full = Promise.withResolvers<void>();
    let started = 0;
    const worker = await startWorker(test.store, slots, endless(() => ++started === slots && full.resolve()));
    const timer = setTimeout(full.resolve, PATIENCE_MS);
    await full.promise;
    clearTimeout(timer);
    worker.stop.abort();
    await worker.ended;
    assert.equal(started, slots);
  });

  Deno.test(`${database}: a run whose job cannot be read ends in an error and is not tried again`, async () => {
    await using test = await open();
    const { store } = test;
    await wait(store, 1);
    await test.sql(`UPDATE scheduled_jobs SET policies = '{"tags":1}'`);
    const worker = await startWorker(store, 4, endless(() => assert.fail("nothing can start")));
    const [run] = await eventually(store, async () => {
      const { items } = await store.runs.list({ limit: 10 });
      return items.every(({ state }) => state.status === "FAILED") && items;
    });
    worker.stop.abort();
    await worker.ended;
    assert.ok(run?.state.status === "FAILED");
    assert.match(run.state.errorMessage ?? "", /^The stored definition of its job cannot be read: tags: /);
    const executions = await test.sql("SELECT status FROM job_execution_logs");
    assert.deepEqual(executions.map(({ status }) => status), ["ERROR"]);
    assert.equal((await store.runs.attempts(run.id)).length, 1);
  });

  Deno.test(`${database}: a claim that arrives after the worker began to drain is released`, async () => {
    await using test = await open();
    const { store } = test;
    await wait(store, 3);
    let stopWorker = () => {};
    const stopping: Store = {
      ...store,
      queue: new Proxy(store.queue, {
        get(queue, method) {
          const own = Reflect.get(queue, method);
          if (typeof own !== "function") return own;
          if (method !== "claim") return own.bind(queue);
          return async (request: Parameters<typeof queue.claim>[0]) => {
            const claims = await queue.claim(request);
            stopWorker();
            return claims;
          };
        },
      }),
    };
    const worker = await startWorker(stopping, 4, endless(() => assert.fail("nothing starts any more")));
    stopWorker = () => worker.stop.abort();
    await worker.ended;
    const { items } = await store.runs.list({ limit: 10 });
    assert.deepEqual(items.map(({ state }) => state.status), ["PENDING", "PENDING", "PENDING"]);
  });
}
