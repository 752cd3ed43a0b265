import assert from "node:assert/strict";
import { Invalid, type Job, type JobDefinition } from "../../shared/domain/mod.ts";
import type { JobQuery, Store } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import { at, given, MINUTELY } from "./_given.ts";
import type { Check } from "./contract.ts";

/** Edits a job with its current definition and `changes`. */
function edit(store: Store, job: Job, change: Partial<JobDefinition>): Promise<Job | "moved"> {
  const { id, revision } = job;
  const definition = { ...MINUTELY, ...change };
  return store.jobs.update(id, { revision, definition, nextRun: "keep", ...by(at(1)) });
}

async function refusal(work: Promise<unknown>): Promise<Invalid> {
  const error = await work.then(() => null, (error: unknown) => error);
  assert.ok(error instanceof Invalid, `It was not refused: ${error}`);
  return error;
}

/** Keys, owners and labels of jobs. */
export function keysContract(check: Check): void {
  check(
    "a key, an owner and labels are read as they were written, and an edit replaces key and labels",
    async (opened) => {
      const { store } = opened;
      const definition = { ...MINUTELY, key: "nightly-backup_2.0", labels: ["month end", "nightly"] };
      const job = await store.jobs.create(definition, { nextRun: null, managedBy: "files", ...by(at(0)) });
      assert.deepEqual([job.key, job.managedBy, job.labels], [definition.key, "files", definition.labels]);
      assert.deepEqual(await store.jobs.get(job.id), job);
      const edited = await edit(store, job, { key: "other", labels: ["eu"] });
      assert.ok(edited !== "moved");
      assert.deepEqual([edited.key, edited.managedBy, edited.labels], ["other", "files", ["eu"]]);
      const bare = await edit(store, edited, {});
      assert.ok(bare !== "moved" && bare.key === null && bare.labels.length === 0);
    },
  );

  check("a key that another job has is refused by the name of that job, until it is deleted", async ({ store }) => {
    const first = await given(store, { key: "backup" });
    const second = await given(store);
    const created = await refusal(given(store, { key: "backup" }));
    const edited = await refusal(edit(store, second, { key: "backup" }));
    const message = `found "backup", which job ${first.id} has already; expected one of its own`;
    const problem = { field: "key", message, code: "taken" };
    assert.deepEqual([created.problems, edited.problems], [[problem], [problem]]);
    assert.deepEqual(await store.jobs.get(second.id), second);
    const same = await edit(store, first, { key: "backup", name: "Renamed" });
    assert.ok(same !== "moved" && same.key === "backup");
    await store.jobs.remove(first.id, { ...by(at(2)) });
    const freed = await edit(store, second, { key: "backup" });
    assert.ok(freed !== "moved" && freed.key === "backup");
  });

  check("of two jobs that are created with one key at the same time, one is", async ({ store, another }) => {
    const stores = [store, await another(), store, await another()];
    const answers = await Promise.allSettled(stores.map((each) => given(each, { key: "backup" })));
    const refused = answers.filter((answer) => answer.status === "rejected").map(({ reason }) => reason);
    assert.equal(refused.length, 3);
    for (const error of refused) {
      assert.ok(error instanceof Invalid && error.problems[0]?.field === "key", String(error));
    }
    assert.equal((await store.jobs.list({ limit: 10 })).items.length, 1);
  });

  for (const key of ["12", "Backup", "a b", "-a", "x".repeat(101), ""]) {
    check(`the database takes no key ${JSON.stringify(key.slice(0, 10))}`, async ({ store }) => {
      await assert.rejects(given(store, { key }));
      assert.deepEqual((await store.jobs.list({ limit: 10 })).items, []);
    });
  }

  check("a job is found by its key, else by its exact name; deleted ones are not", async ({ store }) => {
    const keyed = await given(store, { name: "Backup", key: "report" });
    const one = await given(store, { name: "report" });
    const two = await given(store, { name: "Same %" });
    const three = await given(store, { name: "Same %", scriptPath: "other.sh" });
    await given(store, { name: "Same % more" });
    const gone = await given(store, { name: "Same %", key: "gone" });
    await store.jobs.remove(gone.id, { ...by(at(1)) });
    const found = async (text: string) => (await store.jobs.find(text)).map(({ id }) => id);
    assert.deepEqual(await found("report"), [keyed.id]);
    assert.deepEqual(await found("Backup"), [keyed.id]);
    assert.deepEqual(await found("Same %"), [two.id, three.id]);
    assert.deepEqual([await found("backup"), await found("gone"), await found("Same"), await found("")], [
      [],
      [],
      [],
      [],
    ]);
    await store.jobs.remove(keyed.id, { ...by(at(2)) });
    assert.deepEqual(await found("report"), [one.id]);
  });

  check("a list is narrowed by labels, page by page in each order, and by part of a key", async ({ store }) => {
    const made: Job[] = [];
    for (let i = 0; i < 6; i++) {
      const labels = i % 2 === 0 ? ["eu", "nightly"] : ["eu"];
      made.push(await given(store, { name: `Job ${9 - i}`, labels, key: `key-${i}` }, at(i)));
    }
    await given(store, { labels: ["night"] });
    const found = async (query: Partial<JobQuery>) => {
      const ids: number[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof store.jobs.list>> = await store.jobs.list({
          limit: 2,
          ...query,
          ...(cursor !== null && { cursor }),
        });
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== null);
      return ids;
    };
    const ids = made.map(({ id }) => id);
    const even = ids.filter((_, i) => i % 2 === 0);
    assert.deepEqual(await found({ labels: [["eu"]], sort: "id" }), ids);
    assert.deepEqual(await found({ labels: [["eu"]], sort: "name" }), ids.toReversed());
    assert.deepEqual(await found({ labels: [["eu"]], sort: "nextRun" }), ids);
    assert.deepEqual(await found({ labels: [["nightly"], ["eu"]], sort: "id" }), even);
    assert.deepEqual(await found({ labels: [["nightly"], ["night"]] }), []);
    assert.deepEqual(await found({ search: "KEY-3" }), [ids[3]]);
    const [first, , third] = made;
    assert.ok(first !== undefined && third !== undefined);
    await edit(store, first, { labels: ["us"] });
    await store.jobs.remove(third.id, { ...by(at(2)) });
    assert.deepEqual(await found({ labels: [["nightly"]] }), [ids[4]]);
    assert.deepEqual(await found({ labels: [["us"]] }), [first.id]);
  });
}
