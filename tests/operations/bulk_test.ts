import assert from "node:assert/strict";
import { accessOf } from "../../shared/access/mod.ts";
import { type BulkAction, jobId } from "../../shared/domain/mod.ts";
import {
  createJob,
  interruptedBulk,
  readBulk,
  readBulkJobs,
  startBulk,
  workOnBulk,
} from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { DATABASES, type TestStore } from "../support/store.ts";
import { at, MINUTELY } from "../store/_given.ts";

const PAUSE: BulkAction = { kind: "pause", note: "disk move", cancelsWaiting: false };

/** Jobs with these names; those with an upper case letter have the label "nightly". */
async function given({ store }: TestStore, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await createJob(operating(store, at(0)), { ...MINUTELY, name, labels: /[A-Z]/.test(name) ? ["nightly"] : [] });
  }
}

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: many jobs are changed by a filter, each with its audit row`, async (test) => {
    await using database = await open();
    const { store } = database;
    const context = operating(store, at(60));
    const by = () => Promise.resolve(context);
    await given(database, ["A", "B", "c"]);
    const jobs = { labels: [["nightly"]] };
    const stateOf = async () => (await store.jobs.list({ limit: 10 })).items.map(({ isActive }) => isActive);

    await test.step("a pause, once for each key", async () => {
      const { id, total } = await startBulk(context, { key: "1", action: PAUSE, jobs });
      assert.equal(total, 2);
      const progress: number[] = [];
      const done = await workOnBulk(by, id, { onProgress: (change) => progress.push(change.done) });
      assert.deepEqual([done.done, done.refused, done.finishedAt, progress.at(-1)], [2, 0, at(60), 2]);
      assert.deepEqual(await stateOf(), [false, false, true]);
      const rows = (await store.audit.list({ action: "jobs.pause", limit: 10 })).items;
      assert.deepEqual(rows.map(({ subject }) => subject?.name).toSorted(), ["A", "B"]);
      assert.equal((await startBulk(context, { key: "1", action: PAUSE, jobs })).id, id);
      await assert.rejects(
        startBulk(context, { key: "1", action: { kind: "delete" }, jobs }),
        /key was used for another/,
      );
      const asked = (await store.audit.list({ action: "jobs.bulk", limit: 10 })).items;
      assert.deepEqual(asked.map(({ subject, after }) => [subject, after]), [
        [{ kind: "job", id: null, name: null }, { bulk: id, ...PAUSE, jobs: 2 }],
      ]);
    });

    await test.step("labels, a run and a resume", async () => {
      const label: BulkAction = { kind: "label", add: ["db"], remove: ["nightly"] };
      for (const [key, action] of [["2", label], ["3", { kind: "resume" }], ["4", { kind: "run" }]] as const) {
        const { id } = await startBulk(context, { key, action, jobs: { jobs: ["a", "b"] } });
        assert.equal((await workOnBulk(by, id)).done, 2);
      }
      const { items } = await store.jobs.list({ limit: 10, labels: [["db"]] });
      assert.deepEqual(items.map(({ name, isActive, labels }) => [name, isActive, labels]), [
        ["A", true, ["db"]],
        ["B", true, ["db"]],
      ]);
      assert.equal(items.every(({ lastRun }) => lastRun?.state.status === "PENDING"), true);
    });

    await test.step("what is refused says why", async () => {
      const { id } = await startBulk(context, { key: "5", action: { kind: "run" }, jobs: {} });
      const { done, refused } = await workOnBulk(by, id);
      assert.deepEqual([done, refused], [1, 2]);
      const [first] = await readBulkJobs(context, id, { isRefused: true, limit: 1 });
      assert.deepEqual([first?.jobName, first?.outcome], ["A", "refused"]);
      assert.match(first?.message ?? "", /earlier run/);
    });

    await test.step("a job that may not be seen is refused as one that is not there", async () => {
      const access = accessOf({ role: null, grants: [{ label: "db", role: "operator" }], isDisabled: false });
      const limited = { ...context, access };
      const { items } = await store.jobs.list({ limit: 10 });
      const idOf = (name: string) => items.find((job) => job.name === name)?.id ?? jobId(0);
      const ids = [idOf("A"), idOf("c"), jobId(999)];
      const change = await startBulk(limited, { key: "6", action: PAUSE, jobs: { ids } });
      assert.deepEqual([change.total, change.refused, change.finishedAt], [3, 2, null]);
      const { done, refused, finishedAt } = await workOnBulk(() => Promise.resolve(limited), change.id);
      assert.deepEqual([done, refused, finishedAt], [1, 2, at(60)]);
      const told = await readBulkJobs(limited, change.id, { isRefused: true, limit: 5 });
      assert.deepEqual(told.map(({ jobName, message }) => [jobName, message]), [
        ["", `There is no job ${ids[1]}`],
        ["", "There is no job 999"],
      ]);
      const none = await startBulk(limited, { key: "7", action: { kind: "delete" }, jobs: { ids: ids.slice(1) } });
      assert.deepEqual([none.refused, none.finishedAt], [2, at(60)]);
    });
  });

  Deno.test(`${database}: a change of many jobs that was interrupted goes on, and changes nothing twice`, async () => {
    await using database = await open();
    const { store } = database;
    const context = operating(store, at(60));
    await given(database, Array.from({ length: 50 }, (_, i) => `Job ${i}`));
    const { id } = await startBulk(context, { key: "1", action: { kind: "run" }, jobs: {} });
    const death = new AbortController();
    const dying = await workOnBulk(() => Promise.resolve(context), id, {
      signal: death.signal,
      onProgress: () => death.abort(),
    });
    assert.deepEqual([dying.done, dying.finishedAt], [20, null]);
    const seen = async (seconds: number) => (await interruptedBulk(operating(store, at(seconds))))?.id ?? null;
    assert.deepEqual([await seen(79), await seen(81)], [null, id]);
    // It also died after the run of another job, before that was settled.
    const [next] = await store.bulk.open(id, 1);
    assert.ok(next !== undefined);
    const lost = {
      jobId: next,
      trigger: "manual",
      args: null,
      force: false,
      idempotencyKey: `cli/bulk/${id}`,
    } as const;
    await store.runs.runNow({ ...lost, ...context });
    const { done, refused, finishedAt } = await workOnBulk(() => Promise.resolve(operating(store, at(90))), id);
    assert.deepEqual([done, refused, finishedAt], [50, 0, at(90)]);
    assert.equal(await seen(999), null);
    assert.equal((await store.runs.list({ limit: 100 })).items.length, 50);
  });

  Deno.test(`${database}: who asked for a change of many jobs sees it alone, and it reaches what they may see`, async () => {
    await using database = await open();
    const { store } = database;
    await given(database, ["A", "b"]);
    const context = operating(store, at(60));
    const access = accessOf({ role: null, grants: [{ label: "nightly", role: "operator" }], isDisabled: false });
    const some = { ...context, access, actor: { kind: "local", name: "local administrator" } as const };
    const { id, total } = await startBulk(some, { key: "1", action: PAUSE, jobs: {} });
    assert.equal(total, 1);
    assert.equal((await readBulk(some, id)).id, id);
    await assert.rejects(readBulk(context, id), /no change/);
    await assert.rejects(workOnBulk(() => Promise.resolve(context), id), /no change/);
  });
}
