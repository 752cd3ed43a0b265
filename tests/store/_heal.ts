import assert from "node:assert/strict";
import { type EpochMs, epochMs, type Job, type JobDefinition } from "../../shared/domain/mod.ts";
import { createJob, editJob, pauseJob, resumeJob } from "../../shared/operations/mod.ts";
import { decideDue } from "../../shared/policy/mod.ts";
import type { Healed, Store } from "../../shared/store/mod.ts";
import { operating } from "../support/operating.ts";
import { finish, markStarted } from "../support/attempts.ts";
import { A, at, claimOne, enter, LEASE_MS, LOCK_MS, manual, MINUTELY, outcome, T0 } from "./_given.ts";
import type { Check } from "./contract.ts";

/** How far ahead the clock was, in seconds: two days and half a minute. */
const AHEAD = 172_830;

const HOURLY: JobDefinition = { ...MINUTELY, schedule: { kind: "hourly", minute: 0 } };

async function pass(store: Store, now: EpochMs): Promise<void> {
  for (let isDone = false; !isDone;) {
    const decide = (due: Parameters<Parameters<Store["scheduling"]["dispatchDue"]>[0]["decide"]>[0]) =>
      decideDue({ ...due, now });
    isDone = (await store.scheduling.dispatchDue({ now, limit: 10, lockMs: LOCK_MS, decide })).isDone;
  }
}

const heal = (store: Store, now: EpochMs): Promise<Healed> => store.scheduling.heal({ now, leaseMs: LEASE_MS });

async function current(store: Store, { id }: Job): Promise<Job> {
  return await store.jobs.get(id) ?? assert.fail();
}

async function ledger(store: Store, { id }: Job) {
  return (await store.runs.ledger(id, 10)).map((
    { reason, firstAt, lastAt, count },
  ) => [reason, firstAt, lastAt, count]);
}

/** The nominal times of the dispatches, oldest first. */
async function dispatched(store: Store): Promise<readonly EpochMs[]> {
  return (await store.runs.list({ limit: 100 })).items.map(({ scheduledFor }) => scheduledFor).toSorted((a, b) =>
    a - b
  );
}

/** Healing after a clock was ahead. */
export function healContract(check: Check): void {
  check(
    "healing moves back a next run from a clock ahead, and deletes future ledger entries",
    async ({ store }) => {
      const job = await createJob(operating(store, T0), HOURLY);
      await pass(store, at(3600));
      await enter(store, A);
      await finish(store, await claimOne(store, A, at(3601)), {
        outcome: outcome("COMPLETED"),
        retryAt: null,
        now: at(3602),
      });
      // Half an hour without a scheduler, then by a clock that is ahead.
      await pass(store, at(AHEAD));
      assert.equal((await current(store, job)).nextRun, at(172_800 + 3600));
      assert.deepEqual(await ledger(store, job), [["missed", at(7200), at(172_800 - 3600), 46]]);
      assert.deepEqual(await heal(store, at(7260)), { jobs: 1, waiting: 0, running: 0 });
      const healed = await current(store, job);
      assert.deepEqual([healed.nextRun, healed.lastDispatchedAt], [at(10_800), at(3600)]);
      assert.deepEqual(await ledger(store, job), [["missed", at(7200), at(7200), 1]]);
      assert.deepEqual(await dispatched(store), [at(3600)], "what waited for a time to come is not there any more");
      assert.deepEqual(await heal(store, at(7260)), { jobs: 0, waiting: 0, running: 0 }, "nothing is left to do");
      await pass(store, at(10_800));
      assert.deepEqual(await dispatched(store), [at(3600), at(10_800)]);
    },
  );

  check(
    "an occurrence that ran ahead of its time neither runs nor enters the ledger again at its time",
    async ({ store }) => {
      await enter(store, A);
      const job = await createJob(operating(store, T0), HOURLY);
      await pass(store, at(7200));
      await finish(store, await claimOne(store, A, at(7201)), {
        outcome: outcome("COMPLETED"),
        retryAt: null,
        now: at(7202),
      });
      await heal(store, at(60));
      assert.equal((await current(store, job)).nextRun, at(3600));
      assert.deepEqual(await ledger(store, job), []);
      // An earlier run keeps all others out, but the one of 02:00 was there.
      await pass(store, at(3600));
      await pass(store, at(7200));
      await pass(store, at(10_800));
      assert.deepEqual(await dispatched(store), [at(3600), at(7200)]);
      assert.deepEqual(await ledger(store, job), [["overlap", at(10_800), at(10_800), 1]]);
    },
  );

  check("an edit that keeps the times does not hide occurrences that were missed before it", async ({ store }) => {
    const job = await createJob(operating(store, T0), HOURLY);
    await editJob(operating(store, at(7300)), { id: job.id, revision: 1, definition: { ...HOURLY, name: "B" } });
    await pass(store, at(AHEAD));
    await heal(store, at(10_860));
    assert.deepEqual(await ledger(store, job), [["missed", at(3600), at(10_800), 3]]);
  });

  check("a person's skip leaves out an occurrence that ran ahead of its time", async ({ store }) => {
    await enter(store, A);
    const job = await createJob(operating(store, T0), HOURLY);
    await pass(store, at(7200));
    const end = { outcome: outcome("COMPLETED"), retryAt: null, now: at(7202) };
    await finish(store, await claimOne(store, A, at(7201)), end);
    await heal(store, at(60));
    await pauseJob(operating(store, at(10_801)), { id: job.id, note: null });
    assert.deepEqual(await ledger(store, job), [
      ["missed", at(10_800), at(10_800), 1],
      ["missed", at(3600), at(3600), 1],
    ]);
  });

  check("a one-time job that a clock ahead has passed over is due again", async ({ store }) => {
    const { misfire } = HOURLY.policies;
    const policies = { ...HOURLY.policies, misfire: { ...misfire, kind: "skip" as const } };
    const schedule = { kind: "once" as const, at: new Date(at(3600)).toISOString().slice(0, 19) };
    const job = await createJob(operating(store, T0), { ...HOURLY, schedule, policies });
    await pass(store, at(AHEAD));
    assert.equal((await current(store, job)).nextRun, null);
    await heal(store, at(60));
    assert.equal((await current(store, job)).nextRun, at(3600));
    assert.deepEqual(await ledger(store, job), []);
  });

  check("an interval keeps its rhythm when it is put right", async ({ store }) => {
    const job = await createJob(operating(store, at(5)), {
      ...MINUTELY,
      schedule: { kind: "interval", everySeconds: 420 },
    });
    await pass(store, at(AHEAD));
    await heal(store, at(1000));
    assert.equal((await current(store, job)).nextRun, at(5 + 3 * 420));
  });

  check("a job made while the clock was ahead is due by the real time", async ({ store }) => {
    const job = await createJob(operating(store, at(AHEAD)), HOURLY);
    await heal(store, at(60));
    assert.equal((await current(store, job)).nextRun, at(3600));
  });

  for (const change of ["edit", "resume"] as const) {
    check(`${change} goes by the real now after a clock was ahead`, async ({ store }) => {
      const job = await createJob(operating(store, T0), HOURLY);
      await pass(store, at(AHEAD));
      const now = at(60);
      if (change === "edit") {
        await editJob(operating(store, now), { id: job.id, revision: 1, definition: { ...HOURLY, name: "B" } });
      } else {
        await pauseJob(operating(store, now), { id: job.id, note: null });
        await resumeJob(operating(store, now), { id: job.id });
      }
      assert.equal((await current(store, job)).nextRun, at(3600));
      assert.deepEqual(await ledger(store, job), []);
      await heal(store, now);
      await pass(store, at(3600));
      assert.deepEqual(await dispatched(store), [at(3600)]);
    });
  }

  check("runs of a paused job that wait for a time to come are deleted", async ({ store }) => {
    const job = await createJob(operating(store, T0), HOURLY);
    await pass(store, at(AHEAD));
    await pauseJob(operating(store, at(AHEAD + 1)), { id: job.id, note: null });
    await heal(store, at(60));
    assert.deepEqual(await dispatched(store), []);
    await resumeJob(operating(store, at(61)), { id: job.id });
    assert.deepEqual(await ledger(store, job), []);
  });

  check("waiting runs that were written ahead wait as long as was meant", async ({ store }) => {
    await enter(store, A);
    const job = await createJob(operating(store, T0), { ...MINUTELY, schedule: { kind: "manual" } });
    await store.runs.runNow(manual(job, { now: at(AHEAD) }));
    const held = await claimOne(store, A, at(AHEAD));
    await finish(store, held, { outcome: outcome("FAILED"), retryAt: at(AHEAD + 30), now: at(AHEAD) });
    await store.runs.runNow(manual(job, { now: at(AHEAD), force: true }));
    assert.deepEqual(await heal(store, at(60)), { jobs: 0, waiting: 2, running: 0 });
    const waiting = (await store.runs.unfinished(job.id)).flatMap(({ state }) =>
      state.status === "PENDING" ? [state.availableAt] : []
    );
    assert.deepEqual(waiting.toSorted((a, b) => a - b), [at(60), at(90)]);
    assert.deepEqual(await heal(store, at(70)), { jobs: 0, waiting: 0, running: 0 }, "the delay does not begin anew");
  });

  check(
    "healing ends a lease from a clock ahead one lease from now, and keeps the length of the time limit",
    async ({ store }) => {
      await enter(store, A, at(AHEAD));
      const job = await createJob(operating(store, T0), { ...MINUTELY, schedule: { kind: "manual" } });
      await store.runs.runNow(manual(job));
      const held = await claimOne(store, A, at(AHEAD));
      await markStarted(store, held, { now: at(AHEAD), timeoutAt: at(AHEAD + 600) });
      assert.deepEqual(await heal(store, at(60)), { jobs: 0, waiting: 0, running: 1 });
      const [worker] = await store.workers.list();
      assert.equal(worker?.lastHeartbeat, at(60));
      const [run] = await store.runs.unfinished(job.id);
      assert.ok(run?.state.status === "IN_PROGRESS");
      const { lease, claimedAt, startedAt } = run.state;
      assert.deepEqual([lease.until, claimedAt, startedAt], [epochMs(at(60) + LEASE_MS), at(60), at(60)]);
      assert.equal(await store.scheduling.nextRescueAt(0), epochMs(at(60) + LEASE_MS));
      // While the worker lives, the time limit ends the run.
      await store.queue.heartbeat({ workerId: A, held: [held], status: "BUSY", leaseMs: 9_000_000, now: at(61) });
      assert.equal(await store.scheduling.nextRescueAt(0), at(660));
    },
  );

  check("healing changes nothing that is right", async ({ store }) => {
    await enter(store, A);
    const job = await createJob(operating(store, T0), HOURLY);
    await pass(store, at(3600));
    const before = [await current(store, job), await store.runs.unfinished(job.id), await store.workers.list()];
    // The clocks of two services differ a little, and both are right.
    const slightlyBefore = epochMs(at(3600) - 500);
    assert.deepEqual(await heal(store, slightlyBefore), { jobs: 0, waiting: 0, running: 0 });
    const held = await claimOne(store, A, at(3601));
    assert.deepEqual(await heal(store, epochMs(at(3601) - 500)), { jobs: 0, waiting: 0, running: 0 });
    await store.queue.release([held], at(3602));
    assert.deepEqual(
      [await current(store, job), await store.runs.unfinished(job.id), await store.workers.list()],
      before,
    );
  });

  check("late healing undoes no change that a person made meanwhile", async ({ store }) => {
    const job = await createJob(operating(store, T0), HOURLY);
    await pass(store, at(3600));
    await pauseJob(operating(store, at(3601)), { id: job.id, note: null });
    await heal(store, at(3590));
    assert.deepEqual(await dispatched(store), [at(3600)]);
    await resumeJob(operating(store, at(3605)), { id: job.id });
    await heal(store, at(3590));
    const { nextRun, updatedAt } = await current(store, job);
    assert.deepEqual([nextRun, updatedAt], [at(7200), at(3605)]);
  });

  check("two schedulers put right the same jobs at once, while a third is still ahead", async ({ store, another }) => {
    const jobs = await Promise.all(Array.from({ length: 12 }, () => createJob(operating(store, T0), HOURLY)));
    const [one, two] = [await another(), await another()];
    await pass(store, at(AHEAD));
    await Promise.all([heal(one, at(60)), heal(two, at(60)), pass(store, at(AHEAD + 3600))]);
    await heal(one, at(61));
    await pass(two, at(3600));
    for (const job of jobs) {
      const runs = (await store.runs.list({ jobId: job.id, limit: 10 })).items.map(({ scheduledFor }) => scheduledFor);
      assert.deepEqual(runs, [at(3600)]);
      assert.deepEqual([(await current(store, job)).nextRun, await ledger(store, job)], [at(7200), []]);
    }
  });
}
