import assert from "node:assert/strict";
import { epochMs } from "../../shared/domain/mod.ts";
import {
  convertReflexSchedule,
  parseReflexTime,
  REFLEX_ZONE,
  type ReflexSchedule,
} from "../../shared/importing/mod.ts";
import { formatSchedule, nextRuns } from "../../shared/schedule/mod.ts";

const FROM = Date.UTC(2026, 10, 27, 6, 3);
const UNTIL = Date.UTC(2027, 10, 27, 6, 3);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const MANUAL: ReflexSchedule = {
  scheduleType: "manual",
  intervalSeconds: 0,
  scheduleTime: null,
  scheduleDay: null,
  nextRun: null,
};

/** The instants of a year at which the old scheduler ran a job: each was computed in UTC from the one before. */
function oldRuns({ scheduleType, scheduleTime, scheduleDay }: ReflexSchedule): readonly number[] {
  const [hour = 0, minute = 0] = (scheduleTime ?? "00:00").split(":").map(Number);
  const runs: number[] = [];
  for (let day = Date.UTC(2026, 10, 26); day < UNTIL + 2 * DAY; day += DAY) {
    const date = new Date(day);
    const lastOfMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    const isDay = scheduleType === "daily" || scheduleType === "hourly" ||
      scheduleType === "weekly" && (date.getUTCDay() + 6) % 7 === (scheduleDay ?? 0) ||
      scheduleType === "monthly" && date.getUTCDate() === Math.min(scheduleDay ?? 1, lastOfMonth);
    if (!isDay) continue;
    const hours = scheduleType === "hourly" ? Array.from({ length: 24 }, (_, each) => each) : [hour];
    for (const each of hours) runs.push(day + each * HOUR + minute * 60_000);
  }
  return runs.filter((at) => at > FROM && at <= UNTIL);
}

function newRuns(old: ReflexSchedule): readonly number[] {
  const { schedule } = convertReflexSchedule(old);
  return nextRuns(schedule, { timezone: REFLEX_ZONE, after: epochMs(FROM) }, 9000).filter((at) => at <= UNTIL);
}

Deno.test("convertReflexSchedule() keeps every instant of the following year", async (t) => {
  const times = ["00:00", "00:07", "07:59", "08:00", "15:59", "16:00", "21:30", "23:59"];
  const cases: ReflexSchedule[] = [
    ...times.flatMap((scheduleTime) => [
      { ...MANUAL, scheduleType: "hourly", scheduleTime },
      { ...MANUAL, scheduleType: "daily", scheduleTime },
      ...[0, 1, 2, 3, 4, 5, 6, null].map((scheduleDay) => ({
        ...MANUAL,
        scheduleType: "weekly",
        scheduleTime,
        scheduleDay,
      })),
      ...Array.from({ length: 31 }, (_, day) => ({
        ...MANUAL,
        scheduleType: "monthly",
        scheduleTime,
        scheduleDay: day + 1,
      })),
    ]),
  ];
  const putRight: ReflexSchedule[] = [];
  await t.step("but for days that were stored a day too early", () => {
    for (const old of cases) {
      const name = `${old.scheduleType} ${old.scheduleDay} ${old.scheduleTime}`;
      if (convertReflexSchedule(old).notes.some((note) => note.startsWith("put right"))) putRight.push(old);
      else assert.deepEqual(newRuns(old), oldRuns(old), name);
    }
  });
  await t.step("which are days 28 to 30 from 16:00 UTC on, and run a day earlier in short months", () => {
    assert.deepEqual(
      putRight.map(({ scheduleDay, scheduleTime }) => `${scheduleDay} ${scheduleTime}`).toSorted(),
      [28, 29, 30].flatMap((day) => ["16:00", "21:30", "23:59"].map((time) => `${day} ${time}`)),
    );
    for (const old of putRight) {
      const before = oldRuns(old);
      const after = newRuns(old);
      assert.equal(after.length, before.length);
      before.forEach((at, index) => {
        // Days in the month that the run belonged to, in Hong Kong.
        const typed = new Date(at - DAY + 8 * HOUR);
        const days = new Date(Date.UTC(typed.getUTCFullYear(), typed.getUTCMonth() + 1, 0)).getUTCDate();
        const isLate = new Date(at + 8 * HOUR).getUTCDate() === 1 && days < (old.scheduleDay ?? 0) + 1;
        assert.equal(after[index], isLate ? at - DAY : at, new Date(at).toISOString());
      });
    }
  });
});

const texts: [name: string, old: Partial<ReflexSchedule>, text: string, note: RegExp | null][] = [
  [
    "turns a day of UTC into one of Hong Kong",
    { scheduleType: "weekly", scheduleTime: "18:00", scheduleDay: 6 },
    "weekly on mon at 02:00",
    null,
  ],
  [
    "turns the last day of a month into the first",
    { scheduleType: "monthly", scheduleTime: "21:00", scheduleDay: 31 },
    "monthly on 1 at 05:00",
    null,
  ],
  ["takes an interval where there is no type", { scheduleType: null, intervalSeconds: 3600 }, "every 1h", null],
  ["takes the minute of an hourly job alone", { scheduleType: "hourly", scheduleTime: "15" }, "hourly at :15", null],
  ["takes 00:00 UTC for a missing time", { scheduleType: "daily" }, "daily at 08:00", /no time was set/],
  [
    "takes 00:00 UTC for an unknown time",
    { scheduleType: "daily", scheduleTime: "25:99" },
    "daily at 08:00",
    /"25:99" is no time/,
  ],
  ["ignores seconds", { scheduleType: "daily", scheduleTime: "01:00:30" }, "daily at 09:00", null],
  [
    "takes Monday for a missing day",
    { scheduleType: "weekly", scheduleTime: "01:00" },
    "weekly on mon at 09:00",
    /took Monday/,
  ],
  [
    "counts a day on from Monday",
    { scheduleType: "weekly", scheduleTime: "01:00", scheduleDay: 9 },
    "weekly on wed at 09:00",
    /day 9/,
  ],
  [
    "takes the 1st for a missing day",
    { scheduleType: "monthly", scheduleTime: "01:00" },
    "monthly on 1 at 09:00",
    /took the 1st/,
  ],
  [
    "takes the last day for a day beyond the month",
    { scheduleType: "monthly", scheduleTime: "01:00", scheduleDay: 45 },
    "monthly on 31 at 09:00",
    /day 45/,
  ],
  [
    "says where a time may be 23 minutes late",
    { scheduleType: "daily", scheduleTime: "01:23" },
    "daily at 09:23",
    /23 minutes/,
  ],
];
for (const [name, old, text, note] of texts) {
  Deno.test(`convertReflexSchedule() ${name}`, () => {
    const { schedule, notes, isSound } = convertReflexSchedule({ ...MANUAL, ...old });
    assert.deepEqual([formatSchedule(schedule), isSound], [text, true]);
    if (note === null) assert.deepEqual(notes, []);
    else assert.match(notes.join("; "), note);
  });
}

for (
  const old of [{ scheduleType: "yearly" }, { scheduleType: "interval", intervalSeconds: 0 }, {
    scheduleType: "",
    intervalSeconds: -5,
  }]
) {
  Deno.test(`convertReflexSchedule() takes no schedule from ${JSON.stringify(old)}`, () => {
    const { schedule, notes, isSound } = convertReflexSchedule({ ...MANUAL, ...old });
    assert.deepEqual([schedule, isSound, notes.length], [{ kind: "manual" }, false, 1]);
  });
}

Deno.test("an interval goes on from where it was", () => {
  const nextRun = parseReflexTime("2026-11-27 06:04:05.250000");
  const { schedule } = convertReflexSchedule({ ...MANUAL, scheduleType: "interval", intervalSeconds: 90, nextRun });
  const runs = nextRuns(schedule, { timezone: REFLEX_ZONE, after: epochMs(FROM) }, 3);
  assert.deepEqual(runs.map((at) => new Date(at).toISOString()), [
    "2026-11-27T06:04:05.250Z",
    "2026-11-27T06:05:35.250Z",
    "2026-11-27T06:07:05.250Z",
  ]);
});

Deno.test("parseReflexTime() reads UTC with and without a zone", () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  for (
    const text of ["2026-01-02 03:04:05", "2026-01-02T03:04:05Z", "2026-01-02 11:04:05+08:00", "2026-01-02 03:04:05+00"]
  ) {
    assert.equal(parseReflexTime(text), at, text);
  }
  assert.deepEqual([parseReflexTime(null), parseReflexTime("soon")], [null, null]);
});
