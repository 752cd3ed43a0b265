import assert from "node:assert/strict";
import { parseSchedule, type Schedule } from "@jobtrigger/shared/schedule";

const accepted: readonly (readonly [name: string, input: unknown, schedule: Schedule])[] = [
  ["a text", "daily at 9:00", { kind: "daily", time: "09:00" }],
  ["manual", { kind: "manual" }, { kind: "manual" }],
  ["a date with a space", { kind: "once", at: "2026-12-01 9:00" }, { kind: "once", at: "2026-12-01T09:00" }],
  ["an interval", { kind: "interval", everySeconds: 300 }, { kind: "interval", everySeconds: 300 }],
  [
    "an anchor with an offset, as an instant in UTC",
    { kind: "interval", everySeconds: 300, anchor: "2026-11-23T08:00:00+08:00" },
    { kind: "interval", everySeconds: 300, anchor: "2026-11-23T00:00:00Z" },
  ],
  [
    "an anchor, cut off at the millisecond",
    { kind: "interval", everySeconds: 1, anchor: "2026-11-23T00:00:00.1239Z" },
    { kind: "interval", everySeconds: 1, anchor: "2026-11-23T00:00:00.123Z" },
  ],
  ["an anchor of null", { kind: "interval", everySeconds: 1, anchor: null }, { kind: "interval", everySeconds: 1 }],
  ["hourly", { kind: "hourly", minute: 0 }, { kind: "hourly", minute: 0 }],
  ["a time with seconds", { kind: "daily", time: "9:00:05" }, { kind: "daily", time: "09:00:05" }],
  [
    "days in any order, written out and twice, once each from Monday",
    { kind: "weekly", days: ["Sunday", "mon", "sun"], time: "09:00" },
    { kind: "weekly", days: ["mon", "sun"], time: "09:00" },
  ],
  [
    "weekly without days as Monday",
    { kind: "weekly", time: "09:00" },
    { kind: "weekly", days: ["mon"], time: "09:00" },
  ],
  ["the last day", { kind: "monthly", day: "last", time: "09:00" }, { kind: "monthly", day: "last", time: "09:00" }],
  ["monthly without a day as the 1st", { kind: "monthly", time: "09:00" }, { kind: "monthly", day: 1, time: "09:00" }],
  ["a cron expression", { kind: "cron", expression: " 0  9 * * * " }, { kind: "cron", expression: "0 9 * * *" }],
  ["a cron name", { kind: "cron", expression: "@Hourly" }, { kind: "cron", expression: "@hourly" }],
];

for (const [name, input, schedule] of accepted) {
  Deno.test(`parseSchedule() reads ${name}`, () => assert.deepEqual(parseSchedule(input), schedule));
}

type Refused = [name: string, input: unknown, field: string, message: RegExp];

const refused: readonly Refused[] = [
  ["nothing", undefined, "schedule", /schedule is missing, it must be an object or a text/],
  ["a number", 5, "schedule", /schedule is 5/],
  ["a list", [1], "schedule", /schedule is a list/],
  [
    "an object without a kind",
    {},
    "schedule.kind",
    /schedule\.kind is missing, it must be one of manual, once, interval/,
  ],
  ["an unknown kind", { kind: "dialy" }, "schedule.kind", /unknown kind "dialy", did you mean "daily"\?/],
  ["a kind that every object has", { kind: "toString" }, "schedule.kind", /unknown kind "toString"/],
  [
    "an unknown property",
    { kind: "daily", time: "09:00", zone: "UTC" },
    "schedule.zone",
    /"zone" of kind "daily", which takes time/,
  ],
  [
    "a misspelt property",
    { kind: "interval", everySecond: 5 },
    "schedule.everySecond",
    /did you mean "everySeconds"\?/,
  ],
  ["a property of manual", { kind: "manual", time: "09:00" }, "schedule.time", /which takes none/],
  ["a missing time", { kind: "daily" }, "schedule.time", /schedule\.time is missing, it must be HH:MM/],
  ["a time of 24:00", { kind: "daily", time: "24:00" }, "schedule.time", /schedule\.time is "24:00"/],
  ["a time as a number", { kind: "weekly", time: 900 }, "schedule.time", /schedule\.time is 900/],
  [
    "an interval of 0",
    { kind: "interval", everySeconds: 0 },
    "schedule.everySeconds",
    /is 0, it must be a whole number from 1/,
  ],
  ["a negative interval", { kind: "interval", everySeconds: -1 }, "schedule.everySeconds", /is -1/],
  ["half a second", { kind: "interval", everySeconds: 0.5 }, "schedule.everySeconds", /is 0\.5/],
  ["an interval that is no number", { kind: "interval", everySeconds: NaN }, "schedule.everySeconds", /is NaN/],
  ["an interval without end", { kind: "interval", everySeconds: Infinity }, "schedule.everySeconds", /is Infinity/],
  ["an interval as a text", { kind: "interval", everySeconds: "5m" }, "schedule.everySeconds", /is "5m"/],
  [
    "an anchor without an offset",
    { kind: "interval", everySeconds: 5, anchor: "2026-11-23T00:00" },
    "schedule.anchor",
    /must be an instant/,
  ],
  ["minute 60", { kind: "hourly", minute: 60 }, "schedule.minute", /is 60, it must be a whole number from 0 to 59/],
  [
    "no days",
    { kind: "weekly", days: [], time: "09:00" },
    "schedule.days",
    /is an empty list, it must be a list with at least one of mon/,
  ],
  ["days as a text", { kind: "weekly", days: "mon", time: "09:00" }, "schedule.days", /is "mon"/],
  ["an unknown day", { kind: "weekly", days: ["mon", "xyz"], time: "09:00" }, "schedule.days[1]", /days\[1\] is "xyz"/],
  ["a day as a number", { kind: "weekly", days: [1], time: "09:00" }, "schedule.days[0]", /days\[0\] is 1/],
  [
    "day 32",
    { kind: "monthly", day: 32, time: "09:00" },
    "schedule.day",
    /is 32, it must be a whole number from 1 to 31 or "last"/,
  ],
  ["day 0", { kind: "monthly", day: 0, time: "09:00" }, "schedule.day", /is 0/],
  [
    "a date that does not exist",
    { kind: "once", at: "2027-02-29T09:00" },
    "schedule.at",
    /is "2027-02-29T09:00", it must be YYYY-MM-DDTHH:MM/,
  ],
  ["a date with an offset", { kind: "once", at: "2026-12-01T09:00Z" }, "schedule.at", /must be YYYY-MM-DDTHH:MM/],
  ["a missing expression", { kind: "cron" }, "schedule.expression", /is missing, it must be a cron expression/],
  ["an object in a text's place", { kind: "cron", expression: {} }, "schedule.expression", /is an object/],
];

for (const [name, input, field, message] of refused) {
  Deno.test(`parseSchedule() refuses ${name}, naming ${field}`, () => {
    assert.throws(() => parseSchedule(input), { name: "ScheduleError", field, offset: null, message });
  });
}

Deno.test("parseSchedule() names the position of a mistake in a cron expression, leading spaces included", () => {
  assert.throws(() => parseSchedule({ kind: "cron", expression: "  60 * * * *" }), {
    field: "minute",
    offset: 2,
    message: 'Cannot parse cron "60 * * * *": minute is "60", it must be 0 to 59 (at position 1)',
  });
});
