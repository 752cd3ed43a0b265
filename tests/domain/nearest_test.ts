import assert from "node:assert/strict";
import { nearest } from "@jobtrigger/shared/domain";

const KINDS = ["manual", "once", "every", "hourly", "daily", "weekly", "monthly", "cron"];

const cases: readonly (readonly [name: string, found: string, nearest: string | null])[] = [
  ["a letter too few", "dily", "daily"],
  ["a wrong letter", "dayly", "daily"],
  ["two swapped letters", "dialy", "daily"],
  ["any case", "DAYLY", "daily"],
  ["the nearest of several", "montly", "monthly"],
  ["nothing where half of it would be wrong", "dog", null],
];

for (const [name, found, expected] of cases) {
  Deno.test(`nearest() finds ${name}`, () => assert.equal(nearest(found, KINDS), expected));
}

Deno.test("nearest() finds nothing for a text of more than 200 characters", () => {
  const [longest, tooLong] = ["a".repeat(200), "a".repeat(201)];
  assert.equal(nearest(longest, [`${longest}b`]), `${longest}b`);
  assert.equal(nearest(tooLong, [`${tooLong}b`]), null);
});
