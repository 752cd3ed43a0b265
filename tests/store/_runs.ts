import assert from "node:assert/strict";
import { Conflict, dispatchId, type JobId, NotFound } from "../../shared/domain/mod.ts";
import { A, at, claimOne, enter, given, manual, outcome, pausing } from "./_given.ts";
import type { Check } from "./contract.ts";
import { finish } from "../support/attempts.ts";
import { by } from "../support/actor.ts";

/** The calls of people about runs. */
export function runsContract(check: Check): void {
  check(
    "runs: the bars of a span are the attempts that reach into it, of the jobs asked for, newest first",
    async ({ store }) => {
      await enter(store, A);
      const [job, other] = [await given(store), await given(store, { name: "Other" })];
      const ran = async (of: typeof job, start: number, end: number) => {
        await store.runs.runNow(manual(of, { now: at(start), force: true }));
        const held = await claimOne(store, A, at(start));
        await store.queue.finish([{
          ...held,
          outcome: outcome("COMPLETED"),
          startedAt: at(start),
          endedAt: at(end),
          retryAt: null,
        }]);
        return held.dispatchId;
      };
      await ran(job, 0, 99);
      const first = await ran(job, 50, 100);
      const second = await ran(job, 150, 900);
      const ofOther = await ran(other, 150, 160);
      await store.runs.runNow(manual(job, { now: at(190), force: true }));
      const { dispatchId: open } = await claimOne(store, A, at(190));
      await ran(job, 201, 210);
      const span = { from: at(100), until: at(200) };
      const barsOf = async (jobIds: readonly JobId[], limit: number) =>
        await store.runs.bars({ jobIds, ...span, limit, bounds: await store.runs.barBounds(span) });
      const bars = (limit: number) => barsOf([job.id], limit);
      const found = await bars(10);
      assert.deepEqual(found.map(({ id }) => id).toSorted((a, b) => a - b), [first, second, open]);
      assert.deepEqual(found.find(({ id }) => id === second), {
        id: second,
        jobId: job.id,
        status: "COMPLETED",
        availableAt: at(150),
        startedAt: at(150),
        endedAt: at(900),
      });
      assert.equal(found.find(({ id }) => id === open)?.endedAt, null);
      assert.deepEqual((await bars(1)).filter(({ endedAt }) => endedAt !== null).map(({ id }) => id), [second]);
      const ofBoth = await barsOf([job.id, other.id], 1);
      assert.deepEqual(ofBoth.filter(({ endedAt }) => endedAt !== null).map(({ id }) => id), [second, ofOther]);
      assert.deepEqual(await barsOf([], 1), []);
    },
  );

  check("one idempotency key makes one run, however often and from wherever it is sent", async ({ store, another }) => {
    const job = await given(store);
    const other = await another();
    const request = manual(job, { key: "click-1", force: true });
    const runs = await Promise.all([store, other, store, other].map((one) => one.runs.runNow(request)));
    assert.equal(new Set(runs.map(({ id }) => id)).size, 1);
    const next = await store.runs.runNow(manual(job, { key: "click-2", force: true }));
    assert.notEqual(next.id, runs[0]?.id);
    const elsewhere = await store.runs.runNow(manual(await given(store), { key: "click-1" }));
    assert.notEqual(elsewhere.id, runs[0]?.id);
  });

  check("a manual run is refused while an earlier run is unfinished, unless forced", async ({ store }) => {
    const job = await given(store);
    await store.runs.runNow(manual(job));
    await assert.rejects(store.runs.runNow(manual(job, { now: at(1) })), Conflict);
    await store.runs.runNow(manual(job, { now: at(1), force: true }));
    assert.equal((await store.runs.list({ limit: 10 })).items.length, 2);
  });

  check("a paused job runs by hand", async ({ store }) => {
    const job = await given(store);
    await store.jobs.pause(job.id, pausing(at(60)));
    assert.equal((await store.runs.runNow(manual(job))).state.status, "PENDING");
  });

  check("a waiting run is cancelled at once, with its execution row; an ended one cannot be", async ({ store }) => {
    const run = await store.runs.runNow(manual(await given(store)));
    assert.equal(await store.runs.cancel(run.id, by(at(1))), "cancelled");
    const after = await store.runs.get(run.id);
    assert.ok(after?.state.status === "CANCELLED" && after.state.completedAt === at(1));
    assert.equal(after.state.errorMessage, "Cancelled on request");
    assert.equal((await store.runs.execution(run.id))?.status, "CANCELLED");
    await assert.rejects(store.runs.cancel(run.id, by(at(2))), Conflict);
    await assert.rejects(store.runs.cancel(dispatchId(999), by(at(2))), NotFound);
  });

  check("runs are listed newest first, by job and state, paged by key", async ({ store }) => {
    await enter(store, A);
    const [one, two] = [await given(store), await given(store)];
    const ids: number[] = [];
    for (let i = 0; i < 5; i++) {
      const run = await store.runs.runNow(manual(i % 2 === 0 ? one : two, { now: at(i), force: true }));
      ids.unshift(run.id);
    }
    await finish(store, await claimOne(store, A, at(9)), {
      outcome: outcome("COMPLETED"),
      retryAt: null,
      now: at(10),
    });
    const listed = async (query: object) => {
      const found: number[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof store.runs.list>> = await store.runs.list({
          limit: 2,
          ...query,
          ...(cursor !== null && { cursor }),
        });
        found.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== null);
      return found;
    };
    assert.deepEqual(await listed({}), ids);
    assert.deepEqual(await listed({ jobId: two.id }), [ids[1], ids[3]]);
    assert.deepEqual(await listed({ statuses: ["COMPLETED"] }), [ids[4]]);
    assert.deepEqual(await listed({ statuses: ["PENDING", "COMPLETED"], jobId: one.id }), [ids[0], ids[2], ids[4]]);
  });

  check("a change through another connection wakes those who wait for it", async ({ store, another }) => {
    const other = await another();
    const version = store.changes.version();
    const woken = store.changes.after(version, AbortSignal.abort());
    await woken;
    assert.equal(store.changes.version(), version);
    const waiting = store.changes.after(version, new AbortController().signal);
    await given(other);
    await waiting;
    assert.ok(store.changes.version() > version);
  });

  check("closing twice is closing once", async ({ another }) => {
    const other = await another();
    await other.close();
    await other.close();
  });
}
