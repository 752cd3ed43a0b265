import assert from "node:assert/strict";
import { type DstPolicy, nextRuns, parseScheduleText } from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";

/** `runs`: all occurrences after `after` and before `until`; times are UTC. */
interface Case {
  readonly name: string;
  readonly schedule: string;
  readonly zone: string;
  readonly dst?: Partial<DstPolicy>;
  readonly span: readonly [after: string, until: string];
  readonly runs: readonly string[];
}

const BERLIN_SPRING = ["2026-03-28T12:00Z", "2026-03-29T12:00Z"] as const;
const BERLIN_AUTUMN = ["2026-10-24T12:00Z", "2026-10-25T12:00Z"] as const;

const cases: Case[] = [
  {
    name: "a fixed time in a gap runs at the first instant after it",
    schedule: "daily at 02:30",
    zone: "Europe/Berlin",
    span: BERLIN_SPRING,
    runs: ["2026-03-29T01:00Z"],
  },
  {
    name: "a fixed time in a gap is left out when the policy says skip",
    schedule: "daily at 02:30",
    zone: "Europe/Berlin",
    dst: { gap: "skip" },
    span: BERLIN_SPRING,
    runs: [],
  },
  {
    name: "a fixed time that comes twice runs at the first pass",
    schedule: "daily at 02:30",
    zone: "Europe/Berlin",
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T00:30Z"],
  },
  {
    name: "a fixed time that comes twice runs at the second pass when the policy says so",
    schedule: "daily at 02:30",
    zone: "Europe/Berlin",
    dst: { fold: "second" },
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T01:30Z"],
  },
  {
    name: "a fixed time that comes twice runs both times when the policy says so",
    schedule: "daily at 02:30",
    zone: "Europe/Berlin",
    dst: { fold: "both" },
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T00:30Z", "2026-10-25T01:30Z"],
  },
  {
    name: "a step goes on through a gap, each half hour",
    schedule: "cron */30 * * * *",
    zone: "Europe/Berlin",
    span: ["2026-03-29T00:00Z", "2026-03-29T02:00Z"],
    runs: ["2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z"],
  },
  {
    name: "a step goes on through both passes, each half hour",
    schedule: "cron */30 * * * *",
    zone: "Europe/Berlin",
    span: ["2026-10-24T23:30Z", "2026-10-25T02:00Z"],
    runs: ["2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z"],
  },
  {
    name: "a step knows no policy",
    schedule: "cron */30 * * * *",
    zone: "Europe/Berlin",
    dst: { gap: "skip", fold: "first" },
    span: ["2026-10-24T23:30Z", "2026-10-25T01:30Z"],
    runs: ["2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z"],
  },
  {
    name: "an hour range that fell into a gap runs at the first instant after it",
    schedule: "cron 0 2-2 * * *",
    zone: "Europe/Berlin",
    span: BERLIN_SPRING,
    runs: ["2026-03-29T01:00Z"],
  },
  {
    name: "an hour range that fell into a gap is left out when the policy says skip",
    schedule: "cron 0 2-2 * * *",
    zone: "Europe/Berlin",
    dst: { gap: "skip" },
    span: BERLIN_SPRING,
    runs: [],
  },
  {
    name: "a range of hours runs in both passes",
    schedule: "cron 0 1-3 * * *",
    zone: "Europe/Berlin",
    span: ["2026-10-24T12:00Z", "2026-10-25T12:00Z"],
    runs: ["2026-10-24T23:00Z", "2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z"],
  },
  {
    name: "hourly runs in both passes and makes nothing up",
    schedule: "hourly at :30",
    zone: "Europe/Berlin",
    span: ["2026-10-25T00:00Z", "2026-10-25T02:00Z"],
    runs: ["2026-10-25T00:30Z", "2026-10-25T01:30Z"],
  },
  {
    name: "a list of fixed times in one gap runs once",
    schedule: "cron 0,30 2 * * *",
    zone: "Europe/Berlin",
    span: BERLIN_SPRING,
    runs: ["2026-03-29T01:00Z"],
  },
  {
    name: "a time in a gap and the time after it run once",
    schedule: "cron 0 2,3 * * *",
    zone: "Europe/Berlin",
    span: BERLIN_SPRING,
    runs: ["2026-03-29T01:00Z"],
  },
  {
    name: "a once in a gap runs after it",
    schedule: "once at 2026-03-29 02:30",
    zone: "Europe/Berlin",
    span: BERLIN_SPRING,
    runs: ["2026-03-29T01:00Z"],
  },
  {
    name: "a once in a gap never runs when the policy says skip",
    schedule: "once at 2026-03-29 02:30",
    zone: "Europe/Berlin",
    dst: { gap: "skip" },
    span: BERLIN_SPRING,
    runs: [],
  },
  {
    name: "a once can run both times",
    schedule: "once at 2026-10-25 02:30",
    zone: "Europe/Berlin",
    dst: { fold: "both" },
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T00:30Z", "2026-10-25T01:30Z"],
  },
  {
    name: "weekly in a gap runs at the first instant after it",
    schedule: "weekly on sun at 02:59",
    zone: "Europe/Berlin",
    span: BERLIN_SPRING,
    runs: ["2026-03-29T01:00Z"],
  },
  {
    name: "monthly on a time that comes twice runs at the first pass",
    schedule: "monthly on 25 at 02:00",
    zone: "Europe/Berlin",
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T00:00Z"],
  },
  {
    name: "lists of seconds, minutes and hours are fixed times: once, the first pass",
    schedule: "cron 0,30 0,59 2 * * *",
    zone: "Europe/Berlin",
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T00:00:00Z", "2026-10-25T00:00:30Z", "2026-10-25T00:59:00Z", "2026-10-25T00:59:30Z"],
  },
  {
    name: "a range in the minute repeats: both passes",
    schedule: "cron 30-31 2 * * *",
    zone: "Europe/Berlin",
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T00:30Z", "2026-10-25T00:31Z", "2026-10-25T01:30Z", "2026-10-25T01:31Z"],
  },
  {
    name: "a range of one value still repeats",
    schedule: "cron 30-30 2 * * *",
    zone: "Europe/Berlin",
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T00:30Z", "2026-10-25T01:30Z"],
  },
  {
    name: "a step in the seconds of one hour runs once for the occurrences that a gap swallows",
    schedule: "cron */30 30 2 * * *",
    zone: "Europe/Berlin",
    span: BERLIN_SPRING,
    runs: ["2026-03-29T01:00Z"],
  },
  {
    name: "a step in the minute of one hour runs once after a gap in New York",
    schedule: "cron 0 */30 2 * * *",
    zone: "America/New_York",
    span: ["2016-03-13T06:58Z", "2016-03-14T05:00Z"],
    runs: ["2016-03-13T07:00Z"],
  },
  {
    name: "every other hour at half past runs after a gap and keeps its hours",
    schedule: "cron 0 30 0-23/2 * * *",
    zone: "America/New_York",
    span: ["2016-03-13T06:58Z", "2016-03-13T11:00Z"],
    runs: ["2016-03-13T07:00Z", "2016-03-13T08:30Z", "2016-03-13T10:30Z"],
  },
  {
    name: "every other hour runs after a gap",
    schedule: "cron 0 0 */2 * * *",
    zone: "America/New_York",
    span: ["2016-03-13T06:58Z", "2016-03-13T10:00Z"],
    runs: ["2016-03-13T07:00Z", "2016-03-13T08:00Z"],
  },
  {
    name: "half past each hour makes nothing up",
    schedule: "cron 30 * * * *",
    zone: "America/New_York",
    span: ["2016-03-13T06:00Z", "2016-03-13T08:00Z"],
    runs: ["2016-03-13T06:30Z", "2016-03-13T07:30Z"],
  },
  {
    name: "a range of hours that covers the day makes nothing up",
    schedule: "cron 30 0-23 * * *",
    zone: "America/New_York",
    span: ["2016-03-13T06:00Z", "2016-03-13T08:00Z"],
    runs: ["2016-03-13T06:30Z", "2016-03-13T07:30Z"],
  },
  {
    name: "steps that together cover the day make nothing up",
    schedule: "cron */30 0-23/2,1-23/2 * * *",
    zone: "America/New_York",
    span: ["2016-03-13T06:00Z", "2016-03-13T08:00Z"],
    runs: ["2016-03-13T06:30Z", "2016-03-13T07:00Z", "2016-03-13T07:30Z"],
  },
  {
    name: "a restricted hour knows no policy of folds",
    schedule: "cron */30 2 * * *",
    zone: "Europe/Berlin",
    dst: { fold: "second" },
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z"],
  },
  {
    name: "a range over midnight runs after a gap at midnight",
    schedule: "cron */30 22-0 * * *",
    zone: "America/Havana",
    span: ["2026-03-08T03:50Z", "2026-03-09T02:00Z"],
    runs: ["2026-03-08T04:00Z", "2026-03-08T04:30Z", "2026-03-08T05:00Z"],
  },
  {
    name: "occurrences in a gap of half an hour run once at its end",
    schedule: "cron 10,20-21 2-3 * * *",
    zone: "Australia/Lord_Howe",
    span: ["2026-10-03T14:00Z", "2026-10-03T16:15Z"],
    runs: ["2026-10-03T15:30Z", "2026-10-03T16:10Z"],
  },
  {
    name: "occurrences in the rest of an hour with a gap of half an hour run beside the swallowed ones",
    schedule: "cron */15 2 * * *",
    zone: "Australia/Lord_Howe",
    span: ["2026-10-03T14:00Z", "2026-10-03T16:15Z"],
    runs: ["2026-10-03T15:30Z", "2026-10-03T15:45Z"],
  },
  {
    name: "hours of a day that Apia skipped run once at the start of the next",
    schedule: "cron */30 9-17 30 12 *",
    zone: "Pacific/Apia",
    span: ["2011-12-01T00:00Z", "2012-01-01T00:00Z"],
    runs: ["2011-12-30T10:00Z"],
  },
  {
    name: "each minute of a day that Apia skipped is not made up for",
    schedule: "cron * * 30 12 *",
    zone: "Pacific/Apia",
    span: ["2011-12-01T00:00Z", "2012-01-01T00:00Z"],
    runs: [],
  },
  {
    name: "a step in the hour repeats: both passes",
    schedule: "cron 30 2/12 * * *",
    zone: "Europe/Berlin",
    span: BERLIN_AUTUMN,
    runs: ["2026-10-24T12:30Z", "2026-10-25T00:30Z", "2026-10-25T01:30Z"],
  },
  {
    name: "a restricted day leaves a fixed time fixed",
    schedule: "cron 30 2 * mar-oct 0L",
    zone: "Europe/Berlin",
    span: BERLIN_AUTUMN,
    runs: ["2026-10-25T00:30Z"],
  },
  {
    name: "an interval knows no wall clock and no policy",
    schedule: "every 30m from 2026-10-24T23:30Z",
    zone: "Europe/Berlin",
    dst: { gap: "skip", fold: "second" },
    span: ["2026-10-24T23:59Z", "2026-10-25T02:00Z"],
    runs: ["2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z"],
  },
  {
    name: "weekly keeps its wall time over a change",
    schedule: "weekly on sun at 09:00",
    zone: "Europe/Berlin",
    span: ["2026-03-21T00:00Z", "2026-03-31T00:00Z"],
    runs: ["2026-03-22T08:00Z", "2026-03-29T07:00Z"],
  },
  {
    name: "monthly on last runs after a gap on the last day",
    schedule: "monthly on last at 02:15",
    zone: "Europe/Berlin",
    span: ["2024-03-30T12:00Z", "2024-04-01T00:00Z"],
    runs: ["2024-03-31T01:00Z"],
  },
  {
    name: "a gap of half an hour moves a time to its end",
    schedule: "daily at 02:15",
    zone: "Australia/Lord_Howe",
    span: ["2026-10-03T00:00Z", "2026-10-04T00:00Z"],
    runs: ["2026-10-03T15:30Z"],
  },
  {
    name: "a fold of half an hour comes twice",
    schedule: "daily at 01:45",
    zone: "Australia/Lord_Howe",
    dst: { fold: "both" },
    span: ["2026-04-04T00:00Z", "2026-04-05T00:00Z"],
    runs: ["2026-04-04T14:45Z", "2026-04-04T15:15Z"],
  },
  {
    name: "half past keeps to elapsed time in a fold of half an hour",
    schedule: "hourly at :30",
    zone: "Australia/Lord_Howe",
    span: ["2026-04-04T13:30Z", "2026-04-04T16:00Z"],
    runs: ["2026-04-04T14:30Z", "2026-04-04T15:00Z"],
  },
  {
    name: "midnight that does not exist in Havana is 01:00",
    schedule: "daily at 00:00",
    zone: "America/Havana",
    span: ["2026-03-07T12:00Z", "2026-03-08T12:00Z"],
    runs: ["2026-03-08T05:00Z"],
  },
  {
    name: "midnight that does not exist in Beirut is 01:00",
    schedule: "cron 0 0 * * *",
    zone: "Asia/Beirut",
    span: ["2021-03-27T12:00Z", "2021-03-28T12:00Z"],
    runs: ["2021-03-27T22:00Z"],
  },
  {
    name: "a day that Apia skipped runs at the start of the next",
    schedule: "daily at 09:00",
    zone: "Pacific/Apia",
    span: ["2011-12-29T00:00Z", "2012-01-01T00:00Z"],
    runs: ["2011-12-29T19:00Z", "2011-12-30T10:00Z", "2011-12-30T19:00Z", "2011-12-31T19:00Z"],
  },
  {
    name: "a day that Apia skipped is skipped when the policy says so",
    schedule: "daily at 09:00",
    zone: "Pacific/Apia",
    dst: { gap: "skip" },
    span: ["2011-12-29T00:00Z", "2012-01-01T00:00Z"],
    runs: ["2011-12-29T19:00Z", "2011-12-30T19:00Z", "2011-12-31T19:00Z"],
  },
  {
    name: "monthly on the day that Apia skipped runs on the next",
    schedule: "monthly on 30 at 12:00",
    zone: "Pacific/Apia",
    span: ["2011-11-30T00:00Z", "2012-01-01T00:00Z"],
    runs: ["2011-11-30T22:00Z", "2011-12-30T10:00Z"],
  },
  {
    name: "an offset with seconds is kept to the second",
    schedule: "daily at 12:00",
    zone: "Africa/Monrovia",
    span: ["1960-01-01T00:00Z", "1960-01-02T00:00Z"],
    runs: ["1960-01-01T12:44:30Z"],
  },
  {
    name: "a gap of seconds that ends local mean time runs after it",
    schedule: "daily at 00:00",
    zone: "Europe/Berlin",
    span: ["1893-03-31T12:00Z", "1893-04-01T12:00Z"],
    runs: ["1893-03-31T23:06:32Z"],
  },
  {
    name: "two changes in a year of Ramadan hold",
    schedule: "daily at 02:30",
    zone: "Africa/Casablanca",
    span: ["2026-03-21T12:00Z", "2026-03-23T00:00Z"],
    runs: ["2026-03-22T02:00Z"],
  },
  {
    name: "a zone of quarter hours is read to the minute",
    schedule: "daily at 09:00",
    zone: "Asia/Kathmandu",
    span: ["2026-11-24T00:00Z", "2026-11-25T00:00Z"],
    runs: ["2026-11-24T03:15Z"],
  },
];

for (const { name, schedule, zone, dst, span: [after, until], runs } of cases) {
  Deno.test(`daylight saving: ${name}`, () => {
    const policy: DstPolicy = { gap: "after", fold: "first", ...dst };
    const options = { timezone: zone, after: epochMs(Date.parse(after)), dst: policy };
    const found = nextRuns(parseScheduleText(schedule), options, runs.length + 2).filter((at) =>
      at < Date.parse(until)
    );
    assert.deepEqual(found.map((at) => new Date(at).toISOString()), runs.map((at) => new Date(at).toISOString()));
    if (dst === undefined) {
      const { dst: _, ...withoutPolicy } = options;
      assert.deepEqual(nextRuns(parseScheduleText(schedule), withoutPolicy, found.length), found, "by default");
    }
  });
}
