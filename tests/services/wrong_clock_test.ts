/**
 * Services in this process on a real database whose clock the test sets wrong for a while.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Executor } from "../../services/worker/executor.ts";
import { identify } from "../../services/worker/identity.ts";
import { runScheduler } from "../../services/scheduler/scheduler.ts";
import { runWorker } from "../../services/worker/worker.ts";
import { schedulerConfig, workerConfig } from "../../shared/config/mod.ts";
import { type EpochMs, epochMs, type Job } from "../../shared/domain/mod.ts";
import { createJob } from "../../shared/operations/mod.ts";
import { startLog } from "../../shared/log/mod.ts";
import { DatabaseClock, identifyService, Presence, type Store } from "../../shared/store/mod.ts";
import { operating } from "../support/operating.ts";
import { finish } from "../support/attempts.ts";
import { DATABASES } from "../support/store.ts";
import { A, B, claimOne, enter, manual, MINUTELY, outcome, T0 } from "../store/_given.ts";
import { HandClock } from "../worker/execute/support.ts";
import { by } from "../support/actor.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A service that runs by `clock`. */
interface Running extends AsyncDisposable {
  /** Moves the clock by `ms`, and resolves when the service has done its work and waits again. */
  pass(ms: number): Promise<void>;
}

/** Starts a service that waits for `waits` instants at once when it has nothing to do. */
async function running(
  store: Store,
  clock: HandClock,
  waits: number,
  run: (context: Parameters<typeof runScheduler>[0], stop: AbortSignal) => Promise<void>,
): Promise<Running> {
  const wrong: Store = { ...store, now: () => Promise.resolve(clock.now()) };
  const stop = new AbortController();
  const ended = run({
    store: wrong,
    clock,
    databaseClock: new DatabaseClock(wrong, clock),
    log: await startLog("test", { logFormat: "json", logLevel: "error" }),
    config: schedulerConfig(() => undefined),
    presence: new Presence(store.services, identifyService("scheduler")),
  }, stop.signal);
  const rest = async () => {
    while (clock.sleepers < waits) await new Promise((resolve) => setTimeout(resolve));
  };
  await rest();
  return {
    async pass(ms) {
      clock.pass(ms);
      await rest();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

const scheduler = (store: Store, clock: HandClock): Promise<Running> => running(store, clock, 1, runScheduler);

async function nextRun(store: Store, { id }: Job): Promise<EpochMs | null> {
  return (await store.jobs.get(id))?.nextRun ?? null;
}

async function times(store: Store): Promise<readonly EpochMs[]> {
  return (await store.runs.list({ limit: 20 })).items.map(({ scheduledFor }) => scheduledFor).toReversed();
}

/** A run of another job that has ended at `now`; the newest of two, so that the retention may have the first. */
async function history(store: Store, now: EpochMs): Promise<void> {
  const job = await store.jobs.create({ ...MINUTELY, schedule: { kind: "manual" } }, {
    nextRun: null,
    ...by(now),
  });
  for (let run = 0; run < 2; run++) {
    await store.runs.runNow(manual(job, { now }));
    await finish(store, await claimOne(store, A, now), { outcome: outcome("COMPLETED"), retryAt: null, now });
  }
}

for (const [database, open] of Object.entries(DATABASES)) {
  for (const [name, aheadMs] of [["400 days for 15 s", 400 * DAY_MS], ["2 h for 15 s", 2 * HOUR_MS]] as const) {
    Deno.test(`${database}: jobs go on as they should after the clock was ahead by ${name}`, async () => {
      await using test = await open();
      const { store } = test;
      const clock = new HandClock(T0);
      const job = await createJob(operating(store, T0), {
        ...MINUTELY,
        schedule: { kind: "interval", everySeconds: 300 },
      });
      await using service = await scheduler(store, clock);
      clock.set(aheadMs);
      await service.pass(10_000);
      const far = await nextRun(store, job);
      assert.ok(far !== null && far > T0 + aheadMs, "the clock was believed");
      await service.pass(5_000);
      clock.set(-aheadMs);
      await service.pass(10_000);
      assert.equal(await nextRun(store, job), T0 + 300_000);
      assert.deepEqual([await times(store), await store.runs.ledger(job.id, 10)], [[], []]);
      await service.pass(275_000);
      assert.deepEqual([await times(store), await nextRun(store, job)], [[T0 + 300_000], T0 + 600_000]);
    });
  }

  Deno.test(`${database}: a scheduler that starts puts right what others did while the clock was ahead`, async () => {
    await using test = await open();
    const { store } = test;
    const clock = new HandClock(epochMs(T0 + 400 * DAY_MS));
    const job = await createJob(operating(store, T0), MINUTELY);
    {
      await using _ = await scheduler(store, clock);
    }
    clock.set(-400 * DAY_MS);
    await using _ = await scheduler(store, clock);
    assert.equal(await nextRun(store, job), T0 + 60_000);
  });

  Deno.test(`${database}: nothing is pruned within an hour after the clock jumped`, async () => {
    await using test = await open();
    const { store } = test;
    const clock = new HandClock(T0);
    await history(store, T0);
    await using service = await scheduler(store, clock);
    clock.set(400 * DAY_MS);
    await service.pass(10_000);
    for (let passed = 0; passed < HOUR_MS - 10_000; passed += 599_000) await service.pass(599_000);
    assert.equal((await times(store)).length, 2);
    await service.pass(600_000);
    assert.equal((await times(store)).length, 1, "it stays ahead, and is believed");
  });

  Deno.test(`${database}: a scheduler that starts by a clock of quite another time than the workers' prunes nothing at first`, async () => {
    await using test = await open();
    const { store } = test;
    const clock = new HandClock(epochMs(T0 + 400 * DAY_MS));
    await enter(store, A, T0);
    await history(store, T0);
    await using service = await scheduler(store, clock);
    await service.pass(10_000);
    assert.equal((await times(store)).length, 2);
  });

  Deno.test(`${database}: a worker that started by the wrong clock as well does not make a new scheduler prune at once`, async () => {
    await using test = await open();
    const { store } = test;
    const wrong = epochMs(T0 + 400 * DAY_MS);
    await enter(store, A, T0);
    await enter(store, B, wrong);
    await history(store, T0);
    await using service = await scheduler(store, new HandClock(wrong));
    await service.pass(10_000);
    assert.equal((await times(store)).length, 2);
  });

  Deno.test(`${database}: a jump forward leaves workers the time to renew their leases; one that is dead loses its run`, async () => {
    await using test = await open();
    const { store } = test;
    const clock = new HandClock(T0);
    await enter(store, A, T0);
    const job = await store.jobs.create({ ...MINUTELY, schedule: { kind: "manual" } }, {
      nextRun: null,
      ...by(T0),
    });
    await using service = await scheduler(store, clock);
    await store.runs.runNow(manual(job));
    await claimOne(store, A, T0);
    clock.set(400 * DAY_MS);
    await service.pass(10_000);
    const status = async () =>
      (await store.runs.list({ limit: 10 })).items.map(({ state }) => state.status).toReversed();
    assert.deepEqual(await status(), ["IN_PROGRESS"]);
    await service.pass(180_000);
    assert.deepEqual(await status(), ["TIMEOUT", "PENDING"]);
  });

  Deno.test(`${database}: a worker goes on with its heartbeats after the clock was ahead`, async () => {
    await using test = await open();
    const { store } = test;
    const clock = new HandClock(T0);
    const config = workerConfig(() => undefined);
    const executor: Executor = () => assert.fail("there is nothing to run");
    // Its loop, and the watch over its leases.
    await using service = await running(
      store,
      clock,
      2,
      ({ config: _, ...context }, stop) =>
        runWorker({ ...context, config, identity: identify(config), executor }, { stop, now: stop }),
    );
    const beat = async () => (await store.workers.list())[0]?.lastHeartbeat;
    clock.set(400 * DAY_MS);
    await service.pass(60_000);
    assert.equal(await beat(), clock.now());
    clock.set(-400 * DAY_MS);
    await service.pass(60_000);
    assert.equal(await beat(), clock.now());
  });
}
