import assert from "node:assert/strict";
import { barPaths, type Frame, outcomesOf, quantile, successRate } from "../../app/format/bars.ts";
import { niceCeiling } from "../../app/format/scale.ts";

const FRAME: Frame = { slots: 3, step: 5, width: 4, base: 14, up: 10, down: 7 };

Deno.test("a bar of a success stands on the line by its share, one of a failure hangs below it", () => {
  const runs = [
    { status: "SUCCESS", durationMs: 500 },
    { status: "TIMEOUT", durationMs: 900 },
    { status: "CANCELLED", durationMs: 0 },
  ] as const;
  assert.deepEqual(barPaths(runs, FRAME, { most: 1000 }), {
    ok: "M0 9h4v5h-4z",
    bad: "M5 15h4v7h-4z",
    off: "M10 12h4v2h-4z",
  });
});

Deno.test("the newest run is at the right, before what is reserved, and what has no room is left out", () => {
  const run = { status: "SUCCESS", durationMs: 1000 } as const;
  assert.equal(barPaths([run], FRAME, { most: 1000 }).ok, "M10 4h4v10h-4z");
  assert.equal(barPaths([run, run, run, run], FRAME, { most: 1000, reserved: 2 }).ok, "M0 4h4v10h-4z");
  assert.equal(barPaths([{ ...run, durationMs: 0 }], FRAME, { most: 0 }).ok, "M10 4h4v10h-4z");
});

Deno.test("a success rate of 100 means all, and cancelled runs count as neither", () => {
  const outcomes = outcomesOf([{ status: "SUCCESS" }, { status: "ERROR" }, { status: "CANCELLED" }]);
  assert.deepEqual(outcomes, { succeeded: 1, failed: 1 });
  assert.equal(successRate({ succeeded: 999, failed: 1 }), 99);
  assert.equal(successRate({ succeeded: 3, failed: 0 }), 100);
  assert.equal(successRate({ succeeded: 0, failed: 0 }), null);
});

Deno.test("a quantile is the nearest rank", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual([quantile(values, 0.5), quantile(values, 0.95), quantile([7], 0.95), quantile([], 0.5)], [
    50,
    95,
    7,
    null,
  ]);
});

Deno.test("a scale ends at a round duration that is not below its longest", () => {
  for (const [ms, top] of [[1, 1], [3, 5], [31_000, 60_000], [61_000, 120_000], [86_400_001, 172_800_000]] as const) {
    assert.equal(niceCeiling(ms), top);
  }
});
