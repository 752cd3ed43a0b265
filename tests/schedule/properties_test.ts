/** Properties of every schedule, in every zone, from every instant. @module */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  calculateNextRun,
  countRuns,
  latestRunAtOrBefore,
  type NextRunOptions,
  nextRuns,
  type Schedule,
} from "@jobtrigger/shared/schedule";
import { type EpochMs, epochMs } from "@jobtrigger/shared/domain";
import { policies } from "./_meanings.ts";
import { schedules } from "./_schedules.ts";

const SEED = 20_261_124;

const instants: fc.Arbitrary<EpochMs> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2100, 0) }) },
  { weight: 1, arbitrary: fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }) },
).map(epochMs);

const questions: fc.Arbitrary<[Schedule, NextRunOptions]> = fc.tuple(
  schedules,
  fc.record({ timezone: fc.constantFrom(...Intl.supportedValuesOf("timeZone")), after: instants, dst: policies }),
);

function forAll(numRuns: number, check: (schedule: Schedule, options: NextRunOptions) => void): void {
  fc.assert(fc.property(questions, ([schedule, options]) => check(schedule, options)), { seed: SEED, numRuns });
}

Deno.test("calculateNextRun() answers every question with null or a later instant", () => {
  let answers = 0;
  forAll(3_000, (schedule, options) => {
    const next = calculateNextRun(schedule, options);
    if (next !== null) answers++;
    assert.ok(next === null || (Number.isInteger(next) && next > options.after));
  });
  assert.ok(answers > 1_500, `only ${answers} answers were instants`);
});

Deno.test("calculateNextRun() answers in whole seconds but for intervals", () => {
  forAll(1_000, (schedule, options) => {
    const next = calculateNextRun(schedule, options);
    assert.ok(next === null || schedule.kind === "interval" || next % 1_000 === 0);
  });
});

Deno.test("calculateNextRun() leaves out no occurrence: from just before an answer, it answers the same", () => {
  forAll(1_000, (schedule, options) => {
    const next = calculateNextRun(schedule, options);
    if (next === null || (schedule.kind === "interval" && schedule.anchor === undefined)) return;
    for (const earlier of [next - 1, options.after + Math.floor((next - options.after) / 2)]) {
      assert.equal(calculateNextRun(schedule, { ...options, after: epochMs(earlier) }), next);
    }
  });
});

Deno.test("calculateNextRun() is pure: it changes nothing and no question before changes its answer", () => {
  fc.assert(
    fc.property(fc.array(questions, { minLength: 5, maxLength: 5 }), (asked) => {
      const ask = ([schedule, options]: [Schedule, NextRunOptions]) =>
        calculateNextRun(Object.freeze(schedule), options);
      const copies = asked.map(([schedule, options]): [Schedule, NextRunOptions] => [{ ...schedule }, options]);
      const before = JSON.stringify(asked);
      const answers = asked.map(ask);
      assert.deepEqual(copies.toReversed().map(ask).toReversed(), answers);
      assert.equal(JSON.stringify(asked), before);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

Deno.test("latestRunAtOrBefore() of an occurrence is that occurrence, and just before it the one before", () => {
  let pairs = 0;
  forAll(1_000, (schedule, options) => {
    const [first, second] = nextRuns(schedule, options, 2);
    if (first === undefined || second === undefined) return;
    const span = {
      timezone: options.timezone,
      notBefore: options.after,
      dst: options.dst ?? { gap: "after", fold: "first" },
    };
    assert.equal(latestRunAtOrBefore(schedule, { ...span, at: second }), second);
    assert.equal(latestRunAtOrBefore(schedule, { ...span, at: epochMs(second - 1) }), first);
    assert.equal(latestRunAtOrBefore(schedule, { ...span, at: epochMs(first - 1) }), null);
    pairs++;
  });
  assert.ok(pairs > 500, `only ${pairs} schedules had two occurrences`);
});

Deno.test("countRuns() counts the occurrences that nextRuns() lists", () => {
  forAll(500, (schedule, options) => {
    const runs = nextRuns(schedule, options, 20);
    const until = runs.at(-1) ?? options.after;
    assert.equal(countRuns(schedule, { ...options, until, limit: 100 }), runs.length);
  });
});

Deno.test("countRuns() of a span is the sum of its two parts, and just one up to the next occurrence", () => {
  const ends = fc.tuple(fc.integer({ min: 0, max: 40 * 365 * 86_400_000 }), fc.double({ min: 0, max: 1, noNaN: true }));
  const limit = Number.MAX_SAFE_INTEGER;
  let counted = 0;
  fc.assert(
    fc.property(questions, ends, ([schedule, options], [length, share]) => {
      if (schedule.kind === "interval" && schedule.anchor === undefined) return;
      const until = epochMs(Math.min(options.after + length, 8_640_000_000_000_000));
      const middle = epochMs(options.after + Math.floor((until - options.after) * share));
      const all = countRuns(schedule, { ...options, until, limit });
      const first = countRuns(schedule, { ...options, until: middle, limit });
      assert.equal(first + countRuns(schedule, { ...options, after: middle, until, limit }), all);
      assert.equal(countRuns(schedule, { ...options, until, limit: 5 }), Math.min(5, all));
      const next = calculateNextRun(schedule, options);
      if (next !== null) assert.equal(countRuns(schedule, { ...options, until: next, limit }), 1);
      assert.equal(all > 0, next !== null && next <= until);
      counted += all;
    }),
    { seed: SEED, numRuns: 1_000 },
  );
  assert.ok(counted > 1e9, `only ${counted} occurrences were counted`);
});

Deno.test("an interval does not drift: from any instant, its anchor is whole steps away", () => {
  const anchored = fc.tuple(fc.integer({ min: 1, max: 1_000_000 }), instants, instants);
  fc.assert(
    fc.property(anchored, ([everySeconds, anchor, after]) => {
      const text = Temporal.Instant.fromEpochMilliseconds(anchor).toString();
      const next = calculateNextRun({ kind: "interval", everySeconds, anchor: text }, { timezone: "UTC", after });
      if (next === null) return;
      assert.equal(Math.abs((next - anchor) % (everySeconds * 1_000)), 0);
      assert.ok(next > after && next - after <= everySeconds * 1_000);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});
