import assert from "node:assert/strict";
import { dispatchId, epochMs, type Lane } from "@jobtrigger/shared/domain";
import { type Candidate, chooseRuns, laneName, laneOf, mayServe, parseLane } from "@jobtrigger/shared/policy";
import fc from "fast-check";
import { jobOf } from "./_due.ts";

const PLAIN: Lane = { tags: [], concurrency: null, turn: null };
const keyed = (key: string, limit: number): Lane => ({ ...PLAIN, concurrency: { key, limit } });

function candidate(id: number, change: Partial<Candidate> = {}): Candidate {
  return { id: dispatchId(id), priority: 0, availableAt: epochMs(id), lane: PLAIN, ...change };
}

function choose(
  candidates: readonly Candidate[],
  limit: number,
  taken: Readonly<Record<string, readonly number[]>> = {},
) {
  return chooseRuns(candidates, { taken: new Map(Object.entries(taken)), limit }).map(({ id, place }) =>
    place === null ? `${id}` : `${id}@${place}`
  );
}

const needs: readonly (readonly [name: string, lane: Lane, expected: string])[] = [
  ["nothing", laneOf(jobOf("manual"), { isForced: false, backfill: null }), ""],
  [
    "its turn among the runs of its job",
    laneOf(jobOf("manual", { policies: { overlap: "queue_one" } }), { isForced: false, backfill: null }),
    '[[],null,null,"job/1",1]',
  ],
  [
    "no turn when it is forced, but others wait for it",
    laneOf(jobOf("manual", { policies: { overlap: "queue_all" } }), { isForced: true, backfill: null }),
    '[[],null,null,"job/1",null]',
  ],
  [
    "its turn among the runs of its backfill",
    laneOf(jobOf("manual"), { isForced: false, backfill: { id: "b", atOnce: 3 } }),
    '[[],null,null,"backfill/b",3]',
  ],
  [
    "tags and a key",
    laneOf(jobOf("manual", { policies: { tags: ["gpu"], concurrency: { key: "db", limit: 2 } } }), {
      isForced: false,
      backfill: null,
    }),
    '[["gpu"],"db",2,null,null]',
  ],
];
for (const [name, lane, expected] of needs) {
  Deno.test(`laneOf() a run needs ${name}`, () => {
    assert.equal(laneName(lane), expected);
    assert.deepEqual(parseLane(laneName(lane)), lane);
  });
}

Deno.test("parseLane() refuses what is no lane", () => {
  for (const text of ["[]", "{}", '["gpu"]', "[[1],null,null,null,null]", "x"]) {
    assert.throws(
      () => parseLane(text),
      (error: unknown) => error instanceof SyntaxError || error instanceof TypeError,
    );
  }
});

Deno.test("mayServe() wants every tag", () => {
  const lane = { ...PLAIN, tags: ["a", "b"] };
  assert.deepEqual([[], ["a"], ["b", "a", "c"]].map((tags) => mayServe(lane, new Set(tags))), [false, false, true]);
});

Deno.test("chooseRuns() takes the highest priority first, then what waited longest", () => {
  const all = [candidate(1), candidate(2, { priority: 5 }), candidate(3, { availableAt: epochMs(0) })];
  assert.deepEqual(choose(all, 2), ["2", "3"]);
});

Deno.test("chooseRuns() gives the lowest free places of a key and passes over those for which there is none", () => {
  const all = [candidate(1, { lane: keyed("k", 3) }), candidate(2, { lane: keyed("k", 3) }), candidate(3)];
  assert.deepEqual(choose(all, 3, { k: [1, 3] }), ["1@2", "3"]);
});

Deno.test("chooseRuns() lets a run take only places up to its own limit", () => {
  const all = [candidate(1, { lane: keyed("k", 1) }), candidate(2, { lane: keyed("k", 4) })];
  assert.deepEqual(choose(all, 2, { k: [1, 2] }), ["2@3"]);
});

Deno.test("chooseRuns() never gives a place twice nor more than the limit, and leaves nothing that could run", () => {
  const lanes = fc.constantFrom(PLAIN, keyed("a", 1), keyed("a", 3), keyed("b", 2));
  const candidates = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 60 }).map(dispatchId),
      priority: fc.integer({ min: -1, max: 1 }),
      availableAt: fc.nat(5).map(epochMs),
      lane: lanes,
    }),
    { selector: ({ id }) => id, maxLength: 20 },
  );
  fc.assert(
    fc.property(candidates, fc.integer({ min: 1, max: 20 }), fc.subarray([1, 2, 3]), (all, limit, taken) => {
      const chosen = chooseRuns(all, { taken: new Map([["a", taken]]), limit });
      assert.ok(chosen.length <= limit);
      const places = [
        ...taken.map((place) => `a${place}`),
        ...chosen.flatMap(({ key, place }) => key ? [`${key}${place}`] : []),
      ];
      assert.equal(new Set(places).size, places.length, "no place twice");
      for (const { id, place } of chosen) {
        const concurrency = all.find((one) => one.id === id)?.lane.concurrency;
        assert.ok(place === null ? concurrency === null : place <= (concurrency?.limit ?? 0));
      }
      if (chosen.length === limit) return;
      for (const { id, lane: { concurrency } } of all) {
        if (chosen.some((choice) => choice.id === id)) continue;
        assert.ok(concurrency !== null, "a plain run is never passed over");
        for (let place = 1; place <= concurrency.limit; place++) {
          assert.ok(places.includes(`${concurrency.key}${place}`));
        }
      }
    }),
    { seed: 20261124, numRuns: 500 },
  );
});
