import assert from "node:assert/strict";
import { readMinute } from "../../shared/api/mod.ts";
import { planBackfill } from "../../shared/operations/mod.ts";
import { instant, iso, jobOf } from "../policy/_due.ts";

const NOW = instant("2026-11-24T06:30:00Z");

/** The times of a plan; what is wrong with it where there is none. */
function plan(
  [from, to]: readonly [from: string, to: string],
  { job = jobOf("hourly at :00"), now = NOW }: { readonly job?: ReturnType<typeof jobOf>; readonly now?: number } = {},
): unknown {
  const planned = planBackfill(job, { from, to, at_once: "" }, instant(new Date(now).toISOString()));
  return "plan" in planned ? planned.plan.times.map(iso) : planned.problems;
}

const HONG_KONG = { timezone: "Asia/Hong_Kong" };
const cases:
  readonly (readonly [name: string, range: readonly [string, string], job: string, times: readonly string[]])[] = [
    ["takes both ends", ["2026-11-24 01:00", "2026-11-24 03:00"], "hourly at :00", ["T01", "T02", "T03"]],
    ["takes an instant for a wall time elsewhere", ["2026-11-24T10:00+08:00", "2026-11-24T02:59Z"], "hourly at :00", [
      "T02",
    ]],
    ["takes a day as the end whole, up to now", ["2026-11-24 05:00", "2026-11-24"], "hourly at :00", ["T05", "T06"]],
    ["takes nothing after now", ["2026-11-24 05:30", "2099-01-01"], "hourly at :00", ["T06"]],
    ["takes a time without a date as the last such time", ["05:00", "06:00"], "hourly at :00", ["T05", "T06"]],
    ["finds no time where the schedule has none", ["2026-11-24 01:10", "2026-11-24 01:50"], "hourly at :00", []],
    ["finds no time of a manual job", ["2026-11-24 01:00", "2026-11-24 03:00"], "manual", []],
  ];
for (const [name, range, schedule, times] of cases) {
  Deno.test(`planBackfill() ${name}`, () => {
    assert.deepEqual(plan(range, { job: jobOf(schedule) }), times.map((hour) => `2026-11-24${hour}:00:00Z`));
  });
}

Deno.test("planBackfill() means a time without a date of the day before where it is yet to come", () => {
  const times = plan(["23:00", "00:00"]);
  assert.deepEqual(times, ["2026-11-23T23:00:00Z", "2026-11-24T00:00:00Z"]);
});

Deno.test("planBackfill() means days and times in the job's zone, and keeps to its validity", () => {
  const job = jobOf("hourly at :00", { ...HONG_KONG, policies: { startsAt: instant("2026-11-23T22:00:00Z") } });
  assert.deepEqual(plan(["2026-11-24", "2026-11-24 07:00"], { job }), ["2026-11-23T22:00:00Z", "2026-11-23T23:00:00Z"]);
});

/** How a range meets the clocks of a zone: what a job each ten minutes, or one at the time itself, makes of it. */
const changes: readonly (readonly [
  name: string,
  zone: string,
  schedule: string,
  range: readonly [from: string, to: string],
  times: readonly string[],
])[] = [
  // Clocks go from 02:00 to 03:00, at 07:00Z.
  ["begins after the gap in New York", "America/New_York", "cron */10 * * * *", [
    "2026-03-08 02:30",
    "2026-03-08 03:10",
  ], [
    "2026-03-08T07:00:00Z",
    "2026-03-08T07:10:00Z",
  ]],
  ["ends with the end of the gap in New York", "America/New_York", "cron */10 * * * *", [
    "2026-03-08 01:50",
    "2026-03-08 02:30",
  ], ["2026-03-08T06:50:00Z", "2026-03-08T07:00:00Z"]],
  ["finds a job at the very time that New York skips", "America/New_York", "daily at 02:30", [
    "2026-03-08 02:30",
    "2026-03-08 02:30",
  ], ["2026-03-08T07:00:00Z"]],
  // From 01:00 to 02:00, at 01:00Z.
  ["begins after the gap in London", "Europe/London", "cron */30 * * * *", ["2026-03-29 01:15", "2026-03-29 02:00"], [
    "2026-03-29T01:00:00Z",
  ]],
  // From 02:00 to 02:30, at 15:30Z of the day before.
  ["begins after the gap in Lord Howe", "Australia/Lord_Howe", "cron */10 * * * *", [
    "2026-10-04 02:20",
    "2026-10-04 02:40",
  ], ["2026-10-03T15:30:00Z", "2026-10-03T15:40:00Z"]],
  // From 02:00 back to 01:00, at 06:00Z.
  ["ends with the last showing in New York", "America/New_York", "cron */30 * * * *", [
    "2026-11-01 01:30",
    "2026-11-01 01:30",
  ], ["2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z"]],
  // From 02:00 back to 01:00, at 01:00Z.
  ["ends with the last showing in London", "Europe/London", "cron */30 * * * *", [
    "2026-10-25 01:40",
    "2026-10-25 01:40",
  ], ["2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"]],
  // From 02:00 back to 01:30, at 15:00Z of the day before.
  ["ends with the last showing in Lord Howe", "Australia/Lord_Howe", "cron */10 * * * *", [
    "2026-04-05 01:40",
    "2026-04-05 01:40",
  ], ["2026-04-04T14:40:00Z", "2026-04-04T14:50:00Z", "2026-04-04T15:00:00Z", "2026-04-04T15:10:00Z"]],
  ["takes an instant of a repeated hour for itself", "America/New_York", "cron */30 * * * *", [
    "2026-11-01T05:30Z",
    "2026-11-01T01:30-04:00",
  ], ["2026-11-01T05:30:00Z"]],
  ["takes a day of 25 hours whole", "Europe/London", "hourly at :00", ["2026-10-25 22:00", "2026-10-25"], [
    "2026-10-25T22:00:00Z",
    "2026-10-25T23:00:00Z",
  ]],
  // Midnight is skipped: from 00:00 to 01:00, at 05:00Z.
  ["begins a day whose midnight Havana skips at its first moment", "America/Havana", "hourly at :00", [
    "2026-03-08",
    "2026-03-08 02:00",
  ], ["2026-03-08T05:00:00Z", "2026-03-08T06:00:00Z"]],
  // 30 December was left out, at 10:00Z.
  ["ends before a day that Apia left out", "Pacific/Apia", "hourly at :00", ["2011-12-29 23:00", "2011-12-30"], [
    "2011-12-30T09:00:00Z",
  ]],
  ["takes a minute as the end whole", "UTC", "cron */20 * * * * *", ["2026-11-24 02:00", "2026-11-24 02:00"], [
    "2026-11-24T02:00:00Z",
    "2026-11-24T02:00:20Z",
    "2026-11-24T02:00:40Z",
  ]],
];
for (const [name, timezone, schedule, range, times] of changes) {
  Deno.test(`planBackfill() ${name}`, () => {
    assert.deepEqual(plan(range, { job: jobOf(schedule, { timezone }) }), times);
  });
}

Deno.test("planBackfill() means both showings of a time without a date that clocks showed twice today", () => {
  const job = jobOf("cron */30 * * * *", { timezone: "Europe/London" });
  assert.deepEqual(plan(["01:30", "01:30"], { job, now: instant("2026-10-25T12:00:00Z") }), [
    "2026-10-25T00:30:00Z",
    "2026-10-25T01:00:00Z",
    "2026-10-25T01:30:00Z",
  ]);
  assert.deepEqual(plan(["01:30", "01:30"], { job, now: instant("2026-03-29T12:00:00Z") }), ["2026-03-29T01:00:00Z"]);
});

const refused:
  readonly (readonly [name: string, range: readonly [string, string], problems: Record<string, RegExp>])[] = [
    ["a range to come", ["2099-01-01", "2099-01-02"], { from: /yet to come/ }],
    ["a range that ends before it begins", ["2026-11-24 03:00", "2026-11-24 01:00"], { to: /before the beginning/ }],
    ["an instant with the name of its zone", ["2026-11-01T09:00:00-05:00[America/New_York]", "2026-11-02"], {
      from: /expected a day or a time/,
    }],
    ["half a date, and no time", ["2026-11", ""], {
      from: /found "2026-11", expected a day or a time/,
      to: /found ""/,
    }],
  ];
for (const [name, range, expected] of refused) {
  Deno.test(`planBackfill() refuses ${name}`, () => {
    const problems = Object(plan(range));
    assert.deepEqual(Object.keys(problems), Object.keys(expected));
    for (const [field, message] of Object.entries(expected)) assert.match(problems[field], message);
  });
}

Deno.test("planBackfill() takes 1,000 times and refuses 1,001, and counts millions without walking them", () => {
  const job = jobOf("cron * * * * * *");
  assert.equal(Object(plan(["2026-11-24 00:00:00", "2026-11-24 00:16:39"], { job })).length, 1000);
  assert.match(Object(plan(["2026-11-24 00:00:00", "2026-11-24 00:16:40"], { job })).to, /there are 1,001 times/);
  assert.match(Object(plan(["1900-01-01", "2026-11-24"], { job })).to, /there are 4,004,490,601 times .* narrow/);
});

const spans: readonly (readonly [text: string, from: string, until: string])[] = [
  ["2026-11-24 02:00", "2026-11-24T02:00:00.000Z", "2026-11-24T02:00:59.999Z"],
  ["2026-11-24 02:00:30", "2026-11-24T02:00:30.000Z", "2026-11-24T02:00:30.999Z"],
  ["2026-11-24T10:00+08:00", "2026-11-24T02:00:00.000Z", "2026-11-24T02:00:59.999Z"],
  ["2026-11-24T02:00:30Z", "2026-11-24T02:00:30.000Z", "2026-11-24T02:00:30.999Z"],
  ["2026-11-24T02:00:30.250Z", "2026-11-24T02:00:30.000Z", "2026-11-24T02:00:30.999Z"],
  ["06:30", "2026-11-24T06:30:00.000Z", "2026-11-24T06:30:59.999Z"],
  ["06:31", "2026-11-23T06:31:00.000Z", "2026-11-23T06:31:59.999Z"],
];
for (const [text, from, until] of spans) {
  Deno.test(`readMinute() takes ${text} for ${from} to ${until}`, () => {
    const read = readMinute(text, { now: NOW, zone: "UTC" }).spans.map((span) => [
      new Date(span.from).toISOString(),
      new Date(span.until).toISOString(),
    ]);
    assert.deepEqual(read, [[from, until]]);
  });
}

Deno.test("readMinute() asks about one span for an instant in an hour that clocks show twice", () => {
  const { minute, spans } = readMinute("2026-10-25T00:30Z", { now: NOW, zone: "Europe/Berlin" });
  assert.deepEqual([minute, spans.length], ["2026-10-25 02:30 Europe/Berlin", 1]);
});
