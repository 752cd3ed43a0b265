import assert from "node:assert/strict";
import { type DispatchId, type Job, NotFound } from "../../shared/domain/mod.ts";
import type { Claim, Store } from "../../shared/store/mod.ts";
import { decideDue } from "../../shared/policy/mod.ts";
import { finish } from "../support/attempts.ts";
import { A, at, claim, claimOne, enter, given, LOCK_MS, manual, MINUTELY, outcome, pausing } from "./_given.ts";
import type { Check } from "./contract.ts";
import { by } from "../support/actor.ts";

const CANCELS = { policies: { ...MINUTELY.policies, overlap: "cancel_running" } } as const;

/** The report of a worker that stopped a script on request, without a remark. */
const STOPPED = { ...outcome("CANCELLED"), signal: "SIGTERM", errorMessage: null };

/** One pass of a scheduler, deciding as schedulers do. */
async function pass(store: Store, seconds: number): Promise<void> {
  const now = at(seconds);
  await store.scheduling.dispatchDue({ now, limit: 100, lockMs: LOCK_MS, decide: (due) => decideDue({ ...due, now }) });
}

async function newestRun(store: Store, job: Job): Promise<DispatchId> {
  const [run] = (await store.runs.list({ jobId: job.id, limit: 1 })).items;
  assert.ok(run !== undefined);
  return run.id;
}

/** The message of a cancelled run. */
async function reasonOf(store: Store, id: DispatchId | undefined): Promise<string | null> {
  const run = id === undefined ? null : await store.runs.get(id);
  assert.ok(run?.state.status === "CANCELLED", `run ${id} is not cancelled`);
  return run.state.errorMessage;
}

function madeRoomFor(id: DispatchId): string {
  return `Cancelled to make room for run ${id}: the job's overlap policy is cancel_running`;
}

async function waits(store: Store, job: Job, seconds: number): Promise<DispatchId> {
  return (await store.runs.runNow(manual(job, { now: at(seconds), force: true }))).id;
}

/** Why runs were cancelled, and waiting runs under a pause. */
export function cancellingContract(check: Check): void {
  check("cancel_running: the message of a cancelled waiting run names the new run", async ({ store }) => {
    const job = await given(store, CANCELS);
    await pass(store, 60);
    const first = await newestRun(store, job);
    await pass(store, 120);
    const second = await newestRun(store, job);
    assert.equal(await reasonOf(store, first), madeRoomFor(second));
    const third = (await store.runs.runNow(manual(job, { now: at(130) }))).id;
    assert.equal(await reasonOf(store, second), madeRoomFor(third));
    assert.equal((await store.runs.get(third))?.state.status, "PENDING");
  });

  const endings: readonly (readonly [name: string, end: (store: Store, held: Claim) => Promise<unknown>])[] = [
    ["is stopped", (store, held) => finish(store, held, { outcome: STOPPED, retryAt: null, now: at(125) })],
    ["is released", (store, held) => store.queue.release([held], at(125))],
  ];
  for (const [name, end] of endings) {
    check(`cancel_running: the message of a running run that ${name} names the new run`, async ({ store }) => {
      await enter(store, A);
      const job = await given(store, CANCELS);
      await pass(store, 60);
      const held = await claimOne(store, A, at(60));
      await pass(store, 120);
      const cancel = { reason: "overlap", forRun: await newestRun(store, job) } as const;
      assert.deepEqual(await store.queue.cancelRequested([held]), [{ dispatchId: held.dispatchId, cancel }]);
      const asked = await store.runs.get(held.dispatchId);
      assert.deepEqual(asked?.state.status === "IN_PROGRESS" && asked.state.cancel, cancel);
      await end(store, held);
      assert.equal(await reasonOf(store, held.dispatchId), madeRoomFor(cancel.forRun));
    });
  }

  check("cancel_running: an occurrence that has a run already cancels nothing", async ({ store }) => {
    const job = await given(store, CANCELS);
    await pass(store, 60);
    const run = await newestRun(store, job);
    // As after a clock that was wrong: the due occurrence was dispatched before.
    const paused = await store.jobs.pause(job.id, pausing(at(120), { now: at(61) }));
    assert.ok(paused !== "moved");
    await store.jobs.resume(job.id, { nextRun: { from: null, to: at(60), ledger: [] }, ...by(at(61)) });
    await pass(store, 61);
    assert.equal((await store.runs.get(run))?.state.status, "PENDING");
  });

  check("of two reasons the first holds; the worker's remark follows it", async ({ store }) => {
    await enter(store, A);
    const job = await given(store, CANCELS);
    await pass(store, 60);
    const held = await claimOne(store, A, at(60));
    await store.runs.cancel(held.dispatchId, by(at(61)));
    await pass(store, 120);
    const left = { ...STOPPED, errorMessage: "2 of its processes could not be ended" };
    await finish(store, held, { outcome: left, retryAt: null, now: at(125) });
    assert.equal(
      await reasonOf(store, held.dispatchId),
      "Cancelled on request; 2 of its processes could not be ended",
    );
    assert.equal((await store.runs.get(await newestRun(store, job)))?.state.status, "PENDING");
  });

  check("the message of a running run of a deleted job says that the job was deleted", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    await waits(store, job, 1);
    const held = await claimOne(store, A, at(1));
    await store.jobs.remove(job.id, { ...by(at(2)) });
    await finish(store, held, { outcome: STOPPED, retryAt: null, now: at(3) });
    assert.equal(await reasonOf(store, held.dispatchId), "Cancelled because its job was deleted");
  });

  check("a pause counts the waiting runs and leaves them, and they start", async ({ store }) => {
    const job = await given(store);
    await waits(store, await given(store, { name: "Another" }), 1);
    await waits(store, job, 1);
    await waits(store, job, 2);
    assert.equal(await store.runs.waiting(job.id), 2);
    const paused = await store.jobs.pause(job.id, pausing(at(60), { now: at(3) }));
    assert.ok(paused !== "moved");
    assert.deepEqual([paused.waiting, paused.cancelled, paused.job.isActive], [2, 0, false]);
    assert.equal((await claim(store, A, at(4))).length, 3);
  });

  check("a pause that cancels waiting runs cancels all of them and no running one", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    const other = await waits(store, await given(store, { name: "Another" }), 9);
    await waits(store, job, 1);
    const held = await claimOne(store, A, at(1));
    const run = await waits(store, job, 2);
    const backfill = { id: "past", atOnce: 1 };
    await store.runs.backfill({ jobId: job.id, times: [at(-120), at(-60)], backfill, ...by(at(3)) });
    const paused = await store.jobs.pause(job.id, pausing(at(60), { cancelsWaiting: true, now: at(4) }));
    assert.ok(paused !== "moved");
    assert.deepEqual([paused.waiting, paused.cancelled], [0, 3]);
    assert.equal(await store.runs.waiting(job.id), 0);
    assert.equal(await reasonOf(store, run), "Cancelled when its job was paused");
    assert.equal((await store.runs.execution(run))?.status, "CANCELLED");
    const running = await store.runs.get(held.dispatchId);
    assert.ok(running?.state.status === "IN_PROGRESS" && running.state.cancelRequestedAt === null);
    assert.equal((await store.runs.get(other))?.state.status, "PENDING");
  });

  check("pausing a paused job again can cancel its waiting runs", async ({ store }) => {
    const job = await given(store);
    await waits(store, job, 1);
    const first = await store.jobs.pause(job.id, pausing(at(60), { note: "moving", now: at(2) }));
    const second = await store.jobs.pause(job.id, pausing(null, { cancelsWaiting: true, now: at(3) }));
    assert.ok(first !== "moved" && second !== "moved");
    assert.deepEqual(second, { job: first.job, waiting: 0, cancelled: 1 });
  });

  check("a pause that a scheduler was faster than cancels nothing", async ({ store }) => {
    const job = await given(store);
    const run = await waits(store, job, 1);
    const late = pausing(at(30), { cancelsWaiting: true, now: at(2) });
    assert.equal(await store.jobs.pause(job.id, late), "moved");
    assert.equal((await store.runs.get(run))?.state.status, "PENDING");
    await store.jobs.remove(job.id, { ...by(at(3)) });
    await assert.rejects(store.jobs.pause(job.id, late), NotFound);
  });
}
