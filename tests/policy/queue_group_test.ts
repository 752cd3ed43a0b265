import assert from "node:assert/strict";
import { dispatchId, epochMs, type QueueGroup } from "@jobtrigger/shared/domain";
import {
  type Candidate,
  chooseRuns,
  mayServe,
  parseQueueGroup,
  queueGroupName,
  queueGroupOf,
} from "@jobtrigger/shared/policy";
import fc from "fast-check";
import { jobOf } from "./_due.ts";

const PLAIN: QueueGroup = { tags: [], concurrency: null, serial: null };
const keyed = (key: string, limit: number): QueueGroup => ({ ...PLAIN, concurrency: { key, limit } });

function candidate(id: number, change: Partial<Candidate> = {}): Candidate {
  return { id: dispatchId(id), priority: 0, availableAt: epochMs(id), needs: PLAIN, ...change };
}

function choose(
  candidates: readonly Candidate[],
  limit: number,
  taken: Readonly<Record<string, readonly number[]>> = {},
) {
  return chooseRuns(candidates, { taken: new Map(Object.entries(taken)), limit }).map(({ id, slot }) =>
    slot === null ? `${id}` : `${id}@${slot}`
  );
}

const needs: readonly (readonly [name: string, group: QueueGroup, expected: string])[] = [
  ["nothing", queueGroupOf(jobOf("manual"), { isForced: false, backfill: null }), ""],
  [
    "its position among the runs of its job",
    queueGroupOf(jobOf("manual", { policies: { overlap: "queue_one" } }), { isForced: false, backfill: null }),
    '[[],null,null,"job/1",1]',
  ],
  [
    "no position when it is forced, but others wait for it",
    queueGroupOf(jobOf("manual", { policies: { overlap: "queue_all" } }), { isForced: true, backfill: null }),
    '[[],null,null,"job/1",null]',
  ],
  [
    "its position among the runs of its backfill",
    queueGroupOf(jobOf("manual"), { isForced: false, backfill: { id: "b", atOnce: 3 } }),
    '[[],null,null,"backfill/b",3]',
  ],
  [
    "tags and a key",
    queueGroupOf(jobOf("manual", { policies: { tags: ["gpu"], concurrency: { key: "db", limit: 2 } } }), {
      isForced: false,
      backfill: null,
    }),
    '[["gpu"],"db",2,null,null]',
  ],
];
for (const [name, group, expected] of needs) {
  Deno.test(`queueGroupOf() a run needs ${name}`, () => {
    assert.equal(queueGroupName(group), expected);
    assert.deepEqual(parseQueueGroup(queueGroupName(group)), group);
  });
}

Deno.test("parseQueueGroup() refuses all but queue groups", () => {
  for (const text of ["[]", "{}", '["gpu"]', "[[1],null,null,null,null]", "x"]) {
    assert.throws(
      () => parseQueueGroup(text),
      (error: unknown) => error instanceof SyntaxError || error instanceof TypeError,
    );
  }
});

Deno.test("mayServe() wants every tag", () => {
  const group = { ...PLAIN, tags: ["a", "b"] };
  assert.deepEqual([[], ["a"], ["b", "a", "c"]].map((tags) => mayServe(group, new Set(tags))), [false, false, true]);
});

Deno.test("chooseRuns() takes the highest priority first, then the longest wait", () => {
  const all = [candidate(1), candidate(2, { priority: 5 }), candidate(3, { availableAt: epochMs(0) })];
  assert.deepEqual(choose(all, 2), ["2", "3"]);
});

Deno.test("chooseRuns() assigns the lowest free slots of a key and skips runs without a slot", () => {
  const all = [candidate(1, { needs: keyed("k", 3) }), candidate(2, { needs: keyed("k", 3) }), candidate(3)];
  assert.deepEqual(choose(all, 3, { k: [1, 3] }), ["1@2", "3"]);
});

Deno.test("chooseRuns() lets a run take only slots up to its own limit", () => {
  const all = [candidate(1, { needs: keyed("k", 1) }), candidate(2, { needs: keyed("k", 4) })];
  assert.deepEqual(choose(all, 2, { k: [1, 2] }), ["2@3"]);
});

Deno.test("chooseRuns() never assigns a slot twice or above the limit, and leaves no run that could start", () => {
  const groups = fc.constantFrom(PLAIN, keyed("a", 1), keyed("a", 3), keyed("b", 2));
  const candidates = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 60 }).map(dispatchId),
      priority: fc.integer({ min: -1, max: 1 }),
      availableAt: fc.nat(5).map(epochMs),
      needs: groups,
    }),
    { selector: ({ id }) => id, maxLength: 20 },
  );
  fc.assert(
    fc.property(candidates, fc.integer({ min: 1, max: 20 }), fc.subarray([1, 2, 3]), (all, limit, taken) => {
      const chosen = chooseRuns(all, { taken: new Map([["a", taken]]), limit });
      assert.ok(chosen.length <= limit);
      const slots = [
        ...taken.map((slot) => `a${slot}`),
        ...chosen.flatMap(({ key, slot }) => key ? [`${key}${slot}`] : []),
      ];
      assert.equal(new Set(slots).size, slots.length, "no slot twice");
      for (const { id, slot } of chosen) {
        const concurrency = all.find((one) => one.id === id)?.needs.concurrency;
        assert.ok(slot === null ? concurrency === null : slot <= (concurrency?.limit ?? 0));
      }
      if (chosen.length === limit) return;
      for (const { id, needs: { concurrency } } of all) {
        if (chosen.some((choice) => choice.id === id)) continue;
        assert.ok(concurrency !== null, "a plain run is never passed over");
        for (let slot = 1; slot <= concurrency.limit; slot++) {
          assert.ok(slots.includes(`${concurrency.key}${slot}`));
        }
      }
    }),
    { seed: 20261124, numRuns: 500 },
  );
});
