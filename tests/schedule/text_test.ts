import assert from "node:assert/strict";
import * as fc from "fast-check";
import { formatSchedule, parseSchedule, parseScheduleText, type Schedule } from "@jobtrigger/shared/schedule";
import { schedules } from "./_schedules.ts";

const property = (check: (schedule: Schedule) => void) =>
  fc.assert(fc.property(schedules, check), { seed: 20_261_124, numRuns: 3_000 });

Deno.test("parseScheduleText() reads the texts of formatSchedule()", () => {
  property((schedule) => assert.deepEqual(parseScheduleText(formatSchedule(schedule)), schedule));
});

Deno.test("parseSchedule() reads stored JSON unchanged", () => {
  property((schedule) => assert.deepEqual(parseSchedule(JSON.parse(JSON.stringify(schedule))), schedule));
});

Deno.test("parseScheduleText() minds neither case nor spaces", () => {
  property((schedule) => {
    const text = formatSchedule(schedule);
    const canonical = schedule.kind === "cron" ? text : text.toUpperCase();
    assert.deepEqual(parseScheduleText(`  ${canonical.replaceAll(" ", " \t ")} `), schedule);
  });
});

Deno.test("parseScheduleText() answers any text with a schedule or a ScheduleError within the text", () => {
  const words = [
    "daily",
    "every",
    "weekly",
    "on",
    "at",
    "from",
    "cron",
    "@",
    "09:00",
    "mon",
    "fri-",
    ",",
    "5m",
    "*",
    "/",
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 6 })), { maxLength: 8 });
  fc.assert(
    fc.property(text, (parts) => {
      const typed = parts.join(" ");
      try {
        parseScheduleText(typed);
      } catch (error) {
        assert.ok(error instanceof SyntaxError && error.name === "ScheduleError", String(error));
        const offset: unknown = Reflect.get(error, "offset");
        assert.ok(typeof offset === "number" && offset >= 0 && offset <= typed.length, `${typed}: ${offset}`);
      }
    }),
    { seed: 20_261_124, numRuns: 3_000 },
  );
});

const texts: readonly (readonly [text: string, schedule: Schedule])[] = [
  ["manual", { kind: "manual" }],
  ["once at 2026-12-01 09:00", { kind: "once", at: "2026-12-01T09:00" }],
  ["once at 2026-12-01T9:00:30", { kind: "once", at: "2026-12-01T09:00:30" }],
  ["every 5m", { kind: "interval", everySeconds: 300 }],
  ["every 1h30m", { kind: "interval", everySeconds: 5_400 }],
  ["every 10s", { kind: "interval", everySeconds: 10 }],
  ["every 2d", { kind: "interval", everySeconds: 172_800 }],
  ["every 2 days 3 hours", { kind: "interval", everySeconds: 183_600 }],
  ["every 1 min, 30 sec", { kind: "interval", everySeconds: 90 }],
  [
    "every 1h from 2026-11-23T08:00+08:00",
    { kind: "interval", everySeconds: 3_600, anchor: "2026-11-23T00:00:00Z" },
  ],
  ["hourly at :15", { kind: "hourly", minute: 15 }],
  ["hourly at 5", { kind: "hourly", minute: 5 }],
  ["daily at 9:00", { kind: "daily", time: "09:00" }],
  ["daily at 09:00:00", { kind: "daily", time: "09:00" }],
  ["weekly on mon,fri at 09:00", { kind: "weekly", days: ["mon", "fri"], time: "09:00" }],
  ["weekly on Friday, Monday, fri at 09:00", { kind: "weekly", days: ["mon", "fri"], time: "09:00" }],
  ["weekly on sat-mon at 09:00", { kind: "weekly", days: ["mon", "sat", "sun"], time: "09:00" }],
  ["monthly on 31 at 09:00", { kind: "monthly", day: 31, time: "09:00" }],
  ["monthly on Last at 09:00", { kind: "monthly", day: "last", time: "09:00" }],
  ["cron */5 9-17 * * mon-fri", { kind: "cron", expression: "*/5 9-17 * * mon-fri" }],
  ["cron  0  9  *  *  *", { kind: "cron", expression: "0 9 * * *" }],
  ["0 9 * * mon-fri", { kind: "cron", expression: "0 9 * * mon-fri" }],
  ["*/10 * * * * *", { kind: "cron", expression: "*/10 * * * * *" }],
  ["@Daily", { kind: "cron", expression: "@daily" }],
  ["@MIDNIGHT", { kind: "cron", expression: "@midnight" }],
  ["0 9 * * * # the morning report", { kind: "cron", expression: "0 9 * * *" }],
  ["cron 0 9 * * fri#2 # payday", { kind: "cron", expression: "0 9 * * fri#2" }],
  ["@every 5m", { kind: "interval", everySeconds: 300 }],
  ["@every 1h30m0s", { kind: "interval", everySeconds: 5_400 }],
  ["every 90", { kind: "interval", everySeconds: 90 }],
  ["every 1.5h", { kind: "interval", everySeconds: 5_400 }],
  ["every 2 hrs 5 mins", { kind: "interval", everySeconds: 7_500 }],
  ["daily at 9", { kind: "daily", time: "09:00" }],
  ["daily at 9am", { kind: "daily", time: "09:00" }],
  ["daily at 9:30 pm", { kind: "daily", time: "21:30" }],
  ["daily at 9:30:15 P.M.", { kind: "daily", time: "21:30:15" }],
  ["daily at 12am", { kind: "daily", time: "00:00" }],
  ["daily at 12 pm", { kind: "daily", time: "12:00" }],
  ["daily at noon", { kind: "daily", time: "12:00" }],
  ["daily at midnight", { kind: "daily", time: "00:00" }],
  ["once at 2026-12-01 9pm", { kind: "once", at: "2026-12-01T21:00" }],
  ["once at 2026-12-01 9:30 pm", { kind: "once", at: "2026-12-01T21:30" }],
  ["every day at 9", { kind: "daily", time: "09:00" }],
  ["Every Monday at 9", { kind: "weekly", days: ["mon"], time: "09:00" }],
  ["every mondays at 9", { kind: "weekly", days: ["mon"], time: "09:00" }],
  ["every mon, fri at 9am", { kind: "weekly", days: ["mon", "fri"], time: "09:00" }],
  ["every fri-mon at 9", { kind: "weekly", days: ["mon", "fri", "sat", "sun"], time: "09:00" }],
  ["every weekday at 9", { kind: "weekly", days: ["mon", "tue", "wed", "thu", "fri"], time: "09:00" }],
  ["weekdays at 09:00", { kind: "weekly", days: ["mon", "tue", "wed", "thu", "fri"], time: "09:00" }],
  ["weekends at 10", { kind: "weekly", days: ["sat", "sun"], time: "10:00" }],
  ["weekly on weekdays at 9", { kind: "weekly", days: ["mon", "tue", "wed", "thu", "fri"], time: "09:00" }],
  ["every hour at :15", { kind: "hourly", minute: 15 }],
  ["monthly on 1st at 9", { kind: "monthly", day: 1, time: "09:00" }],
];

for (const [text, schedule] of texts) {
  Deno.test(`parseScheduleText() reads "${text}"`, () => {
    assert.deepEqual(parseScheduleText(text), schedule);
    assert.deepEqual(parseScheduleText(formatSchedule(schedule)), schedule);
    assert.deepEqual(parseSchedule(JSON.parse(JSON.stringify(schedule))), schedule);
  });
}

type Refused = [text: string, field: string, offset: number, message: RegExp];

const refused: readonly Refused[] = [
  ["", "schedule.kind", 0, /it is empty, it must be one of manual, once, every/],
  [
    "dayly at 9",
    "schedule.kind",
    0,
    /^Cannot parse schedule "dayly at 9": unknown kind "dayly", did you mean "daily"\?$/,
  ],
  ["  weekyl on mon at 9:00", "schedule.kind", 2, /did you mean "weekly"\?/],
  ["sometimes", "schedule.kind", 0, /it must be one of/],
  ["manual please", "schedule", 7, /"please" is more than a schedule needs/],
  ["daily", "schedule.time", 5, /it ends where "at" must stand, as in "daily at 09:00"/],
  ["daily 09:00", "schedule.time", 6, /found "09:00" where "at" must stand/],
  ["daily at 24:00", "schedule.time", 9, /"24:00" is not a time of day, it must be HH:MM/],
  ["daily at 09:60", "schedule.time", 9, /"09:60" is not a time of day/],
  ["daily at", "schedule.time", 8, /a time of day is missing/],
  ["daily at 09:00 UTC", "schedule.time", 9, /"09:00 UTC" is not a time of day/],
  ["hourly at :60", "schedule.minute", 10, /":60" is not a minute, it must be :00 to :59/],
  ["hourly 15", "schedule.minute", 7, /where "at" must stand/],
  ["weekly on mon,tues at 09:00", "schedule.days", 14, /"tues" is not a weekday, did you mean "tue"\?/],
  ["weekly on mon-fry at 09:00", "schedule.days", 14, /"fry" is not a weekday, did you mean "fri"\?/],
  ["weekly on at 09:00", "schedule.days", 10, /a weekday is missing/],
  ["weekly at 09:00", "schedule.days", 7, /found "at" where "on" must stand/],
  ["weekly on mon 09:00", "schedule.days", 14, /"09:00" is not a weekday/],
  ["monthly on 0 at 09:00", "schedule.day", 11, /"0" is not a day, it must be 1 to 31 or "last"/],
  ["monthly on 32 at 09:00", "schedule.day", 11, /"32" is not a day/],
  ["monthly at 09:00", "schedule.day", 8, /where "on" must stand/],
  ["once at 2026-02-30 09:00", "schedule.at", 8, /"2026-02-30 09:00" is not a date and time/],
  ["once at 2026-12-01", "schedule.at", 8, /it must be YYYY-MM-DD HH:MM/],
  ["once 2026-12-01 09:00", "schedule.at", 5, /where "at" must stand/],
  ["every 0s", "schedule.everySeconds", 6, /"0s" is not an interval, it must be 1s to 36500d/],
  ["every 36501d", "schedule.everySeconds", 6, /it must be 1s to 36500d/],
  [`every ${"9".repeat(400)}d`, "schedule.everySeconds", 6, /it must be 1s to 36500d/],
  ["every -5m", "schedule.everySeconds", 6, /"-5m" is not an interval/],
  ["every 1.5", "schedule.everySeconds", 6, /"1.5" is not an interval, it must be whole seconds/],
  ["every 5 parsecs", "schedule.everySeconds", 6, /it must be a duration such as "5m"/],
  ["every minute", "schedule.everySeconds", 6, /"minute" is not an interval, it must be "every 1m"/],
  ["every hour", "schedule.everySeconds", 6, /it must be "every 1h" or "hourly at :00"/],
  ["every day", "schedule.time", 9, /it ends where "at" must stand, as in "daily at 09:00"/],
  ["every day mon at 9", "schedule.time", 10, /found "mon" where "at" must stand/],
  ["every monday", "schedule.time", 12, /it ends where "at" must stand, as in "weekly on mon,fri at 09:00"/],
  ["every monday,fry at 9", "schedule.days", 13, /"fry" is not a weekday, did you mean "fri"\?/],
  ["weekdays", "schedule.time", 8, /it ends where "at" must stand/],
  ["weekday at 9", "schedule.kind", 0, /did you mean "weekdays"\?/],
  ["daily at 13pm", "schedule.time", 9, /"13pm" is not a time of day/],
  ["daily at 0am", "schedule.time", 9, /"0am" is not a time of day/],
  ["daily at 24", "schedule.time", 9, /"24" is not a time of day/],
  ["daily at 930", "schedule.time", 9, /"930" is not a time of day/],
  ["monthly on 32nd at 9", "schedule.day", 11, /"32nd" is not a day/],
  ["@every soon", "schedule.everySeconds", 7, /"soon" is not an interval/],
  ["cron @every 5m", "cron", 5, /write "every 5m"/],
  ["every", "schedule.everySeconds", 5, /an interval is missing/],
  ["every 5m from 2026-11-23", "schedule.anchor", 14, /is not an instant, it must be a date and time with its offset/],
  ["cron", "cron", 4, /it has no fields/],
  ["* * * *", "cron", 7, /it has 4 fields/],
  ["5 9 * *", "cron", 7, /it has 4 fields/],
  ["5 minutes", "schedule.kind", 0, /unknown kind "5"/],
  ["cron 0 24 * * *", "hour", 7, /hour is "24", it must be 0 to 23/],
  ["  cron   60 * * * *", "minute", 9, /minute is "60"/],
  ["x".repeat(3_000), "schedule", 2_000, /it is longer than 2000 characters/],
];

for (const [text, field, offset, message] of refused) {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  Deno.test(`parseScheduleText() refuses "${shown}", naming ${field}`, () => {
    assert.throws(() => parseScheduleText(text), { name: "ScheduleError", field, offset, message });
  });
}

Deno.test("parseScheduleText() quotes no more of a long text than fits a line", () => {
  assert.throws(() => parseScheduleText("y".repeat(1_900)), (error: Error) => error.message.length < 400);
});
