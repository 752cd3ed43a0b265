import assert from "node:assert/strict";
import { earliest, type LoopContext, Nudge, runLoop } from "../../services/loop.ts";
import { HUNG_MS, Pulse } from "../../services/pulse.ts";
import { answer } from "../../services/health_port.ts";
import { afterRest } from "../../services/scheduler/rest.ts";
import { type EpochMs, epochMs, StoreUnavailable } from "../../shared/domain/mod.ts";
import { type Logger, startLog } from "../../shared/log/mod.ts";
import { DatabaseClock } from "../../shared/store/mod.ts";
import { openTestStore, type TestStore } from "../support/store.ts";
import { HandClock } from "../worker/execute/support.ts";
import { listenToLogs, logOf } from "../simulation/log.ts";
import { addWorker } from "./_runs.ts";

const FAR = epochMs(1e12);

/** A loop on a clock that the test moves, and its rounds. */
interface Looping {
  readonly clock: HandClock;
  readonly pulse: Pulse;
  /** Resolves when the loop has begun its round `n` (from 1). */
  round(n: number): Promise<EpochMs>;
  /** Stops the loop; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Starts a loop whose rounds all answer `FAR`, after `during`, which gets the number of the round. */
async function loop(
  { store }: TestStore,
  { during = () => {}, nudge = new Nudge(), next = () => FAR, log, says = () => {} }: {
    readonly during?: (round: number) => void | Promise<void>;
    readonly nudge?: Nudge;
    readonly next?: (now: EpochMs) => EpochMs;
    readonly log?: Logger;
    readonly says?: (what: string) => void;
  } = {},
): Promise<Looping> {
  const clock = new HandClock();
  const databaseClock = new DatabaseClock({ now: () => Promise.resolve(clock.now()) }, clock);
  const pulse = new Pulse(clock, { ready: () => says("ready"), alive: () => says("alive"), status: says });
  const context: LoopContext = {
    pulse,
    store,
    clock,
    databaseClock,
    log: log ?? await startLog("test", { logFormat: "json", logLevel: "error" }),
  };
  const rounds: PromiseWithResolvers<EpochMs>[] = [];
  const round = (n: number) => {
    while (rounds.length < n) rounds.push(Promise.withResolvers());
    return rounds[n - 1] ?? assert.fail();
  };
  const ended = new AbortController();
  let count = 0;
  const running = runLoop(context, {
    signal: ended.signal,
    nudge,
    step: async (now) => {
      count += 1;
      round(count).resolve(now);
      await during(count);
      return { at: next(now), topics: ["schedule", "queue", "cancel"] };
    },
  });
  return {
    clock,
    pulse,
    round: (n) => round(n).promise,
    stop() {
      ended.abort();
      return running;
    },
  };
}

Deno.test("a loop goes round again when the instant has come that its step answered", async () => {
  await using test = await openTestStore();
  const { clock, round, stop } = await loop(test, { next: (now) => epochMs(now + 5000) });
  const first = await round(1);
  while (clock.sleepers === 0) await new Promise((resolve) => setTimeout(resolve));
  clock.pass(4999);
  assert.equal(clock.sleepers, 1, "it sleeps on");
  clock.pass(1);
  assert.equal(await round(2), first + 5000);
  await stop();
});

Deno.test("a loop goes round again as soon as another process has changed the database", async () => {
  await using test = await openTestStore();
  const other = await test.another();
  const { round, stop } = await loop(test);
  await round(1);
  await addWorker(other, "one");
  await round(2);
  await addWorker(other, "two");
  await round(3);
  await stop();
});

Deno.test("a loop does not sleep through a change that came during its step", async () => {
  await using test = await openTestStore();
  const other = await test.another();
  const { round, stop } = await loop(test, { during: (n) => n === 1 ? addWorker(other, "one") : undefined });
  await round(2);
  await stop();
});

Deno.test("a loop calls its step again for each nudge, also for one that came during a step", async () => {
  await using test = await openTestStore();
  const nudge = new Nudge();
  const { round, stop } = await loop(test, { nudge, during: (n) => n === 2 ? nudge.give() : undefined });
  await round(1);
  nudge.give();
  await round(3);
  nudge.give();
  await round(4);
  await stop();
});

Deno.test("a loop that is stopped leaves nothing waiting", async () => {
  await using test = await openTestStore();
  const { clock, round, stop } = await loop(test);
  await round(1);
  await stop();
  assert.equal(clock.sleepers, 0);
});

Deno.test("a loop logs each reason of an outage once, and the end of each outage", async () => {
  await using test = await openTestStore();
  const said: string[] = [];
  listenToLogs((_name, { message }) => said.push(message.join("")));
  const [refused, readOnly] = ["connection refused", "read-only"];
  // Null: it answers.
  const rounds = [null, refused, refused, readOnly, refused, readOnly, null, readOnly, refused, null];
  const { clock, round, stop } = await loop(test, {
    log: logOf("loop"),
    next: (now) => epochMs(now + 1),
    during: (n) => {
      const reason = rounds[n - 1] ?? null;
      if (reason !== null) throw new StoreUnavailable(reason);
    },
  });
  for (let n = 1; n < rounds.length; n++) {
    await round(n);
    while (clock.sleepers === 0) await new Promise((resolve) => setTimeout(resolve));
    clock.pass(60_000);
  }
  await round(rounds.length);
  await stop();
  assert.deepEqual(said, [
    "The database does not answer: connection refused",
    "Still no answer from the database: read-only",
    "The database answers again",
    "The database does not answer: read-only",
    "Still no answer from the database: connection refused",
    "The database answers again",
  ]);
});

Deno.test("a defect in a step ends the loop", async () => {
  await using test = await openTestStore();
  const { stop } = await loop(test, { during: () => Promise.reject(new TypeError("defect")) });
  await assert.rejects(stop(), new TypeError("defect"));
});

Deno.test("earliest() answers the earliest instant and passes over null", () => {
  assert.equal(earliest(epochMs(5), null, epochMs(3), epochMs(4)), 3);
  assert.equal(earliest(epochMs(5)), 5);
  assert.equal(earliest(epochMs(5), null), 5);
});

/** What the health port answers a monitor that asks by this path. */
function told(pulse: Pulse): Readonly<Record<string, number>> {
  const statusOf = (path: string) => answer(pulse, new Request(`http://127.0.0.1${path}`)).status;
  return { live: statusOf("/livez"), ready: statusOf("/readyz"), other: statusOf("/") };
}

Deno.test("a loop says with each turn that it lives, is ready after its first pass, and tells of an outage", async () => {
  await using test = await openTestStore();
  const said: string[] = [];
  const during = (n: number) => {
    if (n === 2) throw new StoreUnavailable("it is away");
  };
  const nudge = new Nudge();
  const { clock, pulse, round, stop } = await loop(test, { during, nudge, says: (what) => said.push(what) });
  const asleep = async () => {
    while (clock.sleepers === 0) await new Promise((resolve) => setTimeout(resolve));
  };
  assert.deepEqual(told(pulse), { live: 200, ready: 503, other: 404 });
  await round(1);
  await asleep();
  assert.deepEqual(told(pulse), { live: 200, ready: 200, other: 404 });
  nudge.give();
  await round(2);
  await asleep();
  assert.deepEqual(told(pulse), { live: 200, ready: 503, other: 404 });
  clock.pass(10_000);
  await round(3);
  await asleep();
  assert.deepEqual(told(pulse), { live: 200, ready: 200, other: 404 });
  assert.deepEqual(said, ["alive", "ready", "alive", "it is away", "alive", "Working"]);
  await stop();
});

Deno.test("a loop whose step never ends says nothing more, and counts as hung", async () => {
  await using test = await openTestStore();
  const said: string[] = [];
  const hangs = Promise.withResolvers<void>();
  const during = () => hangs.promise;
  const { clock, pulse, round, stop } = await loop(test, { during, says: (what) => said.push(what) });
  await round(1);
  clock.pass(HUNG_MS - 1);
  assert.deepEqual(told(pulse), { live: 200, ready: 503, other: 404 });
  clock.pass(1);
  assert.deepEqual(told(pulse), { live: 503, ready: 503, other: 404 });
  assert.match(pulse.trouble ?? "", /has not turned for 120 s/);
  assert.deepEqual(said, ["alive"]);
  hangs.resolve();
  await stop();
});

Deno.test("a scheduler rests as long as a batch took, and not at all if the clock went back meanwhile", () => {
  const restAfter = (began: number, ended: number) => afterRest({ estimate: () => epochMs(ended) }, epochMs(began));
  assert.deepEqual([restAfter(100, 130), restAfter(100, 100), restAfter(100, 90)], [160, 100, 90]);
});
