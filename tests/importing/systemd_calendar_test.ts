import assert from "node:assert/strict";
import { epochMs } from "../../shared/domain/mod.ts";
import { calendarSchedule } from "../../shared/importing/mod.ts";
import { nextRuns, parseScheduleText } from "../../shared/schedule/mod.ts";
import { programTest } from "../support/program.ts";

/** An expression and what it means here; null: it is refused. */
const CASES: readonly (readonly [text: string, schedule: string | null, timezone?: string])[] = [
  ["minutely", "cron * * * * *"],
  ["hourly", "hourly at :00"],
  ["daily", "daily at 00:00"],
  ["Weekly", "weekly on mon at 00:00"],
  ["monthly", "monthly on 1 at 00:00"],
  ["quarterly", "cron 0 0 1 1,4,7,10 *"],
  ["semi-annually", "cron 0 0 1 1,7 *"],
  ["yearly", "cron 0 0 1 1 *"],
  ["daily Europe/Berlin", "daily at 00:00", "Europe/Berlin"],
  ["Mon..Fri", "weekly on mon,tue,wed,thu,fri at 00:00"],
  ["mon-fri 9:00", "weekly on mon,tue,wed,thu,fri at 09:00"],
  ["Wed, 17:48", "weekly on wed at 17:48"],
  ["Saturday,Sun 9:5", "weekly on sat,sun at 09:05"],
  ["Mon..Sun 12:00", "daily at 12:00"],
  ["*-*-* 04:30:00 UTC", "daily at 04:30", "UTC"],
  ["*:0/15", "cron */15 * * * *"],
  ["*:5/15", "cron 5-59/15 * * * *"],
  ["*-*-* *:*:0/20", "cron */20 * * * * *"],
  ["0/6:00", "cron 0 */6 * * *"],
  ["3..6,9:00", "cron 0 3-6,9 * * *"],
  ["*-*-* 8..18/2:30:00 Europe/Berlin", "cron 30 8-18/2 * * *", "Europe/Berlin"],
  ["10:00..30", "cron 0-30 10 * * *"],
  ["*-*-* 03:15:30", "cron 30 15 3 * * *"],
  ["*-*-1,15 6:00", "cron 0 6 1,15 * *"],
  ["*-*-1/2", "cron 0 0 1-31/2 * *"],
  ["*-*-31 12:00", "cron 0 12 31 * *"],
  ["5-1 8:00", "cron 0 8 1 5 *"],
  ["*-*~1 23:00", "monthly on last at 23:00"],
  ["*-*~3", "cron 0 0 L-2 * *"],
  ["*-2~3..5 1:00", "cron 0 1 L-2,L-3,L-4 2 *"],
  ["Mon *-5~7/1", "cron 0 0 * 5 monL"],
  ["*-*~10/4", "cron 0 0 L-1,L-5,L-9 * *"],
  ["*-*~2..9/3", "cron 0 0 L-1,L-4,L-7 * *"],
  ["Mon *-5~1..7 7:00", "cron 0 7 * 5 monL"],
  ["Mon *-*-1..7 6:00", "cron 0 6 * * mon#1"],
  ["Tue,Thu *-*-8..14", "cron 0 0 * * tue#2,thu#2"],
  ["Sat *-*-1..10 2:00", "cron 0 2 */31,2,3,4,5,6,7,8,9,10 * sat"],
  ["Sat,Sun *-*-20..31", "cron 0 0 20-31 * */7,sat"],
  ["Fri *-*-13", null],
  ["2030-01-31 09:00", "once at 2030-01-31 09:00"],
  ["30-1-31 9:00", "once at 2030-01-31 09:00"],
  ["@1893456000", "once at 2030-01-01 00:00:00", "UTC"],
  ["2030-*-1 9:00", null],
  ["2030..2032-1-1", null],
  ["*:*:0/0.5", null],
  ["Fri..Mon 1:00", null],
  ["*-13-1", null],
  ["25:00", null],
  ["*:*/5", null],
  ["12", null],
  ["nonsense", null],
  ["", null],
];

for (const [text, schedule, timezone = null] of CASES) {
  Deno.test(`calendarSchedule() reads "${text}" as ${schedule ?? "what it cannot say"}`, () => {
    const said = calendarSchedule(text);
    if (schedule === null) assert.ok("problem" in said, JSON.stringify(said));
    else assert.deepEqual(said, { schedule, timezone });
  });
}

/** How many times of each expression are compared. */
const TIMES = 8;
const FROM = "2027-01-01 00:00:00 UTC";

await programTest("systemd-analyze", "calendarSchedule() means the times that systemd does", async () => {
  const cases = CASES.flatMap(([text, schedule, zone]) => schedule === null ? [] : [[text, schedule, zone] as const]);
  const args = ["calendar", `--base-time=${FROM}`, `--iterations=${TIMES}`, ...cases.map(([text]) => text)];
  const { success, stdout } = await new Deno.Command("systemd-analyze", { args, env: { TZ: "UTC", LANG: "C" } })
    .output();
  assert.ok(success);
  const parts = new TextDecoder().decode(stdout).trim().split(/\n\n/);
  assert.equal(parts.length, cases.length);
  for (const [index, [text, schedule, timezone = "UTC"]] of cases.entries()) {
    const expected = [...(parts[index] ?? "").matchAll(/(?:Next elapse|Iter. #\d+): \w+ (\S+) (\S+) UTC/g)]
      .map(([, date, time]) => `${date}T${time}.000Z`);
    const after = epochMs(Date.parse("2027-01-01T00:00:00Z"));
    const found = nextRuns(
      parseScheduleText(schedule),
      { timezone, after, dst: { gap: "after", fold: "first" } },
      TIMES,
    );
    assert.deepEqual(found.map((at) => new Date(at).toISOString()), expected, text);
  }
});
