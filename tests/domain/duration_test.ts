import assert from "node:assert/strict";
import * as fc from "fast-check";
import { canonicalDuration, describeDuration, parseDuration, shortDuration } from "../../shared/domain/mod.ts";

const cases: readonly (readonly [text: string, seconds: number | null])[] = [
  ["90", 90],
  [" 90 ", 90],
  ["0", 0],
  ["0.25", 0.25],
  ["1.0005", 1.001],
  ["5m", 300],
  ["1h30m", 5_400],
  ["1.5h", 5_400],
  ["1.1m", 66],
  ["2 Days, 3 hours", 183_600],
  ["1 min 30 secs", 90],
  ["2 hrs", 7_200],
  ["9".repeat(400), Infinity],
  ["", null],
  [" ", null],
  ["-5m", null],
  ["+5m", null],
  ["1e3", null],
  ["0x10", null],
  ["5 parsecs", null],
  ["500ms", null],
  ["1h 30", null],
  ["m", null],
  [".5h", null],
  ["1:30", null],
  ["9".repeat(1_001), null],
];
for (const [text, seconds] of cases) {
  const shown = text.length > 40 ? `${text.length} digits` : JSON.stringify(text);
  Deno.test(`parseDuration() reads ${shown} as ${seconds}`, () => assert.equal(parseDuration(text), seconds));
}

Deno.test("parseDuration() reads the durations that messages and forms show", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 36_500 * 86_400 }), (seconds) => {
      for (const form of [canonicalDuration, shortDuration, describeDuration, String]) {
        assert.equal(parseDuration(form(seconds)), seconds, form(seconds));
      }
    }),
    { seed: 20_261_124, numRuns: 1_000 },
  );
});

Deno.test("parseDuration() takes no longer for a text that is almost a duration", () => {
  assert.equal(parseDuration(`${"1d ".repeat(300)}x`), null);
  assert.equal(parseDuration("9".repeat(999) + "x"), null);
});
