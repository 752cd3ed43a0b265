import assert from "node:assert/strict";
import { DEFAULT_POLICIES, type LogChunk, workerId } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { A, at, B, claim, claimOne, enter, given, LEASE_MS, manual, outcome, T0 } from "./_given.ts";
import type { Check, Opened } from "./contract.ts";
import { append, finish, markStarted } from "../support/attempts.ts";
import { by } from "../support/actor.ts";

const chunk = (seq: number, data: string): LogChunk => ({ seq, stream: "stdout", at: T0, data });

async function waiting(store: Store, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await store.runs.runNow(manual(await given(store, { name: `Job ${i}` }), { now: at(i) }));
  }
}

/** The calls of workers. */
export function queueContract(check: Check): void {
  check(
    "a claim takes the runs that waited longest, up to its limit, with all that a worker needs",
    async ({ store }) => {
      await enter(store, A);
      await waiting(store, 3);
      assert.equal(await store.queue.nextAvailableAt(at(0)), at(1));
      const claims = await claim(store, A, at(10), 2);
      assert.deepEqual(claims.map(({ jobName }) => jobName), ["Job 0", "Job 1"]);
      const [first] = claims;
      assert.deepEqual(
        [first?.scriptPath, first?.args, first?.retry.max, first?.retryCount, first?.nextLogSeq, first?.leaseUntil],
        ["test_job.sh", ["1"], 1, 0, 0, at(10) + LEASE_MS],
      );
      assert.equal(new Set(claims.map(({ epoch }) => epoch)).size, 2);
    },
  );

  check("a claim that goes on after the last one takes the following runs in order, too", async ({ store }) => {
    await enter(store, A);
    for (const [priority, runs] of [[5, 3], [0, 2]] as const) {
      const job = await given(store, { policies: { ...DEFAULT_POLICIES, priority, overlap: "allow" } });
      for (let run = 0; run < runs; run++) await store.runs.runNow(manual(job, { now: at(run) }));
    }
    const sizes: number[] = [];
    for (let size = 2; size > 0; sizes.push(size)) size = (await claim(store, A, at(10), 2)).length;
    assert.deepEqual(sizes, [2, 2, 1, 0]);
  });

  check("a run that is not available yet is not claimed", async ({ store }) => {
    await enter(store, A);
    await waiting(store, 1);
    const held = await claimOne(store, A, at(1));
    await finish(store, held, { outcome: outcome("FAILED"), retryAt: at(30), now: at(2) });
    assert.equal(await store.queue.nextAvailableAt(at(2)), at(30));
    assert.equal(await store.queue.nextAvailableAt(at(30)), null);
    assert.deepEqual(await claim(store, A, at(29)), []);
    assert.equal((await claim(store, A, at(30))).length, 1);
  });

  check("many workers at once claim each attempt once", async ({ store, another }) => {
    const attempts = 40;
    await waiting(store, attempts);
    const stores = [store, await another(), await another(), await another()];
    const taken = await Promise.all(stores.flatMap((one, i) => {
      const id = workerId(`worker-${i}`);
      return Array.from({ length: 4 }, () => claim(one, id, at(100), 4));
    }));
    const ids = taken.flat().map(({ dispatchId }) => dispatchId);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, attempts);
  });

  check("every write of a worker whose claim was taken is refused and changes nothing", async ({ store, another }) => {
    await enter(store, A);
    await enter(store, B);
    await waiting(store, 1);
    const zombie = await claimOne(store, A, at(1));
    await store.queue.release([zombie], at(2));
    const holder = await claimOne(await another(), B, at(3));
    assert.equal(holder.dispatchId, zombie.dispatchId);
    assert.notEqual(holder.epoch, zombie.epoch);
    const before = await store.runs.get(zombie.dispatchId);
    const { queue } = store;
    assert.equal(await markStarted(store, zombie, { now: at(4), timeoutAt: at(5) }), false);
    assert.equal(await append(store, zombie, [chunk(0, "ghost")]), false);
    assert.equal(await finish(store, zombie, { outcome: outcome("FAILED"), retryAt: at(9), now: at(5) }), false);
    await queue.release([zombie], at(6));
    const beat = { workerId: A, held: [zombie], status: "BUSY", leaseMs: LEASE_MS, now: at(7) } as const;
    assert.deepEqual((await queue.heartbeat(beat)).lost, [zombie.dispatchId]);
    assert.deepEqual(await queue.cancelRequested([zombie]), []);
    assert.deepEqual(await store.runs.get(zombie.dispatchId), before);
    assert.deepEqual(await store.logs.read(zombie.dispatchId, { fromSeq: 0, maxBytes: 1000 }), []);
    assert.equal(await store.runs.execution(zombie.dispatchId), null);
  });

  check("a heartbeat renews what the worker holds", async ({ store }) => {
    await enter(store, A);
    await waiting(store, 1);
    const held = await claimOne(store, A, at(1));
    const beat = { workerId: A, held: [held], status: "BUSY", leaseMs: LEASE_MS, now: at(100) } as const;
    assert.deepEqual(await store.queue.heartbeat(beat), { lost: [], known: true, drains: false });
    const run = await store.runs.get(held.dispatchId);
    assert.ok(run?.state.status === "IN_PROGRESS" && run.state.lease.until === at(100) + LEASE_MS);
    const [worker] = await store.workers.list();
    assert.deepEqual([worker?.status, worker?.lastHeartbeat, worker?.currentDispatchIds], ["BUSY", at(100), [
      held.dispatchId,
    ]]);
  });

  check("a heartbeat releases a claim whose answer was lost, which counts as no retry", async ({ store }) => {
    await enter(store, A);
    await waiting(store, 1);
    const unanswered = await claimOne(store, A, at(1));
    await store.queue.heartbeat({ workerId: A, held: [], status: "IDLE", leaseMs: LEASE_MS, now: at(2) });
    const again = await claimOne(store, A, at(3));
    assert.deepEqual([again.dispatchId, again.retryCount], [unanswered.dispatchId, 0]);
  });

  check("the answer to a heartbeat of an unregistered worker says that it is unknown", async ({ store }) => {
    const beat = { workerId: A, held: [], status: "IDLE", leaseMs: LEASE_MS, now: T0 } as const;
    assert.equal((await store.queue.heartbeat(beat)).known, false);
  });

  check(
    "an attempt ends once, with one execution row and one retry, however often its worker reports it",
    async ({ store, another }) => {
      await enter(store, A);
      await waiting(store, 1);
      const held = await claimOne(store, A, at(1));
      await markStarted(store, held, { now: at(2), timeoutAt: at(100) });
      const end = { outcome: outcome("FAILED"), retryAt: at(20), now: at(5) };
      const other = await another();
      const answers = await Promise.all([store, other, store, other].map((one) => finish(one, held, end)));
      assert.deepEqual(answers, [true, true, true, true]);
      const attempts = await store.runs.attempts(held.dispatchId);
      assert.deepEqual(attempts.map(({ state }) => state.status), ["FAILED", "PENDING"]);
      const [first, retry] = attempts;
      assert.ok(first?.state.status === "FAILED");
      assert.deepEqual([first.state.startedAt, first.state.completedAt, first.state.exitCode], [at(2), at(5), 3]);
      assert.deepEqual([retry?.retryCount, retry?.rootId, retry?.correlationId], [1, first.id, first.correlationId]);
      const execution = await store.runs.execution(held.dispatchId);
      assert.deepEqual([execution?.status, execution?.durationMs, execution?.exitCode], ["FAILURE", 1000, 3]);
      assert.equal((await store.workers.list())[0]?.jobsProcessed, 1);
    },
  );

  check("a cancel is reported to the worker of the attempt, which is never retried", async ({ store }) => {
    await enter(store, A);
    await waiting(store, 2);
    const claims = await claim(store, A, at(1));
    const [held] = claims;
    assert.ok(held !== undefined);
    assert.deepEqual(await store.queue.cancelRequested(claims), []);
    assert.equal(await store.runs.cancel(held.dispatchId, by(at(2))), "requested");
    const request = { dispatchId: held.dispatchId, cancel: { reason: "request" } };
    assert.deepEqual(await store.queue.cancelRequested(claims), [request]);
    await finish(store, held, { outcome: outcome("FAILED"), retryAt: at(20), now: at(3) });
    assert.equal((await store.runs.attempts(held.dispatchId)).length, 1);
  });

  check("output is stored in order without gap or repeat, however often it is sent", async ({ store }) => {
    await enter(store, A);
    await waiting(store, 1);
    const held = await claimOne(store, A, at(1));
    assert.equal(await append(store, held, [chunk(0, "a"), chunk(1, "b")]), true);
    assert.equal(await append(store, held, [chunk(1, "again"), chunk(2, "c")]), true);
    await assert.rejects(append(store, held, [chunk(4, "gap")]), RangeError);
    const read = async (fromSeq: number, maxBytes = 1000) =>
      (await store.logs.read(held.dispatchId, { fromSeq, maxBytes })).map(({ data }) => data).join("");
    assert.deepEqual([await read(0), await read(1), await read(3), await read(0, 1)], ["abc", "bc", "", "a"]);
    await store.queue.release([held], at(2));
    assert.equal((await claimOne(store, A, at(3))).nextLogSeq, 3);
  });

  check("an output without chunks answers whether the claim is held", async ({ store }) => {
    await enter(store, A);
    await waiting(store, 1);
    const held = await claimOne(store, A, at(1));
    assert.equal(await append(store, held, []), true);
    await store.queue.release([held], at(2));
    assert.equal(await append(store, held, []), false);
  });

  check("of chunks with one number in one call the first is stored", async ({ store }) => {
    await enter(store, A);
    await waiting(store, 1);
    const held = await claimOne(store, A, at(1));
    assert.equal(await append(store, held, [chunk(0, "a"), chunk(0, "again"), chunk(1, "b"), chunk(0, "late")]), true);
    const chunks = await store.logs.read(held.dispatchId, { fromSeq: 0, maxBytes: 1000 });
    assert.deepEqual(chunks.map(({ data }) => data), ["a", "b"]);
  });

  check("chunks of one call that leave a gap are refused, also where all of them are stored", async ({ store }) => {
    await enter(store, A);
    await waiting(store, 1);
    const held = await claimOne(store, A, at(1));
    await append(store, held, [chunk(0, "a"), chunk(1, "b"), chunk(2, "c")]);
    const message = `Cannot append chunk 2 to run ${held.dispatchId}: the next is 1`;
    await assert.rejects(append(store, held, [chunk(0, "a"), chunk(2, "c")]), { name: "RangeError", message });
  });

  check("a claim that fails in the middle keeps no run that it does not answer", async ({ store, sql }) => {
    await enter(store, A);
    const fine = await given(store, { name: "Fine", policies: { ...DEFAULT_POLICIES, overlap: "allow" } });
    for (let run = 0; run < 2; run++) await store.runs.runNow(manual(fine, { now: at(run) }));
    const before = await claim(store, A, at(10), 2);
    for (let run = 0; run < 60; run++) await store.runs.runNow(manual(fine, { now: at(run) }));
    const keyed = await given(store, { policies: { ...DEFAULT_POLICIES, concurrency: { key: "k", limit: 1 } } });
    await store.runs.runNow(manual(keyed, { now: at(100) }));
    await refuseClaimsOfKeys(sql);
    const answered = await claim(store, A, at(200), 100).catch(() => []);
    const { items } = await store.runs.list({ statuses: ["IN_PROGRESS"], limit: 200 });
    assert.deepEqual(
      items.map(({ id }) => id).toSorted((a, b) => a - b),
      [...before, ...answered].map(({ dispatchId }) => dispatchId).toSorted((a, b) => a - b),
    );
    // A failure is not hidden: it comes with the claim that finds nothing else.
    await claim(store, A, at(200), 60).catch(() => []);
    await assert.rejects(claim(store, A, at(200), 60), /no key today/);
  });

  const unreadable: readonly (readonly [what: string, damage: (job: number, run: number) => string, said: RegExp])[] = [
    [
      "policies",
      (job) => `UPDATE scheduled_jobs SET policies = '{"env": 1}' WHERE id = ${job}`,
      /^The stored definition of its job cannot be read: env: /,
    ],
    [
      "arguments",
      (job) => `UPDATE scheduled_jobs SET script_args = '[1]' WHERE id = ${job}`,
      /^The stored definition of its job cannot be read: 0: /,
    ],
    [
      "arguments of one run",
      (_, run) => `UPDATE job_dispatch SET args = '[{}]' WHERE id = ${run}`,
      /^The stored definition of its job cannot be read: 0: /,
    ],
  ];
  for (const [what, damage, said] of unreadable) {
    check(
      `a run whose ${what} cannot be read is claimed to end in an error, and the others are claimed`,
      async (opened) => {
        const { store, sql } = opened;
        await enter(store, A);
        const [damaged, fine] = [await given(store, { name: "Damaged" }), await given(store, { name: "Fine" })];
        const first = await store.runs.runNow(manual(damaged, { now: T0 }));
        const second = await store.runs.runNow(manual(fine, { now: at(1) }));
        await sql(damage(damaged.id, first.id));
        const [broken, whole] = await claim(store, A, at(2), 10);
        assert.deepEqual([broken?.dispatchId, whole?.dispatchId], [first.id, second.id]);
        assert.match(broken?.damage ?? "", said);
        assert.deepEqual([broken?.args, broken?.env, broken?.retry.max], [[], {}, 0]);
        assert.equal(whole?.damage, null);
      },
    );
  }

  check(
    "a worker that retires is OFFLINE, and a later heartbeat revives the same worker",
    async ({ store }) => {
      await enter(store, A);
      await store.workers.retire(A, at(5));
      assert.equal((await store.workers.list())[0]?.status, "OFFLINE");
      await enter(store, A, at(6));
      const [worker] = await store.workers.list();
      assert.deepEqual([worker?.status, worker?.startedAt, worker?.lastHeartbeat], ["IDLE", T0, at(6)]);
    },
  );
}

/** Lets the database refuse to claim a run with a concurrency key. */
async function refuseClaimsOfKeys(sql: Opened["sql"]): Promise<void> {
  const isSqlite = await sql("SELECT sqlite_version()").then(() => true, () => false);
  const on = "CREATE TRIGGER refuse BEFORE UPDATE ON job_dispatch FOR EACH ROW WHEN (NEW.place_key = 'k')";
  if (isSqlite) return void await sql(`${on} BEGIN SELECT RAISE(ABORT, 'no key today'); END`);
  await sql(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no key today'; END $$;
    ${on} EXECUTE FUNCTION refuse()`);
}
