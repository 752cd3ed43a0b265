import assert from "node:assert/strict";
import type { Store, WaitingQuery } from "../../shared/store/mod.ts";
import type { Check } from "./contract.ts";
import { A, at, claim, enter, given, manual, MINUTELY } from "./_given.ts";

/** The ids of all pages of the queue, and the numbers of each page. */
async function pages(store: Store, when: "now" | "later", visible: "all" | readonly string[] = "all") {
  const found: { readonly ids: readonly number[]; readonly before: number; readonly total: number }[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.runs.queue({
      now: at(100),
      when,
      visible,
      limit: 2,
      ...(cursor !== null && { cursor }),
    });
    found.push({ ids: page.items.map(({ id }) => id), before: page.before, total: page.total });
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

/** What waits, for people. */
export function waitingContract(check: Check): void {
  check("waiting: pages are in the order in which a worker claims, with their places", async ({ store }) => {
    await enter(store, A);
    const policies = (priority: number) => ({ policies: { ...MINUTELY.policies, priority } });
    const low = await given(store, { name: "Low", ...policies(0) }, null);
    const high = await given(store, { name: "High", labels: ["eu"], ...policies(5) }, null);
    const tagged = await given(store, {
      name: "Tagged",
      policies: { ...MINUTELY.policies, tags: ["gpu"], concurrency: { key: "k", limit: 9 } },
    }, null);
    for (const [job, seconds] of [[low, 30], [high, 20], [low, 10], [tagged, 5], [high, 40]] as const) {
      await store.runs.runNow(manual(job, { now: at(seconds), force: true }));
    }
    await store.runs.runNow(manual(low, { now: at(200), force: true }));
    assert.deepEqual(await pages(store, "now"), [
      { ids: [2, 5], before: 0, total: 5 },
      { ids: [4, 3], before: 2, total: 5 },
      { ids: [1], before: 4, total: 5 },
    ]);
    assert.deepEqual(await pages(store, "later"), [{ ids: [6], before: 0, total: 1 }]);
    assert.deepEqual(await pages(store, "now", ["eu"]), [{ ids: [2, 5], before: 0, total: 2 }]);
    assert.deepEqual(await pages(store, "now", []), [{ ids: [], before: 0, total: 0 }]);
    const { oldest } = await store.runs.queue({ now: at(100), when: "now", limit: 1 });
    assert.equal(oldest, at(5));
    const [group, ...others] = await store.runs.taggedGroups(10);
    assert.deepEqual([group?.tags, others], [["gpu"], []]);
    assert.ok(group !== undefined);
    const ofGroup = await store.runs.queue({ now: at(100), when: "now", groups: [group], limit: 5 });
    assert.deepEqual(ofGroup.items.map(({ jobName }) => jobName), ["Tagged"]);
    const narrowed = async (narrowing: Partial<WaitingQuery>) =>
      (await store.runs.queue({ now: at(100), when: "now", limit: 9, ...narrowing })).items.map(({ id }) => id);
    assert.deepEqual(await narrowed({ jobs: ["lo*"] }), [3, 1]);
    assert.deepEqual(await narrowed({ labels: [["eu"]] }), [2, 5]);
    assert.deepEqual(await narrowed({ labels: [["eu"]], jobs: ["low"] }), []);
    assert.deepEqual(await narrowed({ jobs: ["high", "Tagged"], triggers: ["manual"] }), [2, 5, 4]);
    assert.deepEqual(await narrowed({ triggers: ["schedule", "webhook"] }), []);
    const claimed = await claim(store, A, at(100), 10, ["gpu"]);
    assert.deepEqual(claimed.map(({ dispatchId }) => dispatchId).toSorted(), [1, 2, 3, 4, 5]);
    assert.deepEqual(await store.runs.taggedGroups(10), []);
  });
}
