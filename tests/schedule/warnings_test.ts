import assert from "node:assert/strict";
import { type DstPolicy, parseScheduleText, scheduleWarnings } from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";

interface Case {
  readonly name: string;
  readonly schedule: string;
  readonly zone?: string;
  readonly after?: string;
  readonly dst?: DstPolicy;
  /** Each warning as `kind: message`. */
  readonly warnings: readonly string[];
}

const BERLIN = "Europe/Berlin";

const cases: readonly Case[] = [
  { name: "nothing about manual", schedule: "manual", warnings: [] },
  { name: "nothing about a plain time in a zone without changes", schedule: "daily at 02:30", warnings: [] },
  { name: "nothing about a time that changes do not touch", schedule: "daily at 09:00", zone: BERLIN, warnings: [] },
  {
    name: "where a daily time does not exist and where it comes twice",
    schedule: "daily at 02:30",
    zone: BERLIN,
    warnings: [
      "gap: 2027-03-28 02:30 does not exist in Europe/Berlin (clocks go forward): it runs at 2027-03-28 03:00.",
      "fold: 2027-10-31 02:30 comes twice in Europe/Berlin (clocks go back): it runs the first time.",
    ],
  },
  {
    name: "what the policy of the job makes of it",
    schedule: "daily at 02:30",
    zone: BERLIN,
    dst: { gap: "skip", fold: "both" },
    warnings: [
      "gap: 2027-03-28 02:30 does not exist in Europe/Berlin (clocks go forward): it does not run.",
      "fold: 2027-10-31 02:30 comes twice in Europe/Berlin (clocks go back): it runs both times.",
    ],
  },
  {
    name: "the second pass where the policy says so",
    schedule: "weekly on sun at 02:15",
    zone: BERLIN,
    after: "2026-10-01T00:00Z",
    dst: { gap: "skip", fold: "second" },
    warnings: [
      "fold: 2026-10-25 02:15 comes twice in Europe/Berlin (clocks go back): it runs the second time.",
      "gap: 2027-03-28 02:15 does not exist in Europe/Berlin (clocks go forward): it does not run.",
      "fold: 2027-10-31 02:15 comes twice in Europe/Berlin (clocks go back): it runs the second time.",
    ],
  },
  {
    name: "nothing about a weekday that no change falls on",
    schedule: "weekly on mon at 02:30",
    zone: BERLIN,
    warnings: [],
  },
  {
    name: "the end of a gap of half an hour",
    schedule: "daily at 02:15",
    zone: "Australia/Lord_Howe",
    after: "2026-08-01T00:00Z",
    warnings: [
      "gap: 2026-10-04 02:15 does not exist in Australia/Lord_Howe (clocks go forward): it runs at 2026-10-04 02:30.",
    ],
  },
  {
    name: "midnight that does not exist",
    schedule: "daily at 00:00",
    zone: "America/Havana",
    after: "2026-02-01T00:00Z",
    warnings: [
      "gap: 2026-03-08 00:00 does not exist in America/Havana (clocks go forward): it runs at 2026-03-08 01:00.",
      "fold: 2026-11-01 00:00 comes twice in America/Havana (clocks go back): it runs the first time.",
    ],
  },
  { name: "nothing about what runs in every hour", schedule: "*/30 * * * *", zone: BERLIN, warnings: [] },
  { name: "nothing about hourly", schedule: "hourly at :30", zone: BERLIN, warnings: [] },
  {
    name: "a range of hours that falls into a gap and makes nothing up",
    schedule: "0 2-3 * * *",
    zone: BERLIN,
    warnings: [
      "gap: 2027-03-28 02:00 does not exist in Europe/Berlin (clocks go forward): it does not run.",
      "fold: 2027-10-31 02:00 comes twice in Europe/Berlin (clocks go back): it runs both times.",
    ],
  },
  {
    name: "a once in a gap",
    schedule: "once at 2027-03-28 02:30",
    zone: BERLIN,
    warnings: [
      "gap: 2027-03-28 02:30 does not exist in Europe/Berlin (clocks go forward): it runs at 2027-03-28 03:00.",
    ],
  },
  {
    name: "a once that the policy leaves out",
    schedule: "once at 2027-03-28 02:30",
    zone: BERLIN,
    dst: { gap: "skip", fold: "first" },
    warnings: [
      "never: It never fires: 2027-03-28 02:30 is over, or left out where clocks change, after 2026-11-24T00:00:00.000Z.",
      "gap: 2027-03-28 02:30 does not exist in Europe/Berlin (clocks go forward): it does not run.",
    ],
  },
  {
    name: "a once that is over",
    schedule: "once at 2026-01-01 09:00",
    warnings: [
      "never: It never fires: 2026-01-01 09:00 is over, or left out where clocks change, after 2026-11-24T00:00:00.000Z.",
    ],
  },
  { name: "31 February", schedule: "0 0 31 2 *", warnings: ["never: It never fires: no date matches."] },
  {
    name: "that either day matches",
    schedule: "0 9 13 * fri",
    warnings: [
      "either_day: Day of month and day of week are both given: it runs on days that match either.",
    ],
  },
  { name: "nothing about one day field beside ?", schedule: "0 9 13 * ?", warnings: [] },
  {
    name: "months that lack the day",
    schedule: "0 9 31 * *",
    warnings: ['short_months: Months without that day are left out; "monthly on 31" takes their last day instead.'],
  },
  { name: "nothing about a day that every month has", schedule: "0 9 28 * *", warnings: [] },
  {
    name: "a step that does not divide its hour",
    schedule: "*/7 * * * *",
    warnings: ["uneven_step: A step of 7 starts again with each hour, so the last pause is shorter."],
  },
  {
    name: "a step that does not divide its day",
    schedule: "0 */5 * * *",
    warnings: ["uneven_step: A step of 5 starts again with each day, so the last pause is shorter."],
  },
  { name: "nothing about a step that divides its hour", schedule: "*/15 * * * *", warnings: [] },
  {
    name: "days counted in elapsed hours where clocks change",
    schedule: "every 1d",
    zone: BERLIN,
    warnings: [
      "elapsed_days: It counts hours that pass, so its time of day moves when clocks change in Europe/Berlin; " +
      "a daily schedule would keep it.",
    ],
  },
  { name: "nothing about days where clocks do not change", schedule: "every 1d", zone: "Asia/Hong_Kong", warnings: [] },
  { name: "nothing about an interval of hours", schedule: "every 6h", zone: BERLIN, warnings: [] },
];

for (const { name, schedule, zone = "UTC", after = "2026-11-24T00:00Z", dst, warnings } of cases) {
  Deno.test(`scheduleWarnings() says ${name}`, () => {
    const options = { timezone: zone, after: epochMs(Date.parse(after)), ...(dst === undefined ? {} : { dst }) };
    const found = scheduleWarnings(parseScheduleText(schedule), options);
    assert.deepEqual(found.map(({ kind, message }) => `${kind}: ${message}`), warnings);
  });
}

Deno.test("scheduleWarnings() looks 13 months ahead and no farther", () => {
  const schedule = parseScheduleText("once at 2027-03-28 02:30");
  const kinds = (after: string) =>
    scheduleWarnings(schedule, { timezone: BERLIN, after: epochMs(Date.parse(after)) }).map(({ kind }) => kind);
  assert.deepEqual(kinds("2026-03-01T00:00Z"), ["gap"]);
  assert.deepEqual(kinds("2026-02-01T00:00Z"), []);
  assert.deepEqual(kinds("2027-03-28T00:59:59Z"), ["gap"]);
  assert.deepEqual(kinds("2027-03-28T01:00:00Z"), ["never"]);
});

Deno.test("scheduleWarnings() holds at the end of what a date can be", () => {
  const options = { timezone: BERLIN, after: epochMs(8_640_000_000_000_000) };
  assert.deepEqual(scheduleWarnings(parseScheduleText("daily at 02:30"), options).map(({ kind }) => kind), ["never"]);
});
