import assert from "node:assert/strict";
import { readQueueFilter } from "../../shared/api/mod.ts";
import { readQueue } from "../../shared/operations/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { operating } from "../support/operating.ts";
import { DATABASES } from "../support/store.ts";
import { A, at, claimOne, enter, given, manual } from "../store/_given.ts";

/** What waits for the reasons that `text` names, page by page: the places and the kinds. */
async function waiting(store: Store, text: string, limit: number): Promise<readonly (readonly [number, string])[]> {
  const context = { ...operating(store, at(10)), zone: "UTC" };
  const found: (readonly [number, string])[] = [];
  for (let cursor: string | null | undefined = undefined; cursor !== null;) {
    const filter = readQueueFilter(text);
    const page: Awaited<ReturnType<typeof readQueue>> = await readQueue(context, {
      ...filter,
      when: "now",
      limit,
      ...(cursor !== undefined && { cursor }),
    });
    assert.ok(page.items.length <= limit);
    assert.equal(page.total === 0, page.oldest === null);
    found.push(...page.items.map(({ position, kind }) => [position, kind] as const));
    cursor = page.next;
  }
  return found;
}

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: readQueue() finds what waits for each reason, in any size of pages`, async () => {
    await using test = await open();
    const { store } = test;
    const { policies } = await given(store, {}, null);
    const keyed = await given(store, {
      name: "Keyed",
      policies: { ...policies, concurrency: { key: "disk", limit: 1 }, overlap: "allow" },
    }, null);
    const tagged = await given(
      store,
      { name: "Tagged", policies: { ...policies, tags: ["gpu"], overlap: "allow" } },
      null,
    );
    const serial = await given(store, { name: "Serial", policies: { ...policies, overlap: "queue_all" } }, null);
    await enter(store, A, at(0));
    await store.runs.runNow(manual(keyed));
    await claimOne(store, A, at(1));
    for (const job of [keyed, serial, serial, tagged, keyed, serial]) await store.runs.runNow(manual(job));
    for (const limit of [1, 2, 50]) {
      assert.deepEqual(await waiting(store, "reason:key", limit), [[1, "key"], [5, "key"]]);
      assert.deepEqual(await waiting(store, "reason:order", limit), [[3, "serial_order"], [6, "serial_order"]]);
      assert.deepEqual(await waiting(store, "reason:next,key", limit), [[1, "key"], [2, "nothing"], [5, "key"]]);
    }
    assert.deepEqual(await waiting(store, "reason:busy", 50), []);
    assert.deepEqual((await waiting(store, "reason:tags", 50)).map(([, kind]) => kind), ["tags"]);
    assert.deepEqual(await waiting(store, "reason:not_due", 50), []);
  });
}

Deno.test("a reason that there is not is refused with those that there are", () => {
  assert.throws(
    () => readQueueFilter("reason:bored"),
    /"bored", expected not_due, no_worker, tags, key, order, busy or/,
  );
  assert.throws(() => readQueueFilter("reason:constructor"), /expected not_due/);
});
