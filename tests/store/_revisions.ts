import assert from "node:assert/strict";
import { Conflict, definitionOf, type Job, type JobRevision } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { by, TESTER } from "../support/actor.ts";
import { append, finish } from "../support/attempts.ts";
import { A, at, claimOne, dispatch, enter, given, manual, MINUTELY, moved, outcome, pausing } from "./_given.ts";
import type { Check } from "./contract.ts";

const ELSE = { kind: "local", name: "somebody else" } as const;

function all(store: Store, { id }: Job): Promise<readonly JobRevision[]> {
  return store.jobs.revisions(id, { limit: 200 });
}

/** The history of jobs. */
export function revisionsContract(check: Check): void {
  check("each change of a job writes its new definition, who changed it, and when", async ({ store }) => {
    const policies = { ...MINUTELY.policies, startsAt: at(0), env: { A: "1" } };
    const first = { ...MINUTELY, policies, key: "backup", labels: ["eu", "nightly"] };
    const job = await store.jobs.create(first, { nextRun: at(60), ...by(at(1)) });
    const second = { ...first, name: "Renamed", schedule: { kind: "manual" } as const };
    const edit = { revision: 1, definition: second, nextRun: "keep" as const, ...by(at(2)) };
    await store.jobs.update(job.id, { ...edit, actor: ELSE });
    await store.jobs.pause(job.id, { ...pausing(at(60), { note: "moving", now: at(3) }), actor: ELSE });
    await store.jobs.resume(job.id, { nextRun: moved(null, at(60)), ...by(at(4)) });
    await store.jobs.update(job.id, {
      ...edit,
      revision: 4,
      definition: first,
      restores: 1,
      ...by(at(5)),
    });
    await store.jobs.remove(job.id, { ...by(at(6)), actor: ELSE });
    const jobId = job.id;
    assert.deepEqual(await all(store, job), [
      { jobId, revision: 6, at: at(6), actor: ELSE, change: { action: "deleted" }, definition: first, damage: null },
      {
        jobId,
        revision: 5,
        at: at(5),
        actor: TESTER,
        change: { action: "rolled_back", to: 1 },
        definition: first,
        damage: null,
      },
      { jobId, revision: 4, at: at(4), actor: TESTER, change: { action: "resumed" }, definition: second, damage: null },
      {
        jobId,
        revision: 3,
        at: at(3),
        actor: ELSE,
        change: { action: "paused", note: "moving" },
        definition: second,
        damage: null,
      },
      { jobId, revision: 2, at: at(2), actor: ELSE, change: { action: "edited" }, definition: second, damage: null },
      { jobId, revision: 1, at: at(1), actor: TESTER, change: { action: "created" }, definition: first, damage: null },
    ]);
    const page = await store.jobs.revisions(job.id, { before: 5, limit: 2 });
    assert.deepEqual(page.map(({ revision }) => revision), [4, 3]);
  });

  check("a revision that cannot be read is damaged, and takes no other with it", async ({ store, sql }) => {
    const job = await given(store);
    await store.jobs.pause(job.id, pausing(at(60)));
    await sql(`UPDATE job_revisions SET definition = '{"name":"Half"}' WHERE revision = 1`);
    const [paused, first] = await all(store, job);
    assert.deepEqual([paused?.definition, paused?.damage], [definitionOf(job), null]);
    assert.equal(first?.definition, null);
    assert.match(first?.damage ?? "", /^The stored definition of this revision cannot be read: .*schedule is missing/);
  });

  check("a damaged job that is deleted leaves what was stored, not its stand-ins", async ({ store, sql }) => {
    const job = await given(store, { labels: ["eu"] });
    await sql(`UPDATE scheduled_jobs SET timezone = 'Mars/Base', policies = '{"retry":5}'`);
    await store.jobs.remove(job.id, by(at(2)));
    const [last] = await all(store, job);
    assert.match(last?.damage ?? "", /Mars\/Base/);
    const [row = {}] = await sql("SELECT definition FROM job_revisions WHERE revision = 2");
    const { name, labels, timezone, policies } = typeof row.definition === "string"
      ? JSON.parse(row.definition)
      : row.definition;
    assert.deepEqual([name, labels, timezone, policies], [job.name, ["eu"], "Mars/Base", { retry: 5 }]);
    const { items: [event] } = await store.audit.list({ limit: 1 });
    assert.deepEqual(Object.keys(event?.before ?? {}).sort(), ["damage", "key", "name", "scriptPath"]);
  });

  check("a call that changes nothing writes no revision", async ({ store, another }) => {
    const job = await given(store);
    await dispatch(await another(), at(60));
    const change = { revision: 1, definition: MINUTELY, ...by(at(61)) };
    assert.equal(await store.jobs.update(job.id, { ...change, nextRun: moved(at(60), at(90)) }), "moved");
    assert.equal(await store.jobs.pause(job.id, pausing(at(60))), "moved");
    await store.jobs.resume(job.id, { nextRun: moved(null, at(61)), ...by(at(62)) });
    await assert.rejects(store.jobs.update(job.id, { ...change, revision: 7, nextRun: "keep" }), Conflict);
    await store.runs.runNow(manual(job, { force: true }));
    assert.deepEqual((await all(store, job)).map(({ revision }) => revision), [1]);
    await store.jobs.pause(job.id, pausing(at(120)));
    await store.jobs.pause(job.id, pausing(null, { note: "again" }));
    const [last] = await all(store, job);
    assert.deepEqual([last?.revision, last?.change], [2, { action: "paused", note: null }]);
    assert.equal((await store.jobs.get(job.id))?.revision, 2);
  });

  check(
    "however many change a job at the same time, each revision has one row, without gap",
    async ({ store, another }) => {
      const job = await given(store, {}, null);
      const stores = [store, await another()];
      const edits = Array.from({ length: 6 }, async (_, i) => {
        const own = stores[i % 2] ?? store;
        const definition = { ...MINUTELY, name: `By ${i}` };
        for (let done = 0; done < 3;) {
          const { revision } = await own.jobs.get(job.id) ?? assert.fail("The job is gone");
          try {
            await own.jobs.update(job.id, { revision, definition, nextRun: "keep", ...by(at(done)) });
            done++;
          } catch (error) {
            if (!(error instanceof Conflict)) throw error;
          }
        }
      });
      await Promise.all(edits);
      const revisions = await all(store, job);
      assert.deepEqual(revisions.map(({ revision }) => revision), Array.from({ length: 19 }, (_, i) => 19 - i));
      const found = await store.jobs.get(job.id);
      assert.ok(found !== null);
      assert.deepEqual(revisions[0]?.definition, definitionOf(found));
      for (let i = 0; i < 6; i++) {
        assert.equal(revisions.filter(({ definition }) => definition?.name === `By ${i}`).length, 3);
      }
    },
  );

  check(
    "the history of a job stays however old it is, and of a deleted one as long as its runs do",
    async ({ store }) => {
      await enter(store, A);
      const living = await given(store, { name: "Living" });
      const deleted = await given(store, { name: "Deleted", labels: ["eu"] });
      await store.runs.runNow(manual(deleted));
      const held = await claimOne(store, A, at(1));
      await append(store, held, [{ seq: 0, stream: "stdout", at: at(1), data: "x" }]);
      await finish(store, held, { outcome: outcome("COMPLETED"), retryAt: null, now: at(500) });
      await store.jobs.remove(deleted.id, { ...by(at(2)) });
      await store.scheduling.prune({ before: at(100), limit: 100 });
      assert.equal((await all(store, deleted)).length, 2);
      await store.scheduling.prune({ before: at(1000), limit: 100 });
      assert.deepEqual(await all(store, deleted), []);
      assert.equal((await all(store, living)).length, 1);
    },
  );
}
