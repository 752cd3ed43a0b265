import assert from "node:assert/strict";
import { Conflict, type Job, type OverlapPolicy } from "../../shared/domain/mod.ts";
import { decideDue } from "../../shared/policy/mod.ts";
import type { Claim, Store } from "../../shared/store/mod.ts";
import { finish } from "../support/attempts.ts";
import { A, at, claim, enter, given, LEASE_MS, LOCK_MS, manual, MINUTELY, outcome } from "./_given.ts";
import type { Check } from "./contract.ts";
import { by } from "../support/actor.ts";

function givenWith(store: Store, overlap: OverlapPolicy): Promise<Job> {
  return given(store, { policies: { ...MINUTELY.policies, overlap } });
}

/** One pass of a scheduler, deciding as schedulers do. */
async function pass(store: Store, seconds: number): Promise<void> {
  const now = at(seconds);
  await store.scheduling.dispatchDue({ now, limit: 100, lockMs: LOCK_MS, decide: (due) => decideDue({ ...due, now }) });
}

const times = (claims: readonly Claim[]): readonly number[] => claims.map(({ scheduledFor }) => scheduledFor);

function end(store: Store, held: Claim | undefined, seconds: number, retryAt: number | null = null): Promise<boolean> {
  assert.ok(held !== undefined);
  const status = retryAt === null ? "COMPLETED" : "FAILED";
  const retry = retryAt === null ? null : at(retryAt);
  return finish(store, held, { outcome: outcome(status), retryAt: retry, now: at(seconds) });
}

async function ledgerOf(store: Store, job: Job): Promise<readonly (readonly [string, number, number])[]> {
  return (await store.runs.ledger(job.id, 10)).map(({ reason, firstAt, count }) => [reason, firstAt, count] as const);
}

/** Occurrences that come due while earlier runs of their job have not ended. */
export function overlapContract(check: Check): void {
  check("skip: occurrences that come due meanwhile do not run", async ({ store }) => {
    const job = await givenWith(store, "skip");
    await pass(store, 60);
    const [held] = await claim(store, A, at(60));
    await pass(store, 120);
    assert.deepEqual(await ledgerOf(store, job), [["overlap", at(120), 1]]);
    await end(store, held, 130, 400);
    await pass(store, 180);
    assert.deepEqual(await ledgerOf(store, job), [["overlap", at(120), 2]], "a retry counts as the job running");
  });

  check(
    "queue_one: one occurrence waits until the run before it and its retries have ended, a second does not run",
    async (opened) => {
      const { store } = opened;
      await enter(store, A);
      const job = await givenWith(store, "queue_one");
      await pass(store, 60);
      const [held] = await claim(store, A, at(60));
      await pass(store, 120);
      await pass(store, 180);
      assert.deepEqual(await ledgerOf(store, job), [["overlap", at(180), 1]]);
      assert.deepEqual(await claim(store, A, at(181)), []);
      await end(store, held, 190, 200);
      assert.deepEqual(await claim(store, A, at(195)), [], "its retry is first");
      const [retry] = await claim(store, A, at(200));
      assert.equal(retry?.scheduledFor, at(60));
      assert.deepEqual(await claim(store, A, at(201)), []);
      await end(store, retry, 202);
      assert.deepEqual(times(await claim(store, A, at(203))), [at(120)]);
      const waited = (await store.runs.list({ limit: 10 })).items.find(({ scheduledFor }) => scheduledFor === at(120));
      assert.deepEqual(waited?.decision, { timing: "on_time", overlap: "queue_one" });
    },
  );

  check("queue_all: all wait and run one after the other, in order", async ({ store }) => {
    await givenWith(store, "queue_all");
    for (const seconds of [60, 120, 180]) await pass(store, seconds);
    for (const seconds of [60, 120, 180]) {
      const claims = await claim(store, A, at(seconds + 200));
      assert.deepEqual(times(claims), [at(seconds)]);
      await end(store, claims[0], seconds + 200);
    }
  });

  check(
    "cancel_running: waiting runs are cancelled, running ones are asked to stop, then the new one runs",
    async ({ store }) => {
      const job = await givenWith(store, "cancel_running");
      await pass(store, 60);
      const [held] = await claim(store, A, at(60));
      assert.ok(held !== undefined);
      await pass(store, 120);
      assert.equal((await store.queue.cancelRequested([held])).length, 1);
      assert.deepEqual(await claim(store, A, at(121)), []);
      await pass(store, 180);
      const statuses = (await store.runs.list({ limit: 10 })).items.map(({ state }) => state.status);
      assert.deepEqual(statuses, ["PENDING", "CANCELLED", "IN_PROGRESS"]);
      await end(store, held, 185, 300);
      assert.deepEqual(times(await claim(store, A, at(186))), [at(180)], "what was cancelled is not retried");
      assert.deepEqual(await ledgerOf(store, job), []);
    },
  );

  check("allow: they run beside each other", async ({ store }) => {
    await givenWith(store, "allow");
    await pass(store, 60);
    await pass(store, 120);
    assert.deepEqual(times(await claim(store, A, at(121))), [at(60), at(120)]);
  });

  check("a run by hand obeys the policy, unless it is forced; a forced one goes on at once", async ({ store }) => {
    const one = await givenWith(store, "queue_one");
    await store.runs.runNow(manual(one, { now: at(1) }));
    await store.runs.runNow(manual(one, { now: at(2) }));
    await assert.rejects(store.runs.runNow(manual(one, { now: at(3) })), Conflict);
    assert.deepEqual(times(await claim(store, A, at(4))), [at(1)]);
    await store.runs.runNow(manual(one, { now: at(5), force: true }));
    assert.deepEqual(times(await claim(store, A, at(6))), [at(5)]);
    assert.equal((await store.runs.unfinished(one.id)).length, 3);
  });

  check("a run that waits is claimed when the one before it is rescued or cancelled", async ({ store }) => {
    await enter(store, A);
    await givenWith(store, "queue_all");
    for (const seconds of [60, 120, 180]) await pass(store, seconds);
    const [first] = await claim(store, A, at(200));
    assert.equal(first?.scheduledFor, at(60));
    const over = at(200 + LEASE_MS / 1000);
    await store.scheduling.rescue({ now: over, overdueMs: 0, limit: 10, retryAt: () => null });
    const second = (await store.runs.list({ limit: 10 })).items.find(({ scheduledFor }) => scheduledFor === at(120));
    assert.ok(second !== undefined);
    await store.runs.cancel(second.id, by(over));
    assert.deepEqual(times(await claim(store, A, over)), [at(180)]);
  });

  check("a pass writes a bounded number of dispatches and goes on in the next", async ({ store }) => {
    for (let i = 0; i < 3; i++) {
      await given(store, {
        name: `Job ${i}`,
        schedule: { kind: "interval", everySeconds: 1 },
        policies: {
          ...MINUTELY.policies,
          overlap: "allow",
          misfire: { ...MINUTELY.policies.misfire, graceSeconds: 86_400 },
        },
      }, at(1));
    }
    const now = at(1500);
    const passes: (readonly [number, number, boolean])[] = [];
    do {
      const decide = (due: Parameters<Parameters<Store["scheduling"]["dispatchDue"]>[0]["decide"]>[0]) =>
        decideDue({ ...due, now });
      const { jobs, runs, isDone } = await store.scheduling.dispatchDue({
        now,
        limit: 100,
        lockMs: LOCK_MS,
        decide,
      });
      passes.push([jobs, runs.length, isDone]);
    } while (!passes.at(-1)?.[2]);
    assert.deepEqual(passes, [[2, 2000, false], [3, 2000, false], [1, 500, true]]);
  });
}
