/** Every search is bounded: a schedule that never fires answers null quickly, and rare occurrences are found. @module */
import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import { calculateNextRun, type DstPolicy, latestRunAtOrBefore, parseScheduleText } from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";

const at = (text: string) => epochMs(Temporal.Instant.from(text).epochMilliseconds);
const SKIP: DstPolicy = { gap: "skip", fold: "first" };

/** Milliseconds of processor time since `start`: a busy machine does not count. */
function busyMs(start: ReturnType<typeof cpuUsage>): number {
  const { user, system } = cpuUsage(start);
  return (user + system) / 1000;
}

interface Never {
  readonly name: string;
  readonly schedule: string;
  readonly zone: string;
  readonly dst?: DstPolicy;
  readonly after?: string;
}

const never: readonly Never[] = [
  { name: "31 February", schedule: "0 0 31 2 *", zone: "UTC" },
  { name: "31 February each second", schedule: "* * * 31 2 *", zone: "America/New_York" },
  { name: "30 February", schedule: "0 0 30 2 *", zone: "Europe/Berlin" },
  { name: "31 in months that have 30 days", schedule: "0 0 31 4,6,9,11 *", zone: "Australia/Lord_Howe" },
  { name: "the workday nearest 31 February", schedule: "0 0 31W feb *", zone: "Asia/Beirut" },
  // The last Sunday of March is when clocks in Berlin go from 02:00 to 03:00, each year.
  {
    name: "a time that falls into a gap each year, skipped",
    schedule: "30 2 ? 3 0L",
    zone: "Europe/Berlin",
    dst: SKIP,
  },
  {
    name: "a range of hours that falls into a gap each year, skipped",
    schedule: "30 2-2 ? 3 0L",
    zone: "Europe/Berlin",
    dst: SKIP,
  },
  {
    name: "a fifth Sunday of March in a gap each year, asked in 2000",
    schedule: "30 2 ? 3 0#5",
    zone: "Europe/Berlin",
    dst: SKIP,
    after: "2000-01-01T00:00:00Z",
  },
  { name: "a once in a gap, skipped", schedule: "once at 2026-03-29 02:30", zone: "Europe/Berlin", dst: SKIP },
  { name: "a once that is over", schedule: "once at 1999-12-31 23:59", zone: "Pacific/Apia" },
  { name: "manual", schedule: "manual", zone: "UTC" },
];

for (const { name, schedule, zone, dst, after = "2026-01-01T00:00:00Z" } of never) {
  Deno.test(`calculateNextRun() answers null quickly for ${name}`, () => {
    const options = { timezone: zone, after: at(after), ...(dst === undefined ? {} : { dst }) };
    const start = cpuUsage();
    assert.equal(calculateNextRun(parseScheduleText(schedule), options), null);
    // It takes 1 to 30 ms; a search to the end of all dates takes seconds.
    assert.ok(busyMs(start) < 500, `${busyMs(start)} ms`);
  });
}

type Seldom = [name: string, schedule: string, zone: string, after: string, next: string | null];

const seldom: readonly Seldom[] = [
  ["the next leap day", "0 0 29 2 *", "UTC", "2026-11-24T00:00:00Z", "2028-02-29T00:00:00Z"],
  ["the leap day after 2096", "0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"],
  ["no leap day in 1900", "0 0 29 2 *", "UTC", "1896-03-01T00:00:00Z", "1904-02-29T00:00:00Z"],
  ["a leap day in 2000", "0 0 29 2 *", "UTC", "1996-03-01T00:00:00Z", "2000-02-29T00:00:00Z"],
  ["the fifth Monday of a February", "0 0 ? 2 mon#5", "UTC", "2072-03-01T00:00:00Z", "2112-02-29T00:00:00Z"],
  [
    "a once thousands of years away",
    "once at 9999-12-31 23:59:59",
    "Europe/Berlin",
    "2026-11-24T00:00:00Z",
    "9999-12-31T22:59:59Z",
  ],
  ["a once long ago", "once at 0001-01-01 00:00", "UTC", "-000001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
  [
    "a year of daylight saving far away",
    "daily at 02:30",
    "Europe/Berlin",
    "+012000-03-25T12:00:00Z",
    "+012000-03-26T01:00:00Z",
  ],
  [
    "the end of the gap that a date's time falls into",
    "30 2 25 3 *",
    "Europe/Berlin",
    "2029-03-01T00:00:00Z",
    "2029-03-25T01:00:00Z",
  ],
  ["nothing after the last second of all", "* * * * * *", "UTC", "+275760-09-13T00:00:00Z", null],
  ["the last second of all", "* * * * * *", "UTC", "+275760-09-12T23:59:59Z", "+275760-09-13T00:00:00Z"],
];

for (const [name, schedule, zone, after, next] of seldom) {
  Deno.test(`calculateNextRun() finds ${name}`, () => {
    const found = calculateNextRun(parseScheduleText(schedule), { timezone: zone, after: at(after) });
    assert.equal(found === null ? null : Temporal.Instant.fromEpochMilliseconds(found).toString(), next);
  });
}

Deno.test("calculateNextRun() answers a thousand questions about a schedule that never fires within seconds", () => {
  const schedule = parseScheduleText("30 2 ? 3 0L");
  const start = cpuUsage();
  for (let day = 0; day < 1_000; day++) {
    const after = epochMs(Date.UTC(2026, 0, day));
    assert.equal(calculateNextRun(schedule, { timezone: "Europe/Berlin", after, dst: SKIP }), null);
  }
  assert.ok(busyMs(start) < 3_000, `${busyMs(start)} ms`);
});

Deno.test("latestRunAtOrBefore() searches back to the year before a zone's rule began to skip the time", () => {
  // Since 1981 clocks in Berlin have gone forward over 02:30 on the last Sunday of March; in 1980 it was 6 April.
  const found = latestRunAtOrBefore(parseScheduleText("30 2 ? 3 0L"), {
    timezone: "Europe/Berlin",
    at: at("2026-01-01T00:00:00Z"),
    notBefore: at("1970-01-01T00:00:00Z"),
    dst: SKIP,
  });
  assert.equal(found, at("1980-03-30T01:30:00Z"));
});
