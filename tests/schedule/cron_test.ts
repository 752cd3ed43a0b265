import assert from "node:assert/strict";
import { calculateNextRun, nextRuns, parseScheduleText } from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";

const at = (text: string) => epochMs(Date.parse(text));

/** The first `count` occurrences after `after`, in UTC, without their common beginning. */
function runs(expression: string, after: string, count: number): string[] {
  return nextRuns(parseScheduleText(`cron ${expression}`), { timezone: "UTC", after: at(after) }, count)
    .map((run) => new Date(run).toISOString().slice(0, 19));
}

type Same = [name: string, expression: string, same: string];

const same: readonly Same[] = [
  ["five fields are at second 0", "5 9 * * *", "0 5 9 * * *"],
  ["a list is its values", "1,5,3 * * * *", "1,3,5 * * * *"],
  ["a range is its values", "10-13 * * * *", "10,11,12,13 * * * *"],
  ["a step over everything starts at the first value", "*/20 * * * *", "0,20,40 * * * *"],
  ["a step over a range starts where the range does", "5-30/10 * * * *", "5,15,25 * * * *"],
  ["a step from a value goes to the end", "50/3 * * * *", "50,53,56,59 * * * *"],
  ["a list may hold ranges and steps", "1,10-12,*/30 * * * *", "0,1,10,11,12,30 * * * *"],
  ["a value named twice counts once", "1,1,0-1 * * * *", "0,1 * * * *"],
  ["months have names", "0 0 1 jan,MAR,Dec *", "0 0 1 1,3,12 *"],
  ["weekdays have names", "0 0 * * mon,WED,Sun", "0 0 * * 1,3,0"],
  ["ranges of names", "0 0 1 apr-jun *", "0 0 1 4-6 *"],
  ["ranges of names go over the end of the week", "0 0 * * fri-mon", "0 0 * * 5,6,0,1"],
  ["ranges of names go over the end of the year", "0 0 1 nov-feb *", "0 0 1 11,12,1,2 *"],
  ["ranges of hours go over midnight", "0 22-2 * * *", "0 22,23,0,1,2 * * *"],
  ["a step goes over midnight with its range", "0 23-3/2 * * *", "0 23,1,3 * * *"],
  ["a step over midnight keeps its distance", "0 22-2/2 * * *", "0 22,0,2 * * *"],
  ["ranges of minutes go over the hour", "55-5/5 * * * *", "55,0,5 * * * *"],
  ["ranges of days go over the end of the month", "0 0 30-2 * *", "0 0 30,31,1,2 * *"],
  ["ranges of months go over the end of the year", "0 0 1 12-2 *", "0 0 1 12,1,2 *"],
  ["ranges of weekdays go over the end of the week", "0 0 * * 5-1", "0 0 * * 5,6,0,1"],
  ["a range from 7 begins on Sunday", "0 0 * * 7-2", "0 0 * * 0,1,2"],
  ["a range over the end may cover all", "0 5-4 * * *", "0 0-23 * * *"],
  ["7 is Sunday", "0 0 * * 7", "0 0 * * 0"],
  ["a range to 7 ends on Sunday", "0 0 * * 5-7", "0 0 * * 0,5,6"],
  ["7L is 0L", "0 0 * * 7L", "0 0 * * 0L"],
  ["7#2 is 0#2", "0 0 * * 7#2", "0 0 * * 0#2"],
  ["fri#L is the last Friday", "0 0 * * fri#L", "0 0 * * 5L"],
  ["L-0 is L", "0 0 L-0 * *", "0 0 L * *"],
  ["L-0W is LW", "0 0 L-0W * *", "0 0 LW * *"],
  ["a comment is passed over", "0 9 * * * # 5 in the evening", "0 9 * * *"],
  ["a line of comment is passed over", "# morning\n0 9 * * *", "0 9 * * *"],
  ["? is *, in day-of-month", "0 0 ? * 1", "0 0 * * 1"],
  ["? is *, in day-of-week", "0 0 1 * ?", "0 0 1 * *"],
  ["special forms know small letters", "0 0 lw * *", "0 0 LW * *"],
  ["WL is LW", "0 0 WL * *", "0 0 LW * *"],
  ["@hourly", "@hourly", "0 * * * *"],
  ["@daily", "@daily", "0 0 * * *"],
  ["@weekly is Sunday", "@weekly", "0 0 * * 0"],
  ["@monthly", "@monthly", "0 0 1 * *"],
  ["@yearly", "@yearly", "0 0 1 1 *"],
  ["@midnight is @daily", "@midnight", "0 0 * * *"],
  ["@annually is @yearly", "@annually", "0 0 1 1 *"],
  ["names with @ know capitals", "@DAILY", "0 0 * * *"],
  ["names with @ know any letters", "@Midnight", "0 0 * * *"],
];

for (const [name, expression, other] of same) {
  Deno.test(`cron: ${name}`, () => {
    assert.deepEqual(runs(expression, "2026-11-24T10:00Z", 50), runs(other, "2026-11-24T10:00Z", 50));
  });
}

type Days = [name: string, expression: string, year: number, days: string];

// Month and day of every occurrence in the year.
const days: readonly Days[] = [
  ["L is the last day of each month", "0 0 L 1-4 *", 2028, "01-31 02-29 03-31 04-30"],
  ["LW is the last day Monday to Friday", "0 0 LW 1-6 *", 2027, "01-29 02-26 03-31 04-30 05-31 06-30"],
  ["L-3 is three days before the last", "0 0 L-3 1-4 *", 2026, "01-28 02-25 03-28 04-27"],
  ["L-30 is there in months of 31 days", "0 0 L-30 1-4 *", 2026, "01-01 03-01"],
  ["L-2W is the workday nearest to that", "0 0 L-2W 1-6 *", 2026, "01-29 02-26 03-30 04-28 05-29 06-29"],
  ["l-2w knows small letters", "0 0 l-2w 1 *", 2026, "01-29"],
  ["15W on a Saturday is Friday the 14th", "0 0 15W 8 *", 2026, "08-14"],
  ["15W on a Sunday is Monday the 16th", "0 0 15W 3 *", 2026, "03-16"],
  ["15W on a weekday is that day", "0 0 15W 7 *", 2026, "07-15"],
  ["1W on a Saturday stays in its month", "0 0 1W 8 *", 2026, "08-03"],
  ["31W on a Sunday stays in its month", "0 0 31W 5 *", 2026, "05-29"],
  ["30W leaves February out", "0 0 30W 1-3 *", 2026, "01-30 03-30"],
  ["fri#2 is the second Friday", "0 0 * 1-3 fri#2", 2026, "01-09 02-13 03-13"],
  ["mon#5 is there in some months", "0 0 * 1-6 mon#5", 2026, "03-30 06-29"],
  ["5L is the last Friday", "0 0 * 1-3 5L", 2026, "01-30 02-27 03-27"],
  ["monL is the last Monday", "0 0 * 1-3 monL", 2026, "01-26 02-23 03-30"],
  ["special forms may be listed", "0 0 1,15W,L 2 *", 2026, "02-01 02-16 02-28"],
  ["special weekdays may be listed", "0 0 * 2 mon#1,fri#3,sunL", 2026, "02-02 02-20 02-22"],
  ["both days restricted mean either", "0 0 13 2-3 fri", 2026, "02-06 02-13 02-20 02-27 03-06 03-13 03-20 03-27"],
  ["either day counts for special forms too", "0 0 L 2 mon#1", 2026, "02-02 02-28"],
  ["a day that begins with * must match too", "0 0 */10 2-5 1", 2026, "05-11"],
  ["a weekday that begins with * must match too", "0 0 1-7 1-4 */7", 2026, "01-04 02-01 03-01 04-05"],
  ["special forms go with a day that begins with *", "0 0 */2 1-3 fri#2", 2026, "01-09 02-13 03-13"],
  ["a day the month lacks is left out", "0 0 31 * *", 2026, "01-31 03-31 05-31 07-31 08-31 10-31 12-31"],
  ["29 February is there in leap years", "0 0 29 2 *", 2028, "02-29"],
  ["29 February is not there in others", "0 0 29 2 *", 2027, ""],
];

for (const [name, expression, year, expected] of days) {
  Deno.test(`cron: ${name}`, () => {
    const found = runs(expression, `${year - 1}-12-31T23:59:59Z`, 60).filter((run) => run.startsWith(`${year}-`));
    assert.equal(found.map((run) => run.slice(5, 10)).join(" "), expected);
  });
}

type Refused = [expression: string, field: string, offset: number, message: RegExp];

const refused: readonly Refused[] = [
  ["60 * * * *", "minute", 0, /minute is "60", it must be 0 to 59 \(at position 1\)$/],
  ["* 24 * * *", "hour", 2, /hour is "24", it must be 0 to 23/],
  ["* * 0 * *", "day-of-month", 4, /day-of-month is "0", it must be 1 to 31/],
  ["* * 32 * *", "day-of-month", 4, /day-of-month is "32"/],
  ["* * * 0 *", "month", 6, /month is "0", it must be 1 to 12 or jan to dec/],
  ["* * * 13 *", "month", 6, /month is "13"/],
  ["* * * * 8", "day-of-week", 8, /day-of-week is "8", it must be 0 to 7 or sun to sat/],
  ["60 * * * * *", "second", 0, /second is "60"/],
  ["0 * * fab *", "month", 6, /month is "fab", did you mean "feb"\?/],
  ["0 0 * * monday", "day-of-week", 8, /day-of-week is "monday", did you mean "mon"\?/],
  ["0 0 * * mon,fry", "day-of-week", 12, /day-of-week is "fry", did you mean "fri"\?/],
  ["mon * * * *", "minute", 0, /minute is "mon", it must be 0 to 59/],
  ["-1 * * * *", "minute", 0, /minute is "-1"/],
  ["1.5 * * * *", "minute", 0, /minute is "1\.5"/],
  ["0x10 * * * *", "minute", 0, /minute is "0x10"/],
  ["1,,2 * * * *", "minute", 2, /minute has an empty element/],
  ["1-2-3 * * * *", "minute", 2, /minute is "2-3"/],
  ["*/0 * * * *", "minute", 2, /the step "0", it must be 1 to 60/],
  ["*/ * * * *", "minute", 2, /the step "", it must be 1 to 60/],
  ["1/2/3 * * * *", "minute", 2, /the step "2\/3"/],
  ["*/90 * * * *", "minute", 2, /the step "90", it must be 1 to 60; for longer steps use "every"/],
  ["? * * * *", "minute", 0, /"\?" is for day-of-month and day-of-week only, did you mean "\*"\?/],
  ["0 0 ?/2 * *", "day-of-month", 4, /"\?" takes no step, did you mean "\*"\?/],
  ["0 0 W * *", "day-of-month", 4, /"W" after a day, as in "15W"/],
  ["0 0 L-31 * *", "day-of-month", 6, /"31" after "L-", it must be 0 to 30/],
  ["0 0 LW-3 * *", "day-of-month", 4, /"L", "L-3", "LW" and "L-3W" stand alone/],
  ["0 0 1-L * *", "day-of-month", 4, /none takes a range or a step/],
  ["0 0 32W * *", "day-of-month", 4, /day-of-month is "32", it must be 1 to 31/],
  ["0 0 * * L", "day-of-week", 8, /"L", which needs a day before it, did you mean "5L"/],
  ["0 0 * * 8L", "day-of-week", 8, /day-of-week is "8"/],
  ["0 0 * * fri#6", "day-of-week", 12, /"6" after "#", it must be 1 to 5/],
  ["0 0 * * fri#", "day-of-week", 12, /"" after "#"/],
  ["0 0 * * fry#1", "day-of-week", 8, /did you mean "fri"\?/],
  ["* * * *", "cron", 7, /it has 4 fields, it must be 5 \(minute hour day-of-month month day-of-week\), or 6/],
  ["* * * * * * *", "cron", 12, /it has 7 fields.*a year cannot be given/],
  ["@dayly", "cron", 0, /unknown name "@dayly", did you mean "@daily"\?/],
  ["@fortnightly", "cron", 0, /one of @hourly @daily @midnight @weekly @monthly @yearly @annually/],
  ["@daily 5", "cron", 7, /"@daily" stands alone, "5" is the command/],
  ["@daily /usr/bin/backup", "cron", 7, /write "@daily", and the command as the job's script/],
  ["@every 5m", "cron", 0, /"@every" is no cron expression: write "every 5m"/],
  ["@reboot", "cron", 0, /write "manual", and let the machine run "jobctl jobs run" when it starts/],
  ["*/100 * * * *", "minute", 2, /must be 1 to 60; for longer steps use "every", as in "every 100m"/],
  ["* */48 * * *", "hour", 4, /as in "every 48h"/],
  ["0 0 1 */18 *", "month", 8, /the step "18", it must be 1 to 12 \(at/],
  ["H 4 * * *", "minute", 0, /minute is "H", and "H" is Jenkins's: write a value, such as "0"/],
  ["H/15 * * * *", "minute", 0, /such as "\*\/15", and give the job a spread/],
  ["0 H(0-7)/2 * * *", "hour", 2, /such as "0-7\/2"/],
  ["0 0 H * *", "day-of-month", 4, /such as "1"/],
  ["CRON_TZ=Europe/Berlin 0 9 * * *", "cron", 0, /write "0 9 \* \* \*", and "Europe\/Berlin" as the job's time zone/],
  ["TZ=UTC @daily", "cron", 0, /write "@daily", and "UTC" as the job's time zone/],
  [
    "*/5 * * * * /usr/bin/backup --all >/dev/null 2>&1",
    "cron",
    12,
    /"\/usr\/bin\/backup --all >\/dev\/null 2>&1" is the command of a crontab line: write "\*\/5 \* \* \* \*"/,
  ],
  ["0 5 * * * root run-parts /etc/cron.daily", "cron", 10, /"root run-parts .*" is the command .*write "0 5 \* \* \*"/],
  ["0 5 * * 1 backup", "cron", 10, /"backup" is the command/],
  ["0 5 * * 1 php x.php", "cron", 10, /"php x.php" is the command/],
  ["0 5 * * 1 ./x # nightly", "cron", 10, /"\.\/x" is the command/],
  ["0 0 5 * * 1 ./x", "cron", 12, /write "0 0 5 \* \* 1"/],
  ["0 0 5 * * fry", "day-of-week", 10, /did you mean "fri"\?/],
  ["0 0 12 * * ? 2030", "cron", 13, /a year cannot be given, write "0 0 12 \* \* \?"/],
];

for (const [expression, field, offset, message] of refused) {
  Deno.test(`cron "${expression}" is refused, naming ${field}`, () => {
    const prefix = "cron ";
    assert.throws(() => parseScheduleText(`${prefix}${expression}`), {
      name: "ScheduleError",
      field,
      offset: prefix.length + offset,
      message,
    });
  });
}

const huge: readonly string[] = [
  "*/1000000000000000 * * * *",
  "0-59/1000000000000000 * * * *",
  "0-1000000000000000 * * * *",
  "0-1000000000000000/1 * * * *",
  "1000000000000000/5 * * * *",
  "0/1000000000000000 * * * * *",
  "0 0 1-999999999999999999999999 * *",
  "0 0 * * 0-99999999999999999999",
  "0 0 99999999999999999999W * *",
  "0 0 L-99999999999999999999 * *",
  "0 0 L-99999999999999999999W * *",
  "1000000000000000-5 * * * *",
  "0 0 * * 99999999999999999999#L",
  "0 0 * * 1#99999999999999999999",
];

for (const expression of huge) {
  Deno.test(`cron "${expression}" is refused before anything is expanded`, () => {
    // Expanded, it would fill the memory.
    assert.throws(() => parseScheduleText(`cron ${expression}`), { name: "ScheduleError" });
  });
}

Deno.test("cron of more than 1000 characters is refused unread", () => {
  assert.throws(() => parseScheduleText(`cron ${"0,".repeat(600)}0 * * * *`), /longer than 1000 characters/);
});

Deno.test("cron reads a thousand equal elements as one", () => {
  const expression = `${Array.from({ length: 400 }, () => "7").join(",")} * * * *`;
  assert.deepEqual(runs(expression, "2026-11-24T10:00Z", 3), runs("7 * * * *", "2026-11-24T10:00Z", 3));
});

Deno.test("cron with seconds finds each second it names and no other", () => {
  const schedule = parseScheduleText("cron 58-59,0 59 23 31 12 *");
  const options = { timezone: "UTC", after: at("2026-12-31T23:59:00Z") };
  assert.equal(calculateNextRun(schedule, options), at("2026-12-31T23:59:58Z"));
  assert.equal(
    calculateNextRun(schedule, { ...options, after: at("2026-12-31T23:59:59Z") }),
    at("2027-12-31T23:59:00Z"),
  );
});
