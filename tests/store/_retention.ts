import assert from "node:assert/strict";
import type { DispatchId, EpochMs, Job, JobId } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { append, finish } from "../support/attempts.ts";
import { A, at, claimOne, enter, given, manual, outcome } from "./_given.ts";
import type { Check } from "./contract.ts";
import { by } from "../support/actor.ts";

/** A manual run of `job` that has ended at `second`, with output; `retryAt`: when its retry follows. */
async function ended(
  store: Store,
  job: Job,
  { second, status, retryAt = null }: {
    readonly second: number;
    readonly status: "COMPLETED" | "FAILED" | "TIMEOUT" | "CANCELLED";
    readonly retryAt?: EpochMs | null;
  },
): Promise<number> {
  await store.runs.runNow(manual(job, { now: at(second), force: true }));
  return await endNext(store, { second, status, retryAt });
}

async function endNext(
  store: Store,
  { second, status, retryAt = null }: {
    readonly second: number;
    readonly status: "COMPLETED" | "FAILED" | "TIMEOUT" | "CANCELLED";
    readonly retryAt?: EpochMs | null;
  },
): Promise<number> {
  const held = await claimOne(store, A, at(second));
  await append(store, held, [{ seq: 0, stream: "stdout", at: at(second), data: status }]);
  await finish(store, held, { outcome: outcome(status), retryAt, now: at(second) });
  return held.dispatchId;
}

/** Deletes all that is older than ten days, a few at a time. */
async function pruneAll(store: Store): Promise<void> {
  while (await store.scheduling.prune({ before: at(864_000), limit: 3 }) >= 3);
}

async function left(store: Store): Promise<readonly number[]> {
  return (await store.runs.list({ limit: 100 })).items.map(({ id }) => Number(id)).toReversed();
}

/** Which history the retention deletes and keeps. */
export function retentionContract(check: Check): void {
  check(
    "old finished occurrences go in batches, with their output; young and unfinished ones stay",
    async ({ store }) => {
      await enter(store, A);
      const job = await given(store);
      const old: DispatchId[] = [];
      for (let i = 0; i < 3; i++) {
        const run = await store.runs.runNow(manual(job, { now: at(i * 10) }));
        const held = await claimOne(store, A, at(i * 10));
        await append(store, held, [{ seq: 0, stream: "stdout", at: at(1), data: "x" }]);
        await finish(store, held, { outcome: outcome("COMPLETED"), retryAt: null, now: at(i * 10 + 1) });
        old.push(run.id);
      }
      const young = await store.runs.runNow(manual(job, { now: at(1000) }));
      const prune = () => store.scheduling.prune({ before: at(500), limit: 2 });
      assert.deepEqual([await prune(), await prune(), await prune()], [2, 1, 0]);
      assert.deepEqual((await store.runs.list({ limit: 10 })).items.map(({ id }) => id), [young.id]);
      for (const id of old) assert.deepEqual(await store.logs.read(id, { fromSeq: 0, maxBytes: 100 }), []);
    },
  );

  check(
    "the last run and the last failure of a job stay with their output, however old they are",
    async ({ store }) => {
      await enter(store, A);
      const yearly = await given(store, { name: "Yearly" });
      const healthy = await given(store, { name: "Healthy" });
      await ended(store, yearly, { second: 1, status: "FAILED" });
      const failure = await ended(store, yearly, { second: 2, status: "TIMEOUT" });
      await ended(store, yearly, { second: 3, status: "COMPLETED" });
      await ended(store, yearly, { second: 4, status: "CANCELLED" });
      const last = await ended(store, yearly, { second: 5, status: "COMPLETED" });
      await ended(store, healthy, { second: 6, status: "COMPLETED" });
      const only = await ended(store, healthy, { second: 7, status: "COMPLETED" });
      await pruneAll(store);
      assert.deepEqual(await left(store), [failure, last, only]);
      for (const run of (await store.runs.list({ limit: 10 })).items) {
        assert.equal((await store.logs.read(run.id, { fromSeq: 0, maxBytes: 100 })).length, 1, `output of ${run.id}`);
        assert.ok(await store.runs.execution(run.id) !== null);
      }
    },
  );

  check(
    "the last occurrence of a job stays whole, until a later one is the last",
    async ({ store }) => {
      await enter(store, A);
      const job = await given(store);
      const first = await ended(store, job, { second: 1, status: "FAILED", retryAt: at(2) });
      const retry = await endNext(store, { second: 2, status: "COMPLETED" });
      await pruneAll(store);
      assert.deepEqual(await left(store), [first, retry]);
      const next = await ended(store, job, { second: 3, status: "FAILED" });
      await pruneAll(store);
      assert.deepEqual(await left(store), [next]);
    },
  );

  check("a pass deletes at most its limit of jobs, too", async ({ store, sql }) => {
    for (let i = 0; i < 3; i++) {
      const job = await given(store, { name: `Job ${i}` });
      await store.jobs.remove(job.id, { ...by(at(i)) });
    }
    const kept = async () => (await sql("SELECT id FROM scheduled_jobs")).length;
    const prune = () => store.scheduling.prune({ before: at(500), limit: 2 });
    assert.deepEqual([await prune(), await kept()], [2, 1]);
    assert.deepEqual([await prune(), await kept()], [1, 0]);
    assert.deepEqual([await prune(), await kept()], [0, 0]);
  });

  check("of a job the newest attempts are kept, its last failure, and what has not ended whole", async ({ store }) => {
    await enter(store, A);
    const busy = await given(store, { name: "Busy" });
    const quiet = await given(store, { name: "Quiet" });
    const retried = await ended(store, busy, { second: 1, status: "FAILED", retryAt: at(2) });
    await endNext(store, { second: 2, status: "COMPLETED" });
    const ends: number[] = [];
    for (let second = 3; second < 9; second++) ends.push(await ended(store, busy, { second, status: "COMPLETED" }));
    const few = [await ended(store, quiet, { second: 9, status: "COMPLETED" })];
    const waiting = await store.runs.runNow(manual(busy, { now: at(10), force: true }));
    const prune = (from: JobId | null) => store.scheduling.pruneSurplus({ keep: 2, from, jobs: 1, limit: 3 });
    // Four of the busy job are too many; one job a pass, three occurrences a pass.
    assert.deepEqual(await prune(null), { deleted: 3, next: busy.id });
    assert.deepEqual(await prune(busy.id), { deleted: 1, next: quiet.id });
    assert.deepEqual(await prune(quiet.id), { deleted: 0, next: null });
    assert.deepEqual(await left(store), [retried, retried + 1, ...ends.slice(-2), ...few, waiting.id]);
    const again = await store.scheduling.pruneSurplus({ keep: 2, from: null, jobs: 10, limit: 10 });
    assert.deepEqual(again, { deleted: 0, next: null });
    // The last failure is another one now.
    const failed = await endNext(store, { second: 11, status: "FAILED" });
    const next = await ended(store, busy, { second: 12, status: "COMPLETED" });
    await store.scheduling.pruneSurplus({ keep: 1, from: null, jobs: 10, limit: 10 });
    assert.deepEqual(await left(store), [...few, failed, next]);
  });

  check("nothing of a deleted job stays", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    await ended(store, job, { second: 1, status: "FAILED" });
    await ended(store, job, { second: 2, status: "COMPLETED" });
    await store.jobs.remove(job.id, { ...by(at(3)) });
    await pruneAll(store);
    assert.deepEqual(await left(store), []);
  });
}
