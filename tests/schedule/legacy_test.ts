/**
 * The test list of the system this one succeeds, asked in its own columns: intervals in seconds, minutes and hours;
 * hourly with the minute ahead and behind; daily in UTC and from Hong Kong time; weekly on each weekday; monthly on the
 * 1st, 15th and 31st; missing and broken values; every answer an exact instant in UTC.
 *
 * @module
 */
import assert from "node:assert/strict";
import { calculateNextRun, parseSchedule } from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";

type OldSchedule = Readonly<Record<string, string | number | null>>;

interface Case {
  readonly name: string;
  readonly row: OldSchedule;
  readonly zone?: string;
  readonly after: string;
  readonly next: string;
}

const interval = (seconds: number): OldSchedule => ({ schedule_type: "interval", interval_seconds: seconds });
const hourly = (time: string): OldSchedule => ({ schedule_type: "hourly", schedule_time: time });
const daily = (time: string): OldSchedule => ({ schedule_type: "daily", schedule_time: time });
const weekly = (day: number, time: string): OldSchedule => ({
  schedule_type: "weekly",
  schedule_time: time,
  schedule_day: day,
});
const monthly = (day: number, time: string): OldSchedule => ({
  schedule_type: "monthly",
  schedule_time: time,
  schedule_day: day,
});

const HONG_KONG = "Asia/Hong_Kong";

// 2024-01-15 is a Monday.
const cases: readonly Case[] = [
  { name: "30 seconds", row: interval(30), after: "2024-01-15T10:00:00Z", next: "2024-01-15T10:00:30Z" },
  { name: "1 second", row: interval(1), after: "2024-01-15T23:59:59Z", next: "2024-01-16T00:00:00Z" },
  { name: "5 minutes", row: interval(300), after: "2024-01-15T10:00:00Z", next: "2024-01-15T10:05:00Z" },
  { name: "2 hours", row: interval(7200), after: "2024-01-15T23:00:00Z", next: "2024-01-16T01:00:00Z" },
  { name: "an interval across a year", row: interval(3600), after: "2024-12-31T23:30Z", next: "2025-01-01T00:30:00Z" },
  {
    name: "a row without a type, which is an interval",
    row: { interval_seconds: 60 },
    after: "2024-01-15T10:00:00Z",
    next: "2024-01-15T10:01:00Z",
  },

  { name: "hourly, minute ahead", row: hourly("00:30"), after: "2024-01-15T10:15:00Z", next: "2024-01-15T10:30:00Z" },
  { name: "hourly, minute behind", row: hourly("00:30"), after: "2024-01-15T10:45:00Z", next: "2024-01-15T11:30:00Z" },
  { name: "hourly, this very minute", row: hourly("30"), after: "2024-01-15T10:30:00Z", next: "2024-01-15T11:30:00Z" },
  { name: "hourly as MM", row: hourly("05"), after: "2024-01-15T10:15:00Z", next: "2024-01-15T11:05:00Z" },
  { name: "hourly as :MM", row: hourly(":45"), after: "2024-01-15T10:15:00Z", next: "2024-01-15T10:45:00Z" },
  { name: "hourly over midnight", row: hourly("15"), after: "2024-01-15T23:30:00Z", next: "2024-01-16T00:15:00Z" },
  {
    name: "hourly, with any hour",
    row: hourly("99:15"),
    after: "2024-01-15T10:00Z",
    next: "2024-01-15T10:15:00Z",
  },

  { name: "daily, later today", row: daily("14:30"), after: "2024-01-15T10:00:00Z", next: "2024-01-15T14:30:00Z" },
  { name: "daily, gone by", row: daily("08:00"), after: "2024-01-15T10:00:00Z", next: "2024-01-16T08:00:00Z" },
  { name: "daily, this very minute", row: daily("10:00"), after: "2024-01-15T10:00:00Z", next: "2024-01-16T10:00:00Z" },
  { name: "daily at midnight", row: daily("00:00"), after: "2024-01-15T10:00:00Z", next: "2024-01-16T00:00:00Z" },
  { name: "daily with one digit", row: daily("9:5"), after: "2024-01-15T00:00:00Z", next: "2024-01-15T09:05:00Z" },
  {
    name: "daily from Hong Kong time",
    row: daily("09:00"),
    zone: HONG_KONG,
    after: "2024-01-15T00:00:00Z",
    next: "2024-01-15T01:00:00Z",
  },
  {
    name: "daily early in Hong Kong, the day before in UTC",
    row: daily("06:00"),
    zone: HONG_KONG,
    after: "2024-01-15T10:00:00Z",
    next: "2024-01-15T22:00:00Z",
  },
  {
    name: "daily gone by in Hong Kong",
    row: daily("17:59"),
    zone: HONG_KONG,
    after: "2024-01-15T10:00:00Z",
    next: "2024-01-16T09:59:00Z",
  },

  ...["2024-01-22", "2024-01-16", "2024-01-17", "2024-01-18", "2024-01-19", "2024-01-20", "2024-01-21"].map(
    (date, day) => ({
      name: `weekly on day ${day} from a Monday after the time`,
      row: weekly(day, "09:00"),
      after: "2024-01-15T10:00:00Z",
      next: `${date}T09:00:00Z`,
    }),
  ),
  {
    name: "weekly today, before the time",
    row: weekly(0, "11:00"),
    after: "2024-01-15T10:00Z",
    next: "2024-01-15T11:00:00Z",
  },
  {
    name: "weekly today, after the time",
    row: weekly(0, "09:00"),
    after: "2024-01-15T10:00Z",
    next: "2024-01-22T09:00:00Z",
  },
  {
    name: "weekly rolling back over midnight: Monday in Hong Kong is Sunday in UTC",
    row: weekly(0, "06:00"),
    zone: HONG_KONG,
    after: "2024-01-15T10:00:00Z",
    next: "2024-01-21T22:00:00Z",
  },
  {
    name: "weekly rolling back over midnight from the first day of the week to the last",
    row: weekly(0, "00:00"),
    zone: HONG_KONG,
    after: "2024-01-14T15:59:59Z",
    next: "2024-01-14T16:00:00Z",
  },
  {
    name: "weekly rolling on over midnight: Sunday in New York is Monday in UTC",
    row: weekly(6, "20:00"),
    zone: "America/New_York",
    after: "2024-01-15T02:00:00Z",
    next: "2024-01-22T01:00:00Z",
  },

  { name: "monthly on the 1st", row: monthly(1, "09:00"), after: "2024-01-15T10:00Z", next: "2024-02-01T09:00:00Z" },
  {
    name: "monthly on the 15th, later",
    row: monthly(15, "11:00"),
    after: "2024-01-15T10:00Z",
    next: "2024-01-15T11:00:00Z",
  },
  {
    name: "monthly on the 15th, gone by",
    row: monthly(15, "09:00"),
    after: "2024-01-15T10:00Z",
    next: "2024-02-15T09:00:00Z",
  },
  { name: "monthly on the 31st", row: monthly(31, "09:00"), after: "2024-01-15T10:00Z", next: "2024-01-31T09:00:00Z" },
  {
    name: "monthly on the 31st of February",
    row: monthly(31, "09:00"),
    after: "2024-02-01T00:00Z",
    next: "2024-02-29T09:00:00Z",
  },
  {
    name: "monthly on the 31st of April",
    row: monthly(31, "09:00"),
    after: "2024-04-01T00:00Z",
    next: "2024-04-30T09:00:00Z",
  },
  {
    name: "monthly rolling over the year",
    row: monthly(1, "00:00"),
    after: "2024-12-15T10:00Z",
    next: "2025-01-01T00:00:00Z",
  },
  {
    name: "monthly on the 1st in Hong Kong, the last of the month in UTC",
    row: monthly(1, "06:00"),
    zone: HONG_KONG,
    after: "2024-01-15T10:00:00Z",
    next: "2024-01-31T22:00:00Z",
  },

  {
    name: "weekly without a day, Monday",
    row: { ...daily("09:00"), schedule_type: "weekly" },
    after: "2024-01-15T10:00Z",
    next: "2024-01-22T09:00:00Z",
  },
  {
    name: "weekly with a day of null, Monday",
    row: { ...weekly(0, "09:00"), schedule_day: null },
    after: "2024-01-15T10:00Z",
    next: "2024-01-22T09:00:00Z",
  },
  {
    name: "monthly without a day, the 1st",
    row: { ...daily("09:00"), schedule_type: "monthly" },
    after: "2024-01-15T10:00Z",
    next: "2024-02-01T09:00:00Z",
  },
];

for (const { name, row, zone = "UTC", after, next } of cases) {
  Deno.test(`the old form reads ${name}`, () => {
    const found = calculateNextRun(parseSchedule(row), { timezone: zone, after: epochMs(Date.parse(after)) });
    assert.ok(found !== null);
    assert.equal(new Date(found).toISOString(), next.replace("Z", ".000Z"));
  });
}

type BrokenTime = [name: string, row: OldSchedule];

const brokenTimes: readonly BrokenTime[] = [
  ["daily without a time", { schedule_type: "daily" }],
  ["daily with a time of null", { schedule_type: "daily", schedule_time: null }],
  ["daily with an empty time", daily("")],
  ["daily at 24:00", daily("24:00")],
  ["daily at 25:00", daily("25:00")],
  ["daily at 09:60", daily("09:60")],
  ["daily at noon", daily("noon")],
  ["daily at -1:00", daily("-1:00")],
  ["weekly without a time", { schedule_type: "weekly", schedule_day: 0 }],
  ["monthly without a time", { schedule_type: "monthly", schedule_day: 1 }],
  ["hourly without a minute", { schedule_type: "hourly" }],
  ["hourly at 60", hourly("60")],
  ["hourly at half", hourly("half")],
];

for (const [name, row] of brokenTimes) {
  Deno.test(`the old form ${name} is refused, naming schedule_time`, () => {
    assert.throws(() => parseSchedule(row), {
      name: "ScheduleError",
      field: "schedule.schedule_time",
      message: /schedule_time is .*, it must be (?:MM or )?HH:MM up to/,
    });
  });
}

type Refused = [name: string, row: Readonly<Record<string, unknown>>, field: string, message: RegExp];

const refused: readonly Refused[] = [
  ["an interval of 0", { ...interval(0) }, "schedule.interval_seconds", /is 0, it must be a whole number from 1/],
  ["a negative interval", { ...interval(-5) }, "schedule.interval_seconds", /is -5/],
  ["an interval of half a second", { ...interval(0.5) }, "schedule.interval_seconds", /is 0\.5/],
  ["an interval without seconds", { schedule_type: "interval" }, "schedule.interval_seconds", /is missing/],
  ["an interval as text", { schedule_type: "interval", interval_seconds: "300" }, "schedule.interval_seconds", /"300"/],
  [
    "weekly on day 7",
    { ...weekly(7, "09:00") },
    "schedule.schedule_day",
    /is 7, it must be 0 for Monday to 6 for Sunday/,
  ],
  ["weekly on day -1", { ...weekly(-1, "09:00") }, "schedule.schedule_day", /is -1/],
  [
    "monthly on day 0",
    { ...monthly(0, "09:00") },
    "schedule.schedule_day",
    /is 0, it must be a whole number from 1 to 31/,
  ],
  ["monthly on day 32", { ...monthly(32, "09:00") }, "schedule.schedule_day", /is 32/],
  [
    "an unknown type",
    { schedule_type: "yearly" },
    "schedule.schedule_type",
    /is "yearly", it must be interval, hourly/,
  ],
  ["an unknown kind", { kind: "yearly", schedule_time: "09:00" }, "schedule.kind", /is "yearly"/],
];

for (const [name, row, field, message] of refused) {
  Deno.test(`the old form of ${name} is refused, naming ${field}`, () => {
    assert.throws(() => parseSchedule(row), { name: "ScheduleError", field, message });
  });
}

Deno.test("the old columns are understood beside the new kind", () => {
  assert.deepEqual(parseSchedule({ kind: "hourly", schedule_time: "15" }), { kind: "hourly", minute: 15 });
  assert.deepEqual(parseSchedule({ kind: "weekly", schedule_time: "09:00", schedule_day: 4 }), {
    kind: "weekly",
    days: ["fri"],
    time: "09:00",
  });
});
