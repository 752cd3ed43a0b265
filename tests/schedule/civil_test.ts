/** The arithmetic under the engine, against Temporal and against plain sets. @module */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  dateOf,
  dayOf,
  daysInMonth,
  formatWall,
  isLeapYear,
  readTime,
  readWall,
  weekdayOf,
} from "../../shared/schedule/civil.ts";
import { ValueSet } from "../../shared/schedule/value_set.ts";

const SEED = 20_261_124;

Deno.test("dayOf(), dateOf(), weekdayOf() and daysInMonth() agree with Temporal over all dates there are", () => {
  const epoch = Temporal.PlainDate.from("1970-01-01");
  fc.assert(
    fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (day) => {
      const date = epoch.add({ days: day });
      assert.deepEqual(dateOf(day), { year: date.year, month: date.month, day: date.day });
      assert.equal(dayOf(date.year, date.month, date.day), day);
      assert.equal(weekdayOf(day), date.dayOfWeek % 7);
      assert.equal(daysInMonth(date.year, date.month), date.daysInMonth);
      assert.equal(isLeapYear(date.year), date.inLeapYear);
    }),
    { seed: SEED, numRuns: 20_000 },
  );
});

Deno.test("dateOf() follows every day of 400 years", () => {
  let date = Temporal.PlainDate.from("1800-01-01");
  const start = dayOf(1800, 1, 1);
  for (let day = start; day < start + 146_097; day++) {
    const found = dateOf(day);
    if (found.day !== date.day || found.month !== date.month || found.year !== date.year) assert.fail(date.toString());
    date = date.add({ days: 1 });
  }
  assert.equal(date.toString(), "2200-01-01");
});

Deno.test("readWall() reads the texts of formatWall(), for the years 0 to 9999", () => {
  const first = dayOf(0, 1, 1) * 86_400;
  const last = dayOf(10_000, 1, 1) * 86_400 - 1;
  fc.assert(
    fc.property(fc.integer({ min: first, max: last }), (wall) => assert.equal(readWall(formatWall(wall)), wall)),
    { seed: SEED, numRuns: 5_000 },
  );
});

Deno.test("readTime() and readWall() read nothing that is no time", () => {
  for (const text of ["", "9", "24:00", "09:60", "09:00:60", "-1:00", "09:0", " 09:00", "09:00Z", "٠٩:٠٠"]) {
    assert.equal(readTime(text), null, text);
  }
  for (const text of ["2027-02-29 09:00", "2026-00-01 09:00", "2026-13-01 09:00", "2026-04-31T09:00", "2026-12-01"]) {
    assert.equal(readWall(text), null, text);
  }
});

Deno.test("ValueSet finds the members that a plain list has", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(63)), (values) => {
      const sorted = [...values].sort((a, b) => a - b);
      const set = new ValueSet(values);
      assert.deepEqual(set.values(), sorted);
      assert.equal(set.first, sorted[0] ?? -1);
      assert.equal(set.last, sorted.at(-1) ?? -1);
      assert.equal(set.size, sorted.length);
      for (let value = 0; value < 64; value++) {
        assert.equal(set.has(value), values.includes(value));
        assert.equal(set.next(value), sorted.find((member) => member >= value) ?? -1, `next(${value}) of ${sorted}`);
        assert.equal(set.previous(value), sorted.findLast((member) => member <= value) ?? -1, `previous(${value})`);
        assert.equal(set.countBelow(value), sorted.filter((member) => member < value).length, `countBelow(${value})`);
      }
      assert.equal(set.next(64), -1);
      assert.equal(set.previous(-1), -1);
    }),
    { seed: SEED, numRuns: 500 },
  );
});
