import assert from "node:assert/strict";
import { type Job, type JobId, type Policies, workerId } from "../../shared/domain/mod.ts";
import type { Claim, Store } from "../../shared/store/mod.ts";
import { finish } from "../support/attempts.ts";
import { A, at, claim, dispatch, enter, given, manual, MINUTELY, outcome, T0 } from "./_given.ts";
import type { Check } from "./contract.ts";
import { by } from "../support/actor.ts";

function givenWith(store: Store, name: string, policies: Partial<Policies>): Promise<Job> {
  return given(store, { name, policies: { ...MINUTELY.policies, ...policies } });
}

/** Makes a manual run. It is forced, because these tests are not about a job's own overlap. */
async function waits(store: Store, job: Job, seconds = 0): Promise<void> {
  await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
}

const names = (claims: readonly Claim[]): readonly string[] => claims.map(({ jobName }) => jobName);

function end(store: Store, held: Claim, seconds: number, retryAt: number | null = null): Promise<boolean> {
  const status = retryAt === null ? "COMPLETED" : "FAILED";
  return finish(store, held, {
    outcome: outcome(status),
    retryAt: retryAt === null ? null : at(retryAt),
    now: at(seconds),
  });
}

/** The needs of waiting runs beside a free worker: tags, keys, serial order. */
export function needsContract(check: Check): void {
  check(
    "a run whose queue group cannot be read is claimed with the reason, and the others run beside it",
    async ({ store, sql }) => {
      const job = await given(store, { policies: { ...MINUTELY.policies, overlap: "allow" } });
      await enter(store, A);
      const runs = [];
      for (let i = 0; i < 4; i++) runs.push((await store.runs.runNow(manual(job, { now: at(i) }))).id);
      const [fine, notJson, notList, notTexts] = runs;
      for (const [id, lane] of [[notJson, "xx"], [notList, "{}"], [notTexts, "[[1],null,null,null,null]"]]) {
        await sql(`UPDATE job_dispatch SET lane = '${lane}' WHERE id = ${id}`);
      }
      assert.equal((await store.runs.list({ limit: 10 })).items.length, 4);
      assert.equal((await store.runs.queue({ now: at(9), when: "now", limit: 10 })).items.length, 4);
      const claims = [];
      for (let i = 0; i < 4; i++) claims.push(...await claim(store, A, at(10 + i)));
      const damage = new Map(claims.map((claim) => [claim.dispatchId, claim.damage]));
      assert.deepEqual(new Set(damage.keys()), new Set(runs));
      assert.equal(damage.get(fine ?? assert.fail()), null);
      for (const id of [notJson, notList, notTexts]) {
        assert.match(damage.get(id ?? assert.fail()) ?? "", /^What the run needs cannot be read: /);
      }
    },
  );

  check(
    "a claim takes higher priorities first, then longer waits, across all queue groups",
    async ({ store }) => {
      await waits(store, await givenWith(store, "low", { priority: -1 }), 0);
      await waits(store, await givenWith(store, "late", {}), 2);
      await waits(store, await givenWith(store, "early", {}), 1);
      await waits(store, await givenWith(store, "tagged", { priority: 5, tags: ["gpu"] }), 9);
      await waits(store, await givenWith(store, "keyed", { priority: 7, concurrency: { key: "k", limit: 1 } }), 9);
      assert.deepEqual(names(await claim(store, A, at(10), 4, ["gpu"])), ["keyed", "tagged", "early", "late"]);
      assert.deepEqual(names(await claim(store, A, at(11), 4, ["gpu"])), ["low"]);
    },
  );

  check("a run goes only to a worker that has all its tags", async ({ store }) => {
    await waits(store, await givenWith(store, "both", { tags: ["eu", "gpu"] }));
    assert.deepEqual(await claim(store, A, at(1)), []);
    assert.deepEqual(await claim(store, A, at(2), 10, ["gpu"]), []);
    assert.deepEqual(names(await claim(store, A, at(3), 10, ["x", "gpu", "eu"])), ["both"]);
  });

  check(
    "never more runs of a key go on at once than its limit, and a slot is free when a run ends",
    async ({ store }) => {
      const job = await givenWith(store, "backup", { concurrency: { key: "backup", limit: 2 } });
      for (let i = 0; i < 5; i++) await waits(store, job, i);
      const first = await claim(store, A, at(10));
      assert.equal(first.length, 2);
      assert.deepEqual(await claim(store, A, at(11)), []);
      assert.deepEqual(await store.runs.holders("backup"), first.map(({ dispatchId }) => dispatchId));
      const [one, two] = first;
      assert.ok(one !== undefined && two !== undefined);
      await end(store, one, 12);
      assert.equal((await claim(store, A, at(13))).length, 1);
      await store.queue.release([two], at(14));
      assert.deepEqual((await claim(store, A, at(15))).map(({ dispatchId }) => dispatchId), [two.dispatchId]);
    },
  );

  check("a rescued run frees its slot of a key", async ({ store }) => {
    await enter(store, A);
    const job = await givenWith(store, "backup", { concurrency: { key: "backup", limit: 1 } });
    await waits(store, job);
    await waits(store, job, 1);
    assert.equal((await claim(store, A, at(2))).length, 1);
    assert.deepEqual(await claim(store, A, at(3)), []);
    await store.scheduling.rescue({ now: at(999), overdueMs: 0, limit: 10, retryAt: () => null });
    assert.equal((await claim(store, A, at(999))).length, 1);
  });

  check("jobs that share a key share its slots; each obeys its own limit", async ({ store }) => {
    const wide = await givenWith(store, "wide", { concurrency: { key: "db", limit: 2 } });
    const narrow = await givenWith(store, "narrow", { concurrency: { key: "db", limit: 1 }, tags: ["a"] });
    await waits(store, wide, 0);
    await waits(store, narrow, 1);
    await waits(store, wide, 2);
    assert.deepEqual(names(await claim(store, A, at(10), 10, ["a"])), ["wide", "wide"]);
  });

  check("a full key delays no other run, however long its queue is", async ({ store }) => {
    const full = await givenWith(store, "full", { priority: 9, concurrency: { key: "full", limit: 1 } });
    for (let i = 0; i < 60; i++) await waits(store, full);
    await waits(store, await givenWith(store, "other", { concurrency: { key: "other", limit: 1 } }), 1);
    await waits(store, await givenWith(store, "plain", {}), 2);
    assert.deepEqual(names(await claim(store, A, at(10), 3)), ["full", "other", "plain"]);
  });

  check(
    "many workers at once never have more of a key than its limit, and take all there is room for",
    async (opened) => {
      const { store, another } = opened;
      const stores = [store, await another(), await another(), await another()];
      const job = await givenWith(store, "backup", { concurrency: { key: "backup", limit: 3 } });
      for (let i = 0; i < 12; i++) await waits(store, job);
      const taken: Claim[] = [];
      for (let round = 0; round < 4; round++) {
        const claims = (await Promise.all(stores.map((one, i) => claim(one, workerId(`w${i}`), at(100 + round), 2))))
          .flat();
        assert.equal(claims.length, 3, `round ${round}`);
        for (const held of claims) await end(store, held, 100 + round);
        taken.push(...claims);
      }
      assert.equal(new Set(taken.map(({ dispatchId }) => dispatchId)).size, 12);
    },
  );

  check(
    "runs of a backfill go in order, as many at once as it says, retries before what follows",
    async ({ store }) => {
      const job = await givenWith(store, "report", {});
      const times = [at(-300), at(-240), at(-180), at(-120)];
      const request = { jobId: job.id, times, backfill: { id: "b1", atOnce: 2 }, ...by(T0) };
      assert.equal(await store.runs.backfill(request), 4);
      assert.equal(await store.runs.backfill(request), 0, "sent again, it is there");
      const [one, two, ...more] = await claim(store, A, at(1));
      assert.ok(one !== undefined && two !== undefined && more.length === 0);
      assert.deepEqual([one.scheduledFor, two.scheduledFor], [at(-300), at(-240)]);
      await end(store, two, 2, 60);
      assert.deepEqual(await claim(store, A, at(3)), [], "the retry of the second is before the third");
      await end(store, one, 4);
      assert.deepEqual((await claim(store, A, at(5))).map(({ scheduledFor }) => scheduledFor), [at(-180)]);
      assert.deepEqual((await claim(store, A, at(60))).map(({ scheduledFor }) => scheduledFor), [at(-240)]);
    },
  );

  check("the known occurrences of a time keep runs of backfills apart from the schedule's", async ({ store }) => {
    const [job, other] = [await givenWith(store, "report", {}), await givenWith(store, "other", {})];
    await dispatch(store, at(60));
    const backfill = (jobId: JobId, id: string, now: number) =>
      store.runs.backfill({ jobId, times: [at(0), at(60), at(120)], backfill: { id, atOnce: 9 }, ...by(at(now)) });
    await backfill(job.id, "b1", 200);
    await backfill(other.id, "b2", 201);
    await backfill(job.id, "b3", 202);
    await enter(store, A);
    for (const held of await claim(store, A, at(300), 20)) await end(store, held, 301, 302);
    const { runs, backfilled, ledger } = await store.runs.occurrences(job.id, { from: at(60), until: at(120) });
    assert.deepEqual(runs.map(({ scheduledFor, backfill }) => [scheduledFor, backfill]), [[at(60), null]]);
    assert.deepEqual(
      backfilled.map(({ scheduledFor, retryCount, createdAt, backfill }) => [
        scheduledFor,
        retryCount,
        createdAt,
        backfill?.id,
      ]),
      [[at(60), 0, at(200), "b1"], [at(60), 0, at(202), "b3"], [at(120), 0, at(200), "b1"], [
        at(120),
        0,
        at(202),
        "b3",
      ]],
    );
    assert.deepEqual(ledger, []);
  });

  check("a backfill is not an overlap for the schedule", async ({ store }) => {
    const job = await givenWith(store, "report", {});
    await store.runs.backfill({ jobId: job.id, times: [at(-300)], backfill: { id: "b", atOnce: 1 }, ...by(T0) });
    let unfinished = -1;
    await store.scheduling.dispatchDue({
      now: at(60),
      limit: 1,
      lockMs: 1000,
      decide: (due) => {
        unfinished = due.unfinished;
        return { dispatch: [], cancelsEarlier: false, ledger: [], nextRun: null };
      },
    });
    assert.equal(unfinished, 0);
    assert.equal((await store.runs.runNow(manual(job, { now: at(61) }))).state.status, "PENDING");
  });
}
