import assert from "node:assert/strict";
import { type EpochMs, epochMs, type JobId } from "../../shared/domain/mod.ts";
import { type DueJob, MOST_DISPATCHES } from "../../shared/store/mod.ts";
import {
  A,
  at,
  B,
  claim,
  claimOne,
  counted,
  dispatch,
  enter,
  given,
  LEASE_MS,
  LOCK_MS,
  manual,
  outcome,
  running,
  T0,
} from "./_given.ts";
import type { Check } from "./contract.ts";
import { finish, markStarted } from "../support/attempts.ts";

const later = (now: EpochMs): EpochMs => epochMs(now + 10_000);

/** The calls of schedulers. */
export function schedulingContract(check: Check): void {
  check("a due job becomes one dispatch and its next run advances", async ({ store }) => {
    const job = await given(store);
    assert.equal(await store.scheduling.nextDueAt(), at(60));
    assert.deepEqual(counted(await dispatch(store, at(59))), { jobs: 0, dispatched: 0, isDone: true, damaged: [] });
    assert.deepEqual(counted(await dispatch(store, at(61))), { jobs: 1, dispatched: 1, isDone: true, damaged: [] });
    const after = await store.jobs.get(job.id);
    assert.deepEqual([after?.nextRun, after?.lastDispatchedAt, after?.revision], [at(120), at(60), 1]);
    const { items: [run] } = await store.runs.list({ limit: 10 });
    assert.deepEqual([run?.scheduledFor, run?.trigger, run?.retryCount, run?.rootId], [at(60), "schedule", 0, run?.id]);
  });

  check("a pass takes the oldest due jobs, up to its limit", async ({ store }) => {
    for (const seconds of [30, 10, 20]) await given(store, { name: String(seconds) }, at(seconds));
    const seen: EpochMs[] = [];
    const decide = ({ dueAt }: { readonly dueAt: EpochMs }) => {
      seen.push(dueAt);
      return running([dueAt], null);
    };
    assert.deepEqual(counted(await store.scheduling.dispatchDue({ now: at(60), limit: 2, lockMs: LOCK_MS, decide })), {
      jobs: 2,
      dispatched: 2,
      isDone: false,
      damaged: [],
    });
    assert.deepEqual(seen, [at(10), at(20)]);
  });

  check("a pass settles jobs up to its limit, each once", async ({ store }) => {
    for (let i = 0; i < 61; i++) await given(store, { name: `Job ${i}` }, at(i));
    const seen: JobId[] = [];
    // The first stays due, and its next occurrence is the earliest of all.
    const decide = ({ job, dueAt }: DueJob) => {
      seen.push(job.id);
      return running([dueAt], dueAt === at(0) ? epochMs(at(0) + 1) : null);
    };
    const pass = { now: at(100), lockMs: LOCK_MS, decide };
    const first = await store.scheduling.dispatchDue({ ...pass, limit: 60 });
    assert.deepEqual(counted(first), { jobs: 60, dispatched: 60, isDone: false, damaged: [] });
    assert.equal(new Set(seen).size, 60);
    const second = await store.scheduling.dispatchDue({ ...pass, limit: 60 });
    assert.deepEqual(counted(second), { jobs: 2, dispatched: 2, isDone: true, damaged: [] });
  });

  check(
    "a due job that cannot be read is reported and set aside, and the others are dispatched",
    async ({ store, sql }) => {
      const damaged = await given(store, { name: "Damaged" }, at(10));
      const fine = await given(store, { name: "Fine" }, at(20));
      await sql(`UPDATE scheduled_jobs SET schedule = '{"kind":"sometimes"}' WHERE id = ${damaged.id}`);
      const pass = await dispatch(store, at(30));
      assert.deepEqual([pass.jobs, pass.runs.length, pass.isDone], [1, 1, true]);
      assert.deepEqual(pass.damaged.map(({ jobId }) => jobId), [damaged.id]);
      assert.match(
        pass.damaged[0]?.damage ?? "",
        /^The stored definition of its job cannot be read: schedule: .*unknown kind "sometimes"/,
      );
      assert.deepEqual((await store.runs.list({ limit: 10 })).items.map(({ jobId }) => jobId), [fine.id]);
      assert.deepEqual((await dispatch(store, at(30))).damaged, []);
    },
  );

  check("a lost run whose job cannot be read is taken from its worker and not tried again", async ({ store, sql }) => {
    await enter(store, A);
    const job = await given(store);
    await store.runs.runNow(manual(job, { now: T0 }));
    const { dispatchId } = await claimOne(store, A, at(1));
    await sql(`UPDATE scheduled_jobs SET policies = '{"retry":{}}' WHERE id = ${job.id}`);
    const tries: (number | null)[] = [];
    const lost = await store.scheduling.rescue({
      now: epochMs(at(1) + LEASE_MS + 1),
      overdueMs: 1000,
      limit: 10,
      retryAt: ({ retry }) => {
        tries.push(retry.max);
        return null;
      },
    });
    assert.deepEqual([lost.map((one) => one.dispatchId), tries], [[dispatchId], [0]]);
  });

  check("a pass ends at its limit of dispatches, which counts those that exist already", async ({ store }) => {
    await given(store, { name: "Many" }, at(10));
    await given(store, { name: "Next" }, at(20));
    const many = Array.from({ length: MOST_DISPATCHES }, (_, i) => epochMs(T0 + i));
    const pass = (nextRun: EpochMs) =>
      store.scheduling.dispatchDue({
        now: at(60),
        limit: 10,
        lockMs: LOCK_MS,
        decide: ({ job }) => job.name === "Many" ? running(many, nextRun) : running([at(20)], null),
      });
    assert.deepEqual(counted(await pass(at(10))), { jobs: 1, dispatched: MOST_DISPATCHES, isDone: false, damaged: [] });
    assert.deepEqual(counted(await pass(at(10))), { jobs: 1, dispatched: 0, isDone: false, damaged: [] });
    assert.deepEqual(counted(await pass(at(70))), { jobs: 1, dispatched: 0, isDone: false, damaged: [] });
    assert.deepEqual(counted(await pass(at(70))), { jobs: 1, dispatched: 1, isDone: true, damaged: [] });
  });

  check("many schedulers at once dispatch each occurrence once", async ({ store, another }) => {
    const jobs = 20;
    for (let i = 0; i < jobs; i++) await given(store, { name: `Job ${i}` });
    const schedulers = [store, await another(), await another(), await another()];
    for (const now of [at(60), at(120), at(180)]) {
      await Promise.all(schedulers.flatMap((scheduler) => [dispatch(scheduler, now), dispatch(scheduler, now)]));
    }
    const { items } = await store.runs.list({ limit: 200 });
    const occurrences = items.map(({ jobId, scheduledFor }) => `${jobId} ${scheduledFor}`);
    assert.equal(new Set(occurrences).size, occurrences.length);
    assert.equal(occurrences.length, jobs * 3);
  });

  check("an occurrence that exists already is not written again", async ({ store }) => {
    await given(store);
    const decide = () => running([at(60)], at(60));
    assert.equal(
      (await store.scheduling.dispatchDue({ now: at(60), limit: 10, lockMs: LOCK_MS, decide })).runs.length,
      1,
    );
    assert.equal(
      (await store.scheduling.dispatchDue({ now: at(60), limit: 10, lockMs: LOCK_MS, decide })).runs.length,
      0,
    );
    assert.equal((await store.runs.list({ limit: 10 })).items.length, 1);
  });

  check("a pass that fails in the middle writes nothing", async ({ store }) => {
    await given(store, { name: "Good" }, at(10));
    await given(store, { name: "Bad" }, at(20));
    const decide = ({ dueAt }: { readonly dueAt: EpochMs }) => {
      if (dueAt === at(20)) throw new Error("a defect");
      return running([dueAt], null);
    };
    await assert.rejects(store.scheduling.dispatchDue({ now: at(60), limit: 10, lockMs: LOCK_MS, decide }), /a defect/);
    assert.deepEqual((await store.runs.list({ limit: 10 })).items, []);
    assert.equal(await store.scheduling.nextDueAt(), at(10));
  });

  check("the ledger has occurrences that did not run, consecutive ones of one reason in one row", async ({ store }) => {
    const job = await given(store);
    const skip = (reason: "overlap" | "missed", from: number, to: number, count: number) =>
      store.scheduling.dispatchDue({
        now: at(to),
        limit: 1,
        lockMs: LOCK_MS,
        decide: () => ({
          ...running([], at(to + 60)),
          ledger: [{ reason, firstAt: at(from), lastAt: at(to), count }],
        }),
      });
    await skip("overlap", 60, 60, 1);
    await skip("overlap", 120, 120, 1);
    await skip("missed", 180, 300, 3);
    await dispatch(store, at(360));
    await skip("missed", 420, 420, 1);
    const entries = (await store.runs.ledger(job.id, 10)).map(({ reason, firstAt, lastAt, count }) => [
      reason,
      firstAt,
      lastAt,
      count,
    ]);
    assert.deepEqual(entries, [
      ["missed", at(420), at(420), 1],
      ["missed", at(180), at(300), 3],
      ["overlap", at(60), at(120), 2],
    ]);
  });

  check("a due job comes with the number of its unfinished attempts, retries included", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    const count = async (now: EpochMs) => {
      let seen = -1;
      await store.scheduling.dispatchDue({
        now,
        limit: 1,
        lockMs: LOCK_MS,
        decide: ({ unfinished }) => {
          seen = unfinished;
          return running([], at(60));
        },
      });
      return seen;
    };
    assert.equal(await count(at(60)), 0);
    await store.runs.runNow(manual(job));
    assert.equal(await count(at(60)), 1);
    const held = await claimOne(store, A, at(61));
    assert.equal(await count(at(61)), 1);
    await finish(store, held, { outcome: outcome("FAILED"), retryAt: at(90), now: at(62) });
    assert.equal(await count(at(62)), 1);
    await finish(store, await claimOne(store, A, at(90)), {
      outcome: outcome("COMPLETED"),
      retryAt: null,
      now: at(91),
    });
    assert.equal(await count(at(92)), 0);
  });

  check("an attempt with an expired lease ends as TIMEOUT, with its retry", async ({ store }) => {
    await enter(store, A);
    const job = await given(store);
    const run = await store.runs.runNow(manual(job));
    const held = await claimOne(store, A, T0);
    const over = epochMs(T0 + LEASE_MS);
    assert.equal(await store.scheduling.nextRescueAt(0), over);
    const rescue = (now: EpochMs) =>
      store.scheduling.rescue({ now, overdueMs: 0, limit: 10, retryAt: () => later(now) });
    assert.deepEqual(await rescue(epochMs(over - 1)), []);
    const lost = await rescue(over);
    assert.deepEqual(lost.map(({ dispatchId, reason, workerId }) => [dispatchId, reason, workerId]), [[
      run.id,
      "lease",
      A,
    ]]);
    assert.deepEqual(await rescue(over), []);
    const attempts = await store.runs.attempts(run.id);
    assert.deepEqual(attempts.map(({ state, retryCount, trigger }) => [state.status, retryCount, trigger]), [
      ["TIMEOUT", 0, "manual"],
      ["PENDING", 1, "retry"],
    ]);
    assert.equal((await store.runs.execution(run.id))?.status, "TIMEOUT");
    assert.equal(await finish(store, held, { outcome: outcome("COMPLETED"), retryAt: null, now: over }), false);
  });

  check("an attempt far past its time limit is taken from a worker that lives", async ({ store }) => {
    await enter(store, A);
    await store.runs.runNow(manual(await given(store)));
    const held = await claimOne(store, A, T0);
    await markStarted(store, held, { now: T0, timeoutAt: at(10) });
    const rescue = (now: EpochMs) => store.scheduling.rescue({ now, overdueMs: 5000, limit: 10, retryAt: () => null });
    assert.deepEqual(await rescue(at(14)), []);
    assert.deepEqual((await rescue(at(15))).map(({ reason }) => reason), ["overdue"]);
    const beat = { workerId: A, held: [held], status: "BUSY", leaseMs: LEASE_MS, now: at(16) } as const;
    assert.deepEqual(await store.queue.heartbeat(beat), { lost: [held.dispatchId], known: true, drains: false });
  });

  check("many schedulers at once rescue an attempt once", async ({ store, another }) => {
    await enter(store, A);
    for (let i = 0; i < 10; i++) await store.runs.runNow(manual(await given(store, { name: `Job ${i}` })));
    await claim(store, A, T0);
    const schedulers = [store, await another(), await another()];
    const now = epochMs(T0 + LEASE_MS);
    const pass = { now, overdueMs: 0, limit: 10, retryAt: () => later(now) };
    const rescued = (await Promise.all(schedulers.map((one) => one.scheduling.rescue(pass)))).flat();
    assert.equal(rescued.length, 10);
    const { items } = await store.runs.list({ limit: 100 });
    assert.deepEqual(
      [
        items.filter(({ retryCount }) => retryCount === 0).length,
        items.filter(({ retryCount }) => retryCount === 1).length,
      ],
      [10, 10],
    );
  });

  check("a silent worker is marked OFFLINE, one that lives is not", async ({ store }) => {
    await enter(store, A, at(0));
    await enter(store, B, at(100));
    assert.equal(await store.scheduling.markOffline(at(50)), 1);
    assert.deepEqual((await store.workers.list()).map(({ workerId, status }) => [workerId, status]), [[B, "IDLE"], [
      A,
      "OFFLINE",
    ]]);
    assert.equal(await store.scheduling.markOffline(at(50)), 0);
  });
}
