import assert from "node:assert/strict";
import { type DstPolicy, parseScheduleText, scheduleWarnings } from "@jobtrigger/shared/schedule";
import * as fc from "fast-check";
import { epochMs } from "@jobtrigger/shared/domain";
import { meanings, policies } from "./_meanings.ts";
import { changesOf, faceOf, type Moment, occurrences, walk } from "./_oracle.ts";

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

const SEVENS = "uneven_step: It runs at minutes 0, 7, 14 … 56 and starts again with each hour, so the last pause is " +
  '4 minutes; if it should run every 7 minutes, write "every 7m".';
const FIVES =
  "uneven_step: It runs in hours 0, 5, 10, 15 and 20 and starts again with each day, so the last pause is " +
  '4 hours; if it should run every 5 hours, write "every 5h".';

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
    name: "the effect of the job's policy",
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
    name: "a range of hours that falls into a gap and runs after it",
    schedule: "0 2-3 * * *",
    zone: BERLIN,
    warnings: [
      "gap: 2027-03-28 02:00 does not exist in Europe/Berlin (clocks go forward): it runs at 2027-03-28 03:00.",
      "fold: 2027-10-31 02:00 comes twice in Europe/Berlin (clocks go back): it runs both times.",
    ],
  },
  { name: "nothing about a range of all hours", schedule: "*/30 0-23 * * *", zone: BERLIN, warnings: [] },
  {
    name: "a range of hours that the policy leaves out",
    schedule: "0 2-3 * * *",
    zone: BERLIN,
    dst: { gap: "skip", fold: "first" },
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
      "either_day: Day of month and day of week are both given: it runs on days that match either; " +
      'for days that match both, begin one of them with "*", as in "*/2".',
    ],
  },
  {
    name: "that both days must match",
    schedule: "0 0 */10 * 1",
    warnings: [
      'both_days: Day of month and day of week are both given, and one begins with "*": it runs only on days that match ' +
      'both; for days that match either, list the days in place of "*".',
    ],
  },
  { name: "nothing about one day field beside ?", schedule: "0 9 13 * ?", warnings: [] },
  {
    name: "months that lack the day",
    schedule: "0 9 31 * *",
    warnings: [
      "short_months: February, April, June, September and November have no day 31, so it does not run there; " +
      '"L" means the last day of each month, and "monthly on 31" takes the last day of shorter ones.',
    ],
  },
  {
    name: "the one month of two that lacks the day",
    schedule: "0 0 31 4,5 *",
    warnings: [
      'short_months: April has no day 31, so it does not run there; "L" means the last day of each month.',
    ],
  },
  { name: "nothing about months that have the day", schedule: "0 0 31 5,7 *", warnings: [] },
  {
    name: "months that lack the day nearest to which it runs",
    schedule: "0 0 31W 5,6 *",
    warnings: [
      'short_months: June has no day 31, so it does not run there; "LW" means the last weekday of each month.',
    ],
  },
  {
    name: "that 29 February is there in leap years",
    schedule: "0 0 29 2 *",
    warnings: [
      "short_months: February has a day 29 in leap years only, so it does not run there in other years; " +
      '"L" means the last day of each month.',
    ],
  },
  {
    name: "months that have one of two days",
    schedule: "0 0 30,31 4,5 *",
    warnings: [
      'short_months: April has no day 31, so its other days alone count there; "L" means the last day of each month.',
    ],
  },
  {
    name: "no more than that it never fires",
    schedule: "0 0 30,31 2 *",
    warnings: ["never: It never fires: no date matches."],
  },
  {
    name: "months without the day that is counted from their end",
    schedule: "0 0 L-29 * *",
    warnings: ["short_months: February has no day 30, so it does not run there."],
  },
  { name: "nothing about a day that every month has", schedule: "0 9 28 * *", warnings: [] },
  {
    name: "a step that does not divide its hour",
    schedule: "*/7 * * * *",
    warnings: [SEVENS],
  },
  { name: "a step from 0 that does not divide its hour", schedule: "0/7 * * * *", warnings: [SEVENS] },
  { name: "a step over all that does not divide its hour", schedule: "0-59/7 * * * *", warnings: [SEVENS] },
  {
    name: "a step that starts later and makes the last pause longer",
    schedule: "5/7 * * * *",
    warnings: [
      "uneven_step: It runs at minutes 5, 12, 19 … 54 and starts again with each hour, so the last pause is 11 minutes; " +
      'if it should run every 7 minutes, write "every 7m".',
    ],
  },
  { name: "nothing about a step within a range", schedule: "10-30/7 * * * *", warnings: [] },
  { name: "nothing about a step from a late value", schedule: "50/3 * * * *", warnings: [] },
  { name: "nothing about a step from a value that divides its hour", schedule: "5/15 * * * *", warnings: [] },
  {
    name: "a step of seconds",
    schedule: "*/45 * * * * *",
    warnings: [
      "uneven_step: It runs at seconds 0 and 45 and starts again with each minute, so the last pause is 15 seconds; " +
      'if it should run every 45 seconds, write "every 45s".',
    ],
  },
  {
    name: "a step of hours from 0",
    schedule: "0 0/5 * * *",
    warnings: [FIVES],
  },
  {
    name: "a step of days",
    schedule: "0 0 */2 * *",
    warnings: [
      "uneven_step: It runs on days 1, 3, 5 … 31 and starts again with each month, so the pause at the end of a month " +
      'varies; if it should run every 2 days, write "every 2d".',
    ],
  },
  {
    name: "a step of days as long as a month",
    schedule: "0 0 */31 * *",
    warnings: [
      "uneven_step: It runs on day 1 and starts again with each month, so the pause at the end of a month varies; " +
      'if it should run every 31 days, write "every 31d".',
    ],
  },
  {
    name: "a step of months",
    schedule: "0 0 1 */5 *",
    warnings: [
      "uneven_step: It runs in January, June and November and starts again with each year, so the last pause is 2 months; " +
      "no step keeps 5 months over the end of a year, so name the months you mean.",
    ],
  },
  { name: "nothing about a step of months that divides the year", schedule: "0 0 1 */3 *", warnings: [] },
  {
    name: "a step of weekdays",
    schedule: "0 0 * * */2",
    warnings: [
      "uneven_step: It runs on Sunday, Tuesday, Thursday and Saturday and starts again with each week, so the last pause " +
      'is 1 day; if it should run every 2 days, write "every 2d".',
    ],
  },
  {
    name: "weekdays in Quartz's way",
    schedule: "0 0 9 ? * 2-6",
    warnings: [
      "weekday_numbers: Weekdays count from 0 for Sunday, so it runs on Tuesday to Saturday; " +
      'if you mean Monday to Friday, as in Quartz, write names, such as "mon-fri".',
    ],
  },
  {
    name: "the third Friday in Quartz's way",
    schedule: "0 0 9 ? * 6#3",
    warnings: [
      "weekday_numbers: Weekdays count from 0 for Sunday, so it runs on the third Saturday of the month; " +
      'if you mean the third Friday of the month, as in Quartz, write names, such as "mon-fri".',
    ],
  },
  { name: "nothing about names with seconds", schedule: "0 0 9 ? * mon-fri", warnings: [] },
  { name: "nothing about a 0, which Quartz has not", schedule: "0 0 9 ? * 0,6", warnings: [] },
  { name: "nothing about numbers of weekdays without seconds", schedule: "0 9 * * 2-6", warnings: [] },
  {
    name: "a step that does not divide its day",
    schedule: "0 */5 * * *",
    warnings: [FIVES],
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

Deno.test("scheduleWarnings() searches 13 months ahead and no farther", () => {
  const schedule = parseScheduleText("once at 2027-03-28 02:30");
  const kinds = (after: string) =>
    scheduleWarnings(schedule, { timezone: BERLIN, after: epochMs(Date.parse(after)) }).map(({ kind }) => kind);
  assert.deepEqual(kinds("2026-03-01T00:00Z"), ["gap"]);
  assert.deepEqual(kinds("2026-02-01T00:00Z"), []);
  assert.deepEqual(kinds("2027-03-28T00:59:59Z"), ["gap"]);
  assert.deepEqual(kinds("2027-03-28T01:00:00Z"), ["never"]);
});

Deno.test("scheduleWarnings() works at the last possible date", () => {
  const options = { timezone: BERLIN, after: epochMs(8_640_000_000_000_000) };
  assert.deepEqual(scheduleWarnings(parseScheduleText("daily at 02:30"), options).map(({ kind }) => kind), ["never"]);
});

/** The wall times that a change of a zone's clocks leaves out, or shows twice, minute by minute. */
function wallsOf(moments: readonly Moment[], change: number): { readonly isGap: boolean; readonly walls: number[] } {
  const at = moments.findIndex((moment) => moment.at === change);
  const [before = 0, after = 0] = [moments[at - 1]?.wall, moments[at]?.wall];
  const isGap = after > before;
  const [from, until] = isGap ? [before + 60, after] : [after, before + 60];
  return { isGap, walls: Array.from({ length: (until - from) / 60 }, (_, minute) => from + minute * 60) };
}

Deno.test("scheduleWarnings() agrees with a walk over the minutes of each change of clocks", () => {
  let seen = 0;
  for (const zone of ["Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Beirut"]) {
    const after = Date.UTC(2026, 0, 10) / 1000;
    const changes = changesOf(zone, 2026, 2027).filter((change) => change > after).map((change) => ({
      change,
      moments: walk(zone, change - 4 * 3600, change + 4 * 3600, 60),
    }));
    const property = fc.property(meanings, policies, (meaning, dst) => {
      const schedule = parseScheduleText(meaning.text);
      const expected = changes.flatMap(({ change, moments }) => {
        const { isGap, walls } = wallsOf(moments, change);
        const affected = walls.find((wall) => meaning.matches(faceOf(wall)));
        if (affected === undefined || (!meaning.isFixed && !meaning.leavesHoursOut)) return [];
        const due = occurrences(moments, meaning, dst, 60);
        if (isGap) return [dst.gap === "after" && due.includes(change) ? "gap: it runs at" : "gap: it does not run"];
        const shown = moments.filter(({ wall }) => wall === affected).map(({ at }) => due.includes(at));
        return [`fold: it runs ${shown[0] ? (shown[1] ? "both times" : "the first time") : "the second time"}`];
      });
      const options = { timezone: zone, after: epochMs(after * 1000), dst };
      const found = scheduleWarnings(schedule, options).filter(({ kind, message }) =>
        (kind === "gap" || kind === "fold") && message.startsWith("2026")
      ).map(({ kind, message }) => `${kind}: ${/it runs at|it does not run|it runs .*(?=\.)/.exec(message)?.[0]}`);
      assert.deepEqual(found, expected, `${meaning.text} in ${zone} with ${JSON.stringify(dst)}`);
      seen += expected.length;
    });
    fc.assert(property, { seed: 20_261_124, numRuns: 300 });
  }
  assert.ok(seen > 200, `it saw ${seen} changes, too few`);
});
