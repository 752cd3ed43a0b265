import assert from "node:assert/strict";
import type { DispatchId, EpochMs, Job } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import { finish } from "../support/attempts.ts";
import type { Check } from "./contract.ts";
import { A, at, claim, claimOne, enter, given, LEASE_MS, manual, outcome, pausing } from "./_given.ts";

/** Runs `job` at `seconds` and ends the attempt a second later. Answers it. */
async function end(
  store: Store,
  job: Job,
  { status, seconds, retryAt = null }: {
    readonly status: Parameters<typeof outcome>[0];
    readonly seconds: number;
    readonly retryAt?: EpochMs | null;
  },
): Promise<DispatchId> {
  await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
  const claimed = await claimOne(store, A, at(seconds));
  await finish(store, claimed, { outcome: outcome(status), retryAt, now: at(seconds + 1) });
  return claimed.dispatchId;
}

async function failing(store: Store, visible: "all" | readonly string[] = "all"): Promise<unknown[]> {
  return (await store.jobs.failing({ visible, limit: 10 }))
    .map(({ jobName, dispatchId, since, message }) => [jobName, dispatchId, since, message]);
}

/** Jobs that fail: from the end of an attempt without a retry to the next success. */
export function failingContract(check: Check): void {
  check(
    "failing: a job fails from its first failure on, and shows the last, until a run succeeds",
    async ({ store }) => {
      await enter(store, A);
      const job = await given(store, {}, null);
      await end(store, job, { status: "COMPLETED", seconds: 10 });
      assert.deepEqual(await failing(store), []);
      const failed = await end(store, job, { status: "FAILED", seconds: 20 });
      assert.deepEqual(await failing(store), [["Minutely", failed, at(21), "It went wrong"]]);
      const late = await end(store, job, { status: "TIMEOUT", seconds: 30 });
      await end(store, job, { status: "CANCELLED", seconds: 40 });
      assert.deepEqual(await failing(store), [["Minutely", late, at(21), "It went wrong"]]);
      await end(store, job, { status: "COMPLETED", seconds: 50 });
      assert.deepEqual(await failing(store), []);
    },
  );

  check("failing: an attempt that is tried again makes no job fail, and its last retry does", async ({ store }) => {
    await enter(store, A);
    const job = await given(store, {}, null);
    await end(store, job, { status: "FAILED", seconds: 10, retryAt: at(20) });
    assert.deepEqual(await failing(store), []);
    const retry = await claimOne(store, A, at(20));
    await finish(store, retry, { outcome: outcome("FAILED"), retryAt: null, now: at(21) });
    assert.deepEqual(await failing(store), [["Minutely", retry.dispatchId, at(21), "It went wrong"]]);
  });

  check("failing: a run that its worker lost makes its job fail", async ({ store }) => {
    await enter(store, A);
    const job = await given(store, {}, null);
    await store.runs.runNow(manual(job, { now: at(0) }));
    await claimOne(store, A, at(0));
    const now = at(LEASE_MS / 1000 + 1);
    await store.scheduling.rescue({ now, overdueMs: 600_000, limit: 10, retryAt: () => null });
    assert.deepEqual((await store.jobs.failing({ limit: 10 })).map(({ since }) => since), [now]);
  });

  check("failing: an older run that fails after a newer one succeeded changes nothing", async ({ store }) => {
    await enter(store, A);
    const job = await given(store, {}, null);
    for (const seconds of [0, 1]) await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
    const [older, newer] = await claim(store, A, at(2));
    assert.ok(older !== undefined && newer !== undefined);
    await finish(store, newer, { outcome: outcome("COMPLETED"), retryAt: null, now: at(3) });
    await finish(store, older, { outcome: outcome("FAILED"), retryAt: null, now: at(4) });
    assert.deepEqual(await failing(store), []);
  });

  check("failing: ends of one batch count by job, whichever they are", async ({ store }) => {
    await enter(store, A);
    const [good, bad] = [await given(store, { name: "Good" }, null), await given(store, { name: "Bad" }, null)];
    await end(store, good, { status: "FAILED", seconds: 10 });
    await store.runs.runNow(manual(good, { now: at(20), force: true }));
    for (const seconds of [21, 22]) await store.runs.runNow(manual(bad, { now: at(seconds), force: true }));
    const claims = await claim(store, A, at(23));
    await store.queue.finish(claims.map(({ dispatchId, epoch, jobId }) => ({
      dispatchId,
      epoch,
      outcome: outcome(jobId === good.id ? "COMPLETED" : "FAILED"),
      startedAt: at(23),
      endedAt: at(24),
      retryAt: null,
    })));
    const latest = claims.filter(({ jobId }) => jobId === bad.id).at(-1)?.dispatchId;
    assert.deepEqual(await failing(store), [["Bad", latest, at(24), "It went wrong"]]);
  });

  check("failing: an older run that succeeds after a newer one failed changes nothing", async ({ store }) => {
    await enter(store, A);
    const job = await given(store, {}, null);
    for (const seconds of [0, 1]) await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
    const [older, newer] = await claim(store, A, at(2));
    assert.ok(older !== undefined && newer !== undefined);
    await finish(store, newer, { outcome: outcome("FAILED"), retryAt: null, now: at(3) });
    await finish(store, older, { outcome: outcome("COMPLETED"), retryAt: null, now: at(4) });
    assert.deepEqual(await failing(store), [["Minutely", newer.dispatchId, at(3), "It went wrong"]]);
  });

  for (const wasFailing of [false, true]) {
    const before = wasFailing ? "fails" : "does not fail";
    for (const [first, second] of [["FAILED", "COMPLETED"], ["COMPLETED", "FAILED"]] as const) {
      check(
        `failing: the newer of two ends of one batch counts, ${second} of a job that ${before}`,
        async ({ store }) => {
          await enter(store, A);
          const job = await given(store, {}, null);
          if (wasFailing) await end(store, job, { status: "FAILED", seconds: 0 });
          for (const seconds of [2, 3]) await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
          const claims = await claim(store, A, at(4));
          await store.queue.finish(claims.map(({ dispatchId, epoch }, index) => ({
            dispatchId,
            epoch,
            // Cut output, so that PostgreSQL writes the success in the statement of the failure.
            outcome: { ...outcome(index === 0 ? first : second), truncated: true },
            startedAt: at(4),
            endedAt: at(5),
            retryAt: null,
          })));
          assert.equal((await failing(store)).length, second === "FAILED" ? 1 : 0);
        },
      );
    }
  }

  check("failing: lists name what is seen, the latest first, and totals count it", async ({ store }) => {
    await enter(store, A);
    const jobs: Job[] = [];
    for (const [i, labels] of [["eu"], ["us"], ["eu"], ["eu"]].entries()) {
      const job = await given(store, { name: `Job ${i}`, labels }, null);
      await end(store, job, { status: "FAILED", seconds: 10 * (i + 1) });
      jobs.push(job);
    }
    const [first, , paused, deleted] = jobs;
    assert.ok(first !== undefined && paused !== undefined && deleted !== undefined);
    await store.jobs.pause(paused.id, pausing(null, { now: at(100) }));
    await store.jobs.remove(deleted.id, by(at(100)));
    const names = async (visible: "all" | readonly string[]) =>
      (await store.jobs.failing({ visible, limit: 10 })).map(({ jobName }) => jobName);
    assert.deepEqual(await names("all"), ["Job 1", "Job 0"]);
    assert.deepEqual(await names(["eu"]), ["Job 0"]);
    assert.deepEqual(await names([]), []);
    const totals = async (visible: "all" | readonly string[]) => {
      const { failing, failingSince } = await store.runs.totals({ now: at(200), failedSince: at(0), visible });
      return [failing, failingSince];
    };
    assert.deepEqual(await totals("all"), [2, at(11)]);
    assert.deepEqual(await totals(["us"]), [1, at(21)]);
    const { items } = await store.jobs.list({ limit: 10, sort: "id" });
    assert.deepEqual(items.map(({ failure }) => failure?.since ?? null), [at(11), at(21), at(31)], "paused ones too");
    assert.deepEqual((await store.jobs.list({ limit: 1, search: "nothing" })).items, []);
  });
}
