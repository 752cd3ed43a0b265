import assert from "node:assert/strict";
import {
  calculateNextRun,
  countRuns,
  latestRunAtOrBefore,
  nextRuns,
  parseSchedule,
  parseScheduleText,
} from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";

const at = (text: string) => epochMs(Date.parse(text));
const iso = (instant: number | null) => instant === null ? null : new Date(instant).toISOString().replace(".000Z", "Z");

type Case = [name: string, schedule: string, zone: string, after: string, next: string | null];

// 2026-11-24 is a Tuesday.
const cases: Case[] = [
  ["counts seconds from where it is asked", "every 30s", "UTC", "2026-11-24T10:00:05Z", "2026-11-24T10:00:35Z"],
  ["counts minutes", "every 5m", "UTC", "2026-11-24T10:00:00Z", "2026-11-24T10:05:00Z"],
  ["counts hours", "every 2h", "UTC", "2026-11-24T23:00:00Z", "2026-11-25T01:00:00Z"],
  ["counts milliseconds along", "every 10s", "UTC", "2026-11-24T10:00:00.250Z", "2026-11-24T10:00:10.250Z"],
  ["keeps to the anchor", "every 7m from 2026-11-24T00:00:00Z", "UTC", "2026-11-24T01:00:01Z", "2026-11-24T01:03:00Z"],
  [
    "excludes the bound at the anchor",
    "every 1h from 2026-11-24T00:00Z",
    "UTC",
    "2026-11-24T00:00Z",
    "2026-11-24T01:00:00Z",
  ],
  [
    "counts back from an anchor to come",
    "every 1h from 2027-01-01T00:30Z",
    "UTC",
    "2026-11-24T00:00Z",
    "2026-11-24T00:30:00Z",
  ],
  ["lets an interval cross a clock change", "every 1d", "Europe/Berlin", "2026-10-24T10:00Z", "2026-10-25T10:00:00Z"],

  ["finds the minute ahead in this hour", "hourly at :15", "UTC", "2026-11-24T10:10:00Z", "2026-11-24T10:15:00Z"],
  ["finds the minute behind in the next hour", "hourly at :15", "UTC", "2026-11-24T10:20:00Z", "2026-11-24T11:15:00Z"],
  ["excludes the bound itself", "hourly at :00", "UTC", "2025-01-01T05:00Z", "2025-01-01T06:00:00Z"],
  ["includes the moment after the bound", "hourly at :00", "UTC", "2025-01-01T04:59:59.999Z", "2025-01-01T05:00:00Z"],
  [
    "reads the minute in a zone of half hours",
    "hourly at :15",
    "Asia/Kolkata",
    "2026-11-24T10:00Z",
    "2026-11-24T10:45:00Z",
  ],

  ["finds a time later today", "daily at 15:00", "UTC", "2026-11-24T10:00Z", "2026-11-24T15:00:00Z"],
  ["finds a time gone by tomorrow", "daily at 09:00", "UTC", "2026-11-24T10:00Z", "2026-11-25T09:00:00Z"],
  ["takes the time from Hong Kong", "daily at 09:00", "Asia/Hong_Kong", "2026-11-24T00:00Z", "2026-11-24T01:00:00Z"],
  ["takes the day from Hong Kong", "daily at 06:00", "Asia/Hong_Kong", "2026-11-24T10:00Z", "2026-11-24T22:00:00Z"],
  ["keeps seconds", "daily at 09:00:30", "UTC", "2026-11-24T09:00Z", "2026-11-24T09:00:30Z"],
  ["ends the year", "daily at 00:00", "UTC", "2026-12-31T00:00Z", "2027-01-01T00:00:00Z"],

  ["weekly takes today before the time", "weekly on tue at 12:00", "UTC", "2026-11-24T10:00Z", "2026-11-24T12:00:00Z"],
  ["weekly leaves today after the time", "weekly on tue at 09:00", "UTC", "2026-11-24T10:00Z", "2026-12-01T09:00:00Z"],
  ["weekly finds monday", "weekly on mon at 10:00", "UTC", "2026-11-24T10:00Z", "2026-11-30T10:00:00Z"],
  ["weekly finds wednesday", "weekly on wed at 10:00", "UTC", "2026-11-24T10:00Z", "2026-11-25T10:00:00Z"],
  ["weekly finds thursday", "weekly on thu at 10:00", "UTC", "2026-11-24T10:00Z", "2026-11-26T10:00:00Z"],
  ["weekly finds friday", "weekly on fri at 10:00", "UTC", "2026-11-24T10:00Z", "2026-11-27T10:00:00Z"],
  ["weekly finds saturday", "weekly on sat at 10:00", "UTC", "2026-11-24T10:00Z", "2026-11-28T10:00:00Z"],
  ["weekly finds sunday", "weekly on sun at 10:00", "UTC", "2026-11-24T10:00Z", "2026-11-29T10:00:00Z"],
  [
    "weekly takes the nearest of its days",
    "weekly on mon,fri at 09:00",
    "UTC",
    "2026-11-24T10:00Z",
    "2026-11-27T09:00:00Z",
  ],
  // Monday 06:00 in Hong Kong is Sunday in UTC.
  [
    "weekly rolls back over midnight",
    "weekly on mon at 06:00",
    "Asia/Hong_Kong",
    "2026-11-24T10:00Z",
    "2026-11-29T22:00:00Z",
  ],
  // Monday 20:00 in New York is Tuesday in UTC.
  [
    "weekly rolls on over midnight",
    "weekly on mon at 20:00",
    "America/New_York",
    "2026-11-24T10:00Z",
    "2026-12-01T01:00:00Z",
  ],

  [
    "monthly finds the 1st of the next month",
    "monthly on 1 at 09:00",
    "UTC",
    "2026-11-24T10:00Z",
    "2026-12-01T09:00:00Z",
  ],
  ["monthly finds the 15th", "monthly on 15 at 09:00", "UTC", "2026-11-10T10:00Z", "2026-11-15T09:00:00Z"],
  ["monthly rolls over from the 15th", "monthly on 15 at 09:00", "UTC", "2026-11-15T09:00Z", "2026-12-15T09:00:00Z"],
  ["monthly rolls over the year", "monthly on 15 at 09:00", "UTC", "2026-12-24T10:00Z", "2027-01-15T09:00:00Z"],
  [
    "monthly on 31 takes the 30th of November",
    "monthly on 31 at 09:00",
    "UTC",
    "2026-11-24T10:00Z",
    "2026-11-30T09:00:00Z",
  ],
  [
    "monthly on 31 takes the 28th of February",
    "monthly on 31 at 09:00",
    "UTC",
    "2027-02-01T00:00Z",
    "2027-02-28T09:00:00Z",
  ],
  [
    "monthly on 30 takes the 29th of February",
    "monthly on 30 at 09:00",
    "UTC",
    "2028-02-01T00:00Z",
    "2028-02-29T09:00:00Z",
  ],
  ["monthly on last takes the 31st", "monthly on last at 09:00", "UTC", "2026-12-01T00:00Z", "2026-12-31T09:00:00Z"],
  [
    "monthly takes the month of its zone",
    "monthly on 1 at 06:00",
    "Asia/Hong_Kong",
    "2026-11-24T10:00Z",
    "2026-11-30T22:00:00Z",
  ],

  ["finds the one time", "once at 2026-12-01 09:00", "Asia/Hong_Kong", "2026-11-24T10:00Z", "2026-12-01T01:00:00Z"],
  ["answers null once the one time is over", "once at 2026-12-01 09:00", "UTC", "2026-12-01T09:00Z", null],
  ["answers null for manual", "manual", "UTC", "2026-11-24T10:00Z", null],

  ["reads steps and ranges", "cron */5 9-17 * * mon-fri", "UTC", "2026-11-27T17:55Z", "2026-11-30T09:00:00Z"],
  ["reads seconds first", "cron 15,45 * * * * *", "UTC", "2026-11-24T10:00:15Z", "2026-11-24T10:00:45Z"],
  ["takes 7 as Sunday", "cron 0 0 * * 7", "UTC", "2026-11-24T10:00Z", "2026-11-29T00:00:00Z"],
  ["takes 0 as Sunday", "cron 0 0 * * 0", "UTC", "2026-11-24T10:00Z", "2026-11-29T00:00:00Z"],
  ["lets a range end at 7", "cron 0 0 * * 5-7", "UTC", "2026-11-28T10:00Z", "2026-11-29T00:00:00Z"],
  ["starts a step at 7 with Sunday", "cron 0 0 * * 7/6", "UTC", "2026-11-24T00:00Z", "2026-11-28T00:00:00Z"],
  ["lets days of the week go over its end", "cron 0 0 * * fri-mon", "UTC", "2026-11-29T10:00Z", "2026-11-30T00:00:00Z"],
  ["steps over the end of the week", "cron 0 0 * * fri-mon/2", "UTC", "2026-11-27T10:00Z", "2026-11-29T00:00:00Z"],
  [
    "lets months go over the end of the year",
    "cron 0 0 1 nov-feb *",
    "UTC",
    "2027-01-15T00:00Z",
    "2027-02-01T00:00:00Z",
  ],
  ["takes either day, the date", "cron 0 0 13 * fri", "UTC", "2026-12-12T00:00Z", "2026-12-13T00:00:00Z"],
  ["takes either day, the weekday", "cron 0 0 13 * fri", "UTC", "2026-12-13T00:00Z", "2026-12-18T00:00:00Z"],
  ["takes ? as no restriction", "cron 0 0 ? * fri", "UTC", "2026-12-12T00:00Z", "2026-12-18T00:00:00Z"],
  ["takes a step of 1 as no restriction", "cron 0 0 */1 * fri", "UTC", "2026-12-12T00:00Z", "2026-12-18T00:00:00Z"],
  [
    "takes a day that begins with * and the weekday",
    "cron 0 0 */10 * 1",
    "UTC",
    "2026-05-01T00:00Z",
    "2026-05-11T00:00:00Z",
  ],
  ["takes the date and a weekday with *", "cron 30 18 21-31 * */6", "UTC", "2026-05-01T00:00Z", "2026-05-23T18:30:00Z"],
  ["knows the first Sunday as */7", "cron 0 0 1-7 * */7", "UTC", "2026-11-27T00:00Z", "2026-12-06T00:00:00Z"],
  ["takes both days where * begins a list", "cron 0 0 *,5 * fri", "UTC", "2026-12-12T00:00Z", "2026-12-18T00:00:00Z"],
  ["takes either day where * ends a list", "cron 0 0 5,*/10 * fri", "UTC", "2026-12-18T00:00Z", "2026-12-21T00:00:00Z"],
  [
    "takes either day for a range of all days",
    "cron 0 0 1-31 * fri",
    "UTC",
    "2026-12-12T00:00Z",
    "2026-12-13T00:00:00Z",
  ],
  ["knows the last day", "cron 0 0 L * *", "UTC", "2028-02-01T00:00Z", "2028-02-29T00:00:00Z"],
  ["knows the last weekday", "cron 0 0 LW * *", "UTC", "2027-01-01T00:00Z", "2027-01-29T00:00:00Z"],
  // 1 August 2026 is a Saturday, 31 January 2027 a Sunday.
  ["moves 1W forward within the month", "cron 0 0 1W * *", "UTC", "2026-07-15T00:00Z", "2026-08-03T00:00:00Z"],
  ["moves 31W back within the month", "cron 0 0 31W * *", "UTC", "2027-01-01T00:00Z", "2027-01-29T00:00:00Z"],
  ["leaves out months without 31W", "cron 0 0 31W * *", "UTC", "2026-11-01T00:00Z", "2026-12-31T00:00:00Z"],
  ["moves a Saturday to Friday", "cron 0 0 28W * *", "UTC", "2026-11-24T10:00Z", "2026-11-27T00:00:00Z"],
  ["knows the second Friday", "cron 0 0 * * fri#2", "UTC", "2026-11-24T10:00Z", "2026-12-11T00:00:00Z"],
  ["leaves out months without a fifth Monday", "cron 0 0 * * 1#5", "UTC", "2026-12-01T00:00Z", "2027-03-29T00:00:00Z"],
  ["knows the last Friday", "cron 0 0 * * 5L", "UTC", "2026-11-24T10:00Z", "2026-11-27T00:00:00Z"],
  ["knows @weekly", "cron @weekly", "UTC", "2026-11-24T10:00Z", "2026-11-29T00:00:00Z"],
  ["knows @yearly", "@yearly", "Asia/Hong_Kong", "2026-11-24T10:00Z", "2026-12-31T16:00:00Z"],
  ["waits for a leap day", "cron 0 0 29 2 *", "UTC", "2026-11-24T10:00Z", "2028-02-29T00:00:00Z"],
  ["waits past a century that does not leap", "cron 0 0 29 2 *", "UTC", "2096-03-01T00:00Z", "2104-02-29T00:00:00Z"],
  [
    "waits 40 years for a leap day on a Monday",
    "cron 0 0 ? 2 mon#5",
    "UTC",
    "2072-03-01T00:00Z",
    "2112-02-29T00:00:00Z",
  ],
  ["answers null when it can never fire", "cron 0 0 31 2 *", "UTC", "2025-01-01T00:00Z", null],
  [
    "answers null when no listed month is long enough",
    "cron 0 0 31 4,6,9,11 *",
    "Europe/Berlin",
    "2025-01-01T00:00Z",
    null,
  ],
  ["answers null for 30W in February", "cron 0 0 30W 2 *", "UTC", "2025-01-01T00:00Z", null],

  ["looks far ahead", "daily at 02:30", "Europe/Berlin", "+100000-03-25T12:00:00Z", "+100000-03-26T01:00:00Z"],
  ["looks far back", "daily at 12:00", "Europe/Berlin", "-200000-01-01T00:00:00Z", "-200000-01-01T11:06:32Z"],
  ["ends where dates end", "daily at 09:00", "UTC", "+275760-09-12T23:59:59Z", null],
  ["ends where dates end, west of it", "cron * * * * *", "America/New_York", "+275760-09-13T00:00:00Z", null],
  ["starts where dates start", "daily at 09:00", "UTC", "-271821-04-20T00:00:00Z", "-271821-04-20T09:00:00Z"],
  ["ends an interval where dates end", "every 1h", "UTC", "+275760-09-12T23:30:00Z", null],
];

for (const [name, text, zone, after, next] of cases) {
  Deno.test(`calculateNextRun() ${name}`, () => {
    assert.equal(iso(calculateNextRun(parseScheduleText(text), { timezone: zone, after: at(after) })), next);
  });
}

Deno.test("calculateNextRun() refuses an unknown zone", () => {
  const daily = parseScheduleText("daily at 09:00");
  assert.throws(() => calculateNextRun(daily, { timezone: "Asia/HongKong", after: at("2026-11-24") }), {
    name: "ScheduleError",
    field: "timezone",
  });
});

Deno.test("calculateNextRun() answers the same for hourly and the equal cron expression in every zone", () => {
  const hourly = parseSchedule({ kind: "hourly", minute: 15 });
  const cron = parseSchedule({ kind: "cron", expression: "15 * * * *" });
  for (const timezone of Intl.supportedValuesOf("timeZone")) {
    const options = { timezone, after: at("2026-03-28T00:00Z") };
    assert.deepEqual(nextRuns(hourly, options, 30), nextRuns(cron, options, 30), timezone);
  }
});

Deno.test("nextRuns() answers fewer where no more exist", () => {
  const after = at("2026-11-24T10:00Z");
  assert.deepEqual(nextRuns(parseScheduleText("daily at 09:00"), { timezone: "UTC", after }, 3).map(iso), [
    "2026-11-25T09:00:00Z",
    "2026-11-26T09:00:00Z",
    "2026-11-27T09:00:00Z",
  ]);
  assert.equal(nextRuns(parseScheduleText("once at 2026-12-01 09:00"), { timezone: "UTC", after }, 3).length, 1);
  assert.deepEqual(nextRuns(parseScheduleText("daily at 09:00"), { timezone: "UTC", after }, 0), []);
});

type LatestCase = [name: string, schedule: string, notBefore: string, at: string, latest: string | null];

const latestCases: LatestCase[] = [
  ["includes the end", "daily at 09:00", "2026-11-01T00:00Z", "2026-11-24T09:00Z", "2026-11-24T09:00:00Z"],
  ["excludes the start", "daily at 09:00", "2026-11-23T09:00Z", "2026-11-24T08:59Z", null],
  [
    "finds the last of thousands",
    "cron * * * * * *",
    "2026-10-24T00:00Z",
    "2026-11-24T09:00:07.9Z",
    "2026-11-24T09:00:07Z",
  ],
  ["looks back over years", "cron 0 0 29 2 *", "1999-01-01T00:00Z", "2026-11-24T00:00Z", "2024-02-29T00:00:00Z"],
  [
    "keeps to an anchor",
    "every 7m from 2026-11-24T00:00Z",
    "2026-11-24T00:00Z",
    "2026-11-24T01:00Z",
    "2026-11-24T00:56:00Z",
  ],
  ["counts an interval from the start", "every 7m", "2026-11-24T00:01Z", "2026-11-24T01:00Z", "2026-11-24T00:57:00Z"],
  ["answers null before the first interval is over", "every 7m", "2026-11-24T00:01Z", "2026-11-24T00:07Z", null],
  ["answers null for manual", "manual", "2026-11-24T00:01Z", "2026-11-24T00:07Z", null],
  ["answers null when it can never fire", "cron 0 0 31 2 *", "1999-01-01T00:00Z", "2026-11-24T00:07Z", null],
  ["answers null before the one time", "once at 2026-12-01 09:00", "1999-01-01T00:00Z", "2026-11-24T00:07Z", null],
  ["finds the one time", "once at 2026-12-01 09:00", "1999-01-01T00:00Z", "2999-01-01T00:00Z", "2026-12-01T09:00:00Z"],
];

for (const [name, text, notBefore, end, latest] of latestCases) {
  Deno.test(`latestRunAtOrBefore() ${name}`, () => {
    const options = { timezone: "UTC", at: at(end), notBefore: at(notBefore) };
    assert.equal(iso(latestRunAtOrBefore(parseScheduleText(text), options)), latest);
  });
}

Deno.test("countRuns() counts the days of all dates there are, and a thousand years of seconds", () => {
  const [first, last] = [epochMs(-8_640_000_000_000_000), epochMs(8_640_000_000_000_000)];
  const everything = { timezone: "UTC", after: first, until: last, limit: Infinity };
  assert.equal(countRuns(parseScheduleText("daily at 00:00"), everything), 200_000_000);
  const schedule = parseScheduleText("cron * * * * * *");
  const [after, until] = [at("1900-01-01T00:00:00Z"), at("2900-01-01T00:00:00Z")];
  for (const timezone of ["UTC", "Europe/Berlin", "Australia/Lord_Howe"]) {
    assert.equal(countRuns(schedule, { timezone, after, until, limit: Infinity }), (until - after) / 1_000);
  }
  const workdays = parseScheduleText("cron 0 9 * * mon-fri");
  // 400 years have 20,871 weeks to the day.
  const cycle = { after: at("2000-01-01T00:00:00Z"), until: at("2400-01-01T00:00:00Z") };
  assert.equal(countRuns(workdays, { timezone: "Europe/Berlin", ...cycle, limit: Infinity }), 20_871 * 5);
});

Deno.test("countRuns() counts both passes, the end, and no further than its limit", () => {
  const schedule = parseScheduleText("cron */30 * * * *");
  const span = { timezone: "Europe/Berlin", after: at("2026-10-24T22:00Z"), until: at("2026-10-25T23:00Z") };
  assert.equal(countRuns(schedule, { ...span, limit: 1000 }), 50);
  assert.equal(countRuns(schedule, { ...span, limit: 7 }), 7);
  assert.equal(countRuns(parseScheduleText("manual"), { ...span, limit: 7 }), 0);
});
