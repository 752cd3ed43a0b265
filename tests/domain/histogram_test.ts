import assert from "node:assert/strict";
import fc from "fast-check";
import { histogramOf, mergeHistograms, QUANTILE_ERROR, quantileOf, sizeOf } from "../../shared/domain/mod.ts";

/** Times of runs: some milliseconds to a month, as likely short as long. */
const times = fc.array(
  fc.double({ min: 0, max: Math.log(30 * 86_400_000), noNaN: true }).map((exponent) => Math.round(Math.exp(exponent))),
  { minLength: 1, maxLength: 200 },
);

Deno.test("quantileOf() is off by no more than it says, whatever the times", () => {
  fc.assert(fc.property(times, fc.constantFrom(0.01, 0.5, 0.95, 0.99, 1), (all, part) => {
    const exact = all.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(part * all.length)) - 1] ?? 0;
    const found = quantileOf(histogramOf(all), part) ?? 0;
    assert.ok(Math.abs(found - exact) <= exact * (QUANTILE_ERROR + 1e-9), `${found} for ${exact}`);
  }));
  assert.ok(QUANTILE_ERROR < 0.05);
});

Deno.test("mergeHistograms() makes of parts what all times make, in whatever order they come", () => {
  fc.assert(fc.property(fc.array(times, { maxLength: 5 }), (parts) => {
    const merged = mergeHistograms(parts.map(histogramOf));
    assert.deepEqual(merged, histogramOf(parts.flat()));
    assert.deepEqual(mergeHistograms(parts.map(histogramOf).toReversed()), merged);
    assert.equal(sizeOf(merged), parts.flat().length);
  }));
});

Deno.test("quantileOf() of nothing is null, and of no time or a negative one at most a millisecond", () => {
  assert.equal(quantileOf(new Map(), 0.5), null);
  for (const ms of [0, 1, -5]) assert.equal(quantileOf(histogramOf([ms]), 0.5), 1);
});
