import assert from "node:assert/strict";
import { planBackfill, readMinute } from "../../shared/jobs/mod.ts";
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

const refused:
  readonly (readonly [name: string, range: readonly [string, string], problems: Record<string, RegExp>])[] = [
    ["a range to come", ["2099-01-01", "2099-01-02"], { from: /yet to come/ }],
    ["a range that ends before it begins", ["2026-11-24 03:00", "2026-11-24 01:00"], { to: /before the beginning/ }],
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
