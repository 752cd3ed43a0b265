import assert from "node:assert/strict";
import { epochMs, jobId } from "@jobtrigger/shared/domain";
import { decideDue, occurrencesOf, spreadStart } from "@jobtrigger/shared/policy";
import { instant, iso, jobOf } from "./_due.ts";

const at = instant("2026-11-24T09:00:00Z");
const offset = (job: number, spreadSeconds: number, gapSeconds: number | null = null): number => {
  const following = gapSeconds === null ? null : epochMs(at + gapSeconds * 1000);
  return (spreadStart(at, { jobId: jobId(job), spreadSeconds, following }) - at) / 1000;
};

Deno.test("spreadStart() gives each job one offset, whole seconds within the spread", () => {
  const offsets = Array.from({ length: 500 }, (_, index) => offset(index + 1, 60));
  assert.ok(offsets.every((seconds) => Number.isInteger(seconds) && seconds >= 0 && seconds <= 60));
  assert.equal(new Set(offsets).size, 61, "every second of it is used");
  assert.deepEqual(offsets, Array.from({ length: 500 }, (_, index) => offset(index + 1, 60)));
});

Deno.test("spreadStart() stays before the next occurrence", () => {
  for (let job = 1; job <= 300; job++) assert.ok(offset(job, 86_400, 60) < 60);
});

Deno.test("spreadStart() without a spread is the nominal time", () => assert.equal(offset(7, 0), 0));

/** A day of a job each hour with a spread of an hour, around the hours that clocks skip and repeat. */
const days: readonly (readonly [zone: string, schedule: string, from: string, expected: number])[] = [
  ["Europe/Berlin", "hourly at :00", "2026-03-28T23:00:00Z", 23],
  ["Europe/Berlin", "hourly at :00", "2026-10-24T22:00:00Z", 25],
  ["Europe/Berlin", "daily at 02:30", "2026-03-28T23:00:00Z", 1],
  ["Australia/Lord_Howe", "cron */30 * * * *", "2026-04-04T13:00:00Z", 49],
];
for (const [zone, schedule, from, expected] of days) {
  Deno.test(`spread × daylight saving: ${schedule} in ${zone} from ${from} keeps nominal times and their order`, () => {
    const job = jobOf(schedule, { timezone: zone, policies: { spreadSeconds: 3600, overlap: "allow" } });
    const occurrences = occurrencesOf(job);
    const starts: number[] = [];
    const midnight = instant(from);
    const end = endOfDay(zone, from);
    for (
      let next = occurrences.next(epochMs(midnight - 1));
      next !== null && next < end;
      next = occurrences.next(next)
    ) {
      const [run] = decideDue({ job, dueAt: next, unfinished: 0, now: next }).dispatch;
      assert.equal(run?.scheduledFor, next, "the nominal time stays");
      const following = occurrences.next(next);
      assert.ok(run !== undefined && following !== null && run.availableAt < following, iso(next));
      starts.push(run.availableAt);
    }
    assert.equal(starts.length, expected);
    assert.deepEqual(starts.toSorted((a, b) => a - b), starts);
    assert.equal(new Set(starts).size, starts.length);
  });
}

/** The next midnight of a zone. */
function endOfDay(zone: string, from: string): number {
  return Temporal.Instant.from(from).toZonedDateTimeISO(zone).startOfDay().add({ days: 1 }).epochMilliseconds;
}
