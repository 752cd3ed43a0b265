import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describeSchedule, parseScheduleText } from "@jobtrigger/shared/schedule";
import { schedules } from "./_schedules.ts";

const cases: readonly (readonly [text: string, sentence: string])[] = [
  ["manual", "Only when run by hand"],
  ["once at 2026-12-01 9:00:30", "Once, at 2026-12-01 09:00:30"],
  ["every 1m", "Every minute"],
  ["every 5m", "Every 5 minutes"],
  ["every 3661s", "Every 1 hour 1 minute 1 second"],
  ["every 90m from 2026-11-23T08:00+08:00", "Every 1 hour 30 minutes, counted from 2026-11-23T00:00:00Z"],
  ["hourly at :05", "Every hour at :05"],
  ["daily at 09:00", "At 09:00 every day"],
  ["weekly on mon at 09:00", "At 09:00 on Monday"],
  ["weekly on mon-fri at 09:00", "At 09:00 on Monday to Friday"],
  ["weekly on sat,sun at 09:00", "At 09:00 on Saturday and Sunday"],
  ["weekly on fri-mon at 09:00", "At 09:00 on Monday, Friday, Saturday and Sunday"],
  ["weekly on mon-sun at 09:00", "At 09:00 every day"],
  ["monthly on 1 at 09:00", "At 09:00 on day 1 of every month"],
  ["monthly on 31 at 09:00", "At 09:00 on day 31 of every month, or on its last day where it is shorter"],
  ["monthly on last at 09:00", "At 09:00 on the last day of every month"],
  ["* * * * *", "Every minute"],
  ["*/5 * * * *", "Every 5 minutes"],
  ["*/10 * * * * *", "Every 10 seconds"],
  ["*/7 * * * *", "Every 7 minutes from the start of each hour"],
  ["0 */5 * * *", "Every 5 hours from the start of each day at :00"],
  ["*/5 9-17 * * mon-fri", "Every 5 minutes from 09:00 to 17:59 on Monday to Friday"],
  ["* 9 * * *", "Every minute from 09:00 to 09:59"],
  ["* 9,17 * * *", "Every minute during hours 9 and 17"],
  ["0 9-17/2 * * *", "Every 2 hours from 09:00 to 17:00 at :00"],
  ["5-10 * * * *", "Every minute from minute 5 to minute 10"],
  ["*/30 30 9 * * *", "Every 30 seconds during minute 30 from 09:00 to 09:59"],
  ["0 0,15,30,45 * * * *", "Every hour at :00, :15, :30 and :45"],
  ["0 9 * * *", "At 09:00 every day"],
  ["15 30 9 * * *", "At 09:30:15 every day"],
  ["0,30 9,12 * * *", "At 09:00, 09:30, 12:00 and 12:30 every day"],
  ["0 9 1,15 * *", "At 09:00 on days 1 and 15 of the month"],
  ["0 9 1-7,15 * *", "At 09:00 on day 15 and days 1 to 7 of the month"],
  ["0 9 */2 * *", "At 09:00 on every 2nd day from day 1 of the month"],
  ["0 9 10-20/3 * *", "At 09:00 on every 3rd day from day 10 to day 20 of the month"],
  ["0 9 L * *", "At 09:00 on the last day of the month"],
  ["0 9 LW * *", "At 09:00 on the last weekday of the month"],
  ["0 9 L-1 * *", "At 09:00 on the day before the last day of the month"],
  ["0 9 L-3 * *", "At 09:00 on 3 days before the last day of the month"],
  ["0 9 L-2W * *", "At 09:00 on the weekday nearest 2 days before the last day of the month"],
  ["0 9 */10 * 1", "At 09:00 on every 10th day from day 1 of the month and on Monday, both days must match"],
  ["0 9 1-7 * */7", "At 09:00 on days 1 to 7 of the month and on Sunday, both days must match"],
  ["0 22-2 * * *", "Every hour from 22:00 to 02:00 at :00"],
  ["*/30 22-2 * * *", "Every 30 minutes from 22:00 to 02:59"],
  ["0 9 1 12-2 *", "At 09:00 on day 1 of the month in December to February"],
  ["0 9 * * mon#L", "At 09:00 on the last Monday of the month"],
  ["0 9 15W * *", "At 09:00 on the weekday nearest day 15 of the month"],
  ["0 9 * * fri#2", "At 09:00 on the second Friday of the month"],
  ["0 9 * * 5L", "At 09:00 on the last Friday of the month"],
  ["0 9 * * 7", "At 09:00 on Sunday"],
  ["0 9 * * 0-7", "At 09:00 on any day of the week"],
  ["0 9 * * 1-5/2", "At 09:00 on Monday, Wednesday and Friday"],
  ["0 9 * * mon#1,fri", "At 09:00 on Friday and the first Monday of the month"],
  ["0 9 13 * fri", "At 09:00 on day 13 of the month or on Friday, either day matches"],
  ["0 9 * jun-aug *", "At 09:00 every day in June to August"],
  ["0 9 * */3 *", "At 09:00 every day in January, April, July and October"],
  ["0 9 * nov-feb fri-mon", "At 09:00 on Friday to Monday in November to February"],
  ["* * 29 2 *", "Every minute on day 29 of the month in February"],
  ["@hourly", "Every hour at :00"],
  ["@weekly", "At 00:00 on Sunday"],
  ["@yearly", "At 00:00 on day 1 of the month in January"],
];

for (const [text, sentence] of cases) {
  Deno.test(`describeSchedule() of "${text}" is "${sentence}"`, () => {
    assert.equal(describeSchedule(parseScheduleText(text)), sentence);
  });
}

Deno.test("describeSchedule() names the zone after wall times only", () => {
  const inHongKong = (text: string) => describeSchedule(parseScheduleText(text), "Asia/Hong_Kong");
  for (const text of ["once at 2026-12-01 09:00", "hourly at :05", "daily at 09:00", "weekly on mon at 09:00"]) {
    assert.match(inHongKong(text), / \(Asia\/Hong_Kong\)$/);
  }
  assert.match(inHongKong("monthly on 1 at 09:00"), / \(Asia\/Hong_Kong\)$/);
  assert.match(inHongKong("@daily"), / \(Asia\/Hong_Kong\)$/);
  assert.equal(inHongKong("every 5m"), "Every 5 minutes");
  assert.equal(inHongKong("manual"), "Only when run by hand");
});

Deno.test("describeSchedule() describes any schedule in one line", () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      const sentence = describeSchedule(schedule);
      assert.match(sentence, /^[A-Z][\x20-\x7e]*[^ .]$/);
      assert.doesNotMatch(sentence, /undefined|NaN|null| {2}/);
    }),
    { seed: 20_261_124, numRuns: 2_000 },
  );
});
