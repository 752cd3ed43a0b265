import assert from "node:assert/strict";
import { type HeldAttempt, Holding } from "../../services/worker/holding.ts";
import { Slots } from "../../services/worker/slots.ts";
import { nextTurn } from "../../services/worker/turn.ts";
import { dispatchId, epochMs, jobId } from "../../shared/domain/mod.ts";
import type { Claim } from "../../shared/store/mod.ts";

const LEASE_UNTIL = epochMs(1000);

function claimOf(run: number, epoch = run): Claim {
  return {
    dispatchId: dispatchId(run),
    epoch,
    leaseUntil: LEASE_UNTIL,
    jobId: jobId(1),
    jobName: "Job",
    scriptPath: "job.sh",
    args: [],
    env: {},
    timeoutSeconds: null,
    retry: { max: null, baseSeconds: 10, capSeconds: 3600 },
    scheduledFor: epochMs(0),
    retryCount: 0,
    correlationId: "c",
    timezone: "UTC",
    jobRevision: 1,
    nextLogSeq: 0,
    damage: null,
  };
}

/** A worker of `count` slots whose scripts end when the test ends them. */
class Bench {
  /** The calls on attempts, such as `lose 1`. */
  readonly asked: string[] = [];
  readonly started: HeldAttempt[] = [];
  readonly holding: Holding;
  readonly #ends = new Map<number, () => void>();

  constructor(count: number) {
    this.holding = new Holding({
      slots: new Slots(count),
      start: (claim, onScriptEnd) => this.#start(claim, onScriptEnd),
      onChange: () => {},
    });
  }

  /** Ends a script and its report. */
  async end(run: number): Promise<void> {
    this.#ends.get(run)?.();
    await nextTurn();
  }

  get startedRuns(): readonly number[] {
    return this.started.map(({ claim }) => claim.dispatchId);
  }

  #start(claim: Claim, onScriptEnd: (durationMs: number) => void): HeldAttempt {
    const ended = Promise.withResolvers<void>();
    const say = (what: string) => () => void this.asked.push(`${what} ${claim.dispatchId}`);
    this.#ends.set(claim.dispatchId, () => {
      onScriptEnd(1000);
      ended.resolve();
    });
    const attempt: HeldAttempt = {
      claim,
      ended: ended.promise,
      leaseUntil: claim.leaseUntil,
      cancel: say("cancel"),
      release: say("release"),
      lose: say("lose"),
      onLeaseLost: say("lease lost"),
      tryNoMore: say("try no more"),
    };
    this.started.push(attempt);
    return attempt;
  }
}

Deno.test("a claim starts at once in a free slot, and waits where none is free", async () => {
  const bench = new Bench(2);
  bench.holding.add([claimOf(1), claimOf(2), claimOf(3)]);
  assert.deepEqual(bench.startedRuns, [1, 2]);
  assert.deepEqual([bench.holding.running, bench.holding.waiting], [2, 1]);
  await bench.end(1);
  assert.deepEqual(bench.startedRuns, [1, 2, 3]);
  assert.deepEqual([bench.holding.running, bench.holding.waiting], [2, 0]);
});

Deno.test("a turn of the event loop fills a hundred free slots, and the next turn more", async () => {
  const bench = new Bench(150);
  bench.holding.add(Array.from({ length: 150 }, (_, i) => claimOf(i + 1)));
  assert.equal(bench.started.length, 100);
  await nextTurn();
  assert.equal(bench.started.length, 150);
});

Deno.test("nothing starts once the worker drains", async () => {
  const bench = new Bench(1);
  bench.holding.add([claimOf(1), claimOf(2)]);
  bench.holding.stopStarting();
  await bench.end(1);
  assert.deepEqual(bench.startedRuns, [1]);
  assert.deepEqual(bench.holding.takeWaiting().map(({ dispatchId }) => dispatchId), [2]);
  assert.equal(bench.holding.waiting, 0);
});

Deno.test("a run that is claimed again loses its older claim, started or not", () => {
  const bench = new Bench(1);
  bench.holding.add([claimOf(1, 10), claimOf(2, 20)]);
  bench.holding.add([claimOf(1, 11), claimOf(2, 21)]);
  assert.deepEqual(bench.asked, ["lose 1"]);
  assert.deepEqual(bench.holding.claims.map(({ epoch }) => epoch), [11, 21]);
});

Deno.test("a heartbeat renews the claims that it named and drops the lost ones, waiting or running", () => {
  const bench = new Bench(2);
  bench.holding.add([claimOf(1), claimOf(2), claimOf(3), claimOf(4)]);
  const named = bench.holding.claims;
  bench.holding.renew({ named, lost: [dispatchId(2), dispatchId(4)], leaseUntil: epochMs(5000) });
  assert.deepEqual(bench.started.map(({ leaseUntil }) => leaseUntil), [5000, 1000]);
  assert.deepEqual(bench.asked, ["lease lost 2"]);
  assert.deepEqual(bench.holding.takeWaiting().map((claim) => [claim.dispatchId, claim.leaseUntil]), [[3, 5000]]);
});

Deno.test("a heartbeat does not renew a claim that it did not name", () => {
  const bench = new Bench(1);
  bench.holding.add([claimOf(1, 11)]);
  bench.holding.renew({ named: [claimOf(1, 10)], lost: [], leaseUntil: epochMs(5000) });
  assert.deepEqual(bench.started.map(({ leaseUntil }) => leaseUntil), [1000]);
});

Deno.test("a cancel stops running scripts and hands over waiting claims", () => {
  const bench = new Bench(1);
  bench.holding.add([claimOf(1), claimOf(2), claimOf(3)]);
  const cancel = { reason: "request" } as const;
  const unstarted = bench.holding.cancel([1, 3].map((run) => ({ dispatchId: dispatchId(run), cancel })));
  assert.deepEqual(bench.asked, ["cancel 1"]);
  assert.deepEqual(unstarted.map(({ dispatchId }) => dispatchId), [3]);
  assert.equal(bench.holding.waiting, 1);
});

Deno.test("a lease that has run out ends its run: reported late in ordinary work, at once when the worker ends", () => {
  const bench = new Bench(1);
  bench.holding.add([claimOf(1), claimOf(2)]);
  assert.equal(bench.holding.expire(epochMs(999), { isEnding: false }), 1000);
  assert.deepEqual(bench.asked, []);
  assert.equal(bench.holding.expire(epochMs(1000), { isEnding: false }), null);
  bench.holding.expire(epochMs(1000), { isEnding: true });
  assert.deepEqual(bench.asked, ["lease lost 1", "lose 1"]);
  assert.equal(bench.holding.waiting, 0);
});
