import assert from "node:assert/strict";
import { epochMs } from "../../shared/domain/mod.ts";
import { formatDuration, formatInstant, isoUtc, systemClock } from "../../shared/time/mod.ts";

const AT = epochMs(Date.UTC(2026, 10, 24, 1));

Deno.test("an instant for machines is ISO 8601 in UTC, with milliseconds where it has any", () => {
  assert.equal(isoUtc(AT), "2026-11-24T01:00:00Z");
  assert.equal(isoUtc(epochMs(AT + 50)), "2026-11-24T01:00:00.050Z");
});

Deno.test("an instant for people is in a zone, which is named", () => {
  assert.equal(formatInstant(AT, "Asia/Hong_Kong"), "2026-11-24 09:00:00 Asia/Hong_Kong");
  assert.equal(formatInstant(AT, "America/New_York"), "2026-11-23 20:00:00 America/New_York");
});

const durations: readonly (readonly [ms: number, text: string])[] = [
  [0, "0 ms"],
  [999, "999 ms"],
  [1000, "1.0 s"],
  [59_949, "59.9 s"],
  [59_999, "1 min"],
  [192_000, "3 min 12 s"],
  [7_500_000, "2 h 5 min"],
  [273_600_000, "3 d 4 h"],
];
for (const [ms, text] of durations) {
  Deno.test(`${ms} ms are "${text}"`, () => assert.equal(formatDuration(ms), text));
}

Deno.test("the system's clock does not sleep for a signal that has aborted, and wakes at one that does", async () => {
  await systemClock.sleep(1e9, AbortSignal.abort());
  const wake = new AbortController();
  let isAwake = false;
  const slept = systemClock.sleep(1e12, wake.signal).then(() => isAwake = true);
  await systemClock.sleep(0);
  assert.equal(isAwake, false);
  wake.abort();
  await slept;
});
