/**
 * The engine against luxon, which reads zones through Intl and shares nothing with it. Each zone is asked for a year and
 * a half of days around a random change, at times of day near that change, where gaps and folds are.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as fc from "fast-check";
// @ts-types="npm:@types/luxon@^3.7.1"
import { DateTime, IANAZone } from "luxon";
import { type DstPolicy, nextRuns, parseScheduleText } from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";
import { policies } from "./_meanings.ts";
import { changesOf } from "./_oracle.ts";
import { zonesOfDay } from "./_zones.ts";

const DAY = 86_400_000;

const zones = zonesOfDay();

/** The instants at which a date and time is on the wall in a zone, and, if there are none, the first after them. */
function instantsOf(zone: IANAZone, wall: number): { readonly shown: readonly number[]; readonly afterGap: number } {
  const offsets = new Set<number>();
  for (const around of [-DAY, 0, DAY]) offsets.add(zone.offset(wall + around));
  const offsetsNow = [...offsets].sort((a, b) => b - a);
  const shown = offsetsNow.map((offset) => wall - offset * 60_000)
    .filter((at) => at + zone.offset(at) * 60_000 === wall);
  // The wall shows less than `wall` at `low` and more at `high`; between two changes it only moves forward.
  let [low, high] = [wall - (offsetsNow[0] ?? 0) * 60_000 - 1, wall - (offsetsNow.at(-1) ?? 0) * 60_000 + 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle + zone.offset(middle) * 60_000 < wall) low = middle;
    else high = middle;
  }
  return { shown, afterGap: high };
}

/** The changes of a zone, but for the day that Apia, Kiritimati and others lost: offsets a day around a wall time do not tell of it. */
function shortChangesOf(zone: IANAZone): readonly number[] {
  const isShort = (change: number) => Math.abs(zone.offset(change * 1000) - zone.offset(change * 1000 - 1)) < 23 * 60;
  return changesOf(zone.name, 1975, 2037).filter(isShort);
}

function due(zone: IANAZone, wall: number, dst: DstPolicy): readonly number[] {
  const { shown, afterGap } = instantsOf(zone, wall);
  if (shown.length === 0) return dst.gap === "after" ? [afterGap] : [];
  return { first: shown.slice(0, 1), second: shown.slice(-1), both: shown }[dst.fold];
}

const iso = (at: number) => new Date(at).toISOString();

Deno.test("daily times agree with luxon in every zone of the day around its changes", () => {
  let gaps = 0;
  let folds = 0;
  for (const { zone: name, seed } of zones) {
    const zone = IANAZone.create(name);
    const changes = shortChangesOf(zone);
    const centres = changes.length === 0 ? [Date.UTC(2017, 0, 1) / 1000] : changes;
    const property = fc.property(
      fc.constantFrom(...centres),
      fc.integer({ min: -90, max: 90 }),
      policies,
      (change, minutes, dst) => {
        // Read by the offset before the change: minutes from 0 on fall into a gap, minutes below 0 come twice.
        const offset = zone.offset(change * 1000 - 1);
        const local = DateTime.fromMillis((change + (offset + minutes) * 60) * 1000, { zone: "utc" }).startOf("minute");
        const minute = local.hour * 60 + local.minute;
        const first = Math.floor((change * 1000) / DAY) * DAY - 3 * DAY;
        const walls = Array.from({ length: 7 }, (_, day) => first + day * DAY + minute * 60_000);
        const expected = walls.flatMap((wall) => due(zone, wall, dst)).sort((a, b) => a - b);
        const text = `daily at ${local.toFormat("HH:mm")}`;
        const options = { timezone: name, after: epochMs((expected[0] ?? 0) - 1), dst };
        const found = nextRuns(parseScheduleText(text), options, expected.length);
        const asked = `${text} in ${name} around ${iso(change * 1000)} with ${JSON.stringify(dst)}`;
        assert.deepEqual(found.map(iso), expected.map(iso), asked);
        for (const wall of walls) {
          const { shown } = instantsOf(zone, wall);
          if (shown.length === 0) gaps++;
          if (shown.length > 1) folds++;
        }
      },
    );
    fc.assert(property, { seed, numRuns: 20 });
  }
  assert.ok(
    gaps > zones.length && folds > zones.length,
    `they met ${gaps} gaps and ${folds} folds, too few to prove anything`,
  );
});

Deno.test("repeating expressions agree with luxon in every zone of the day around its changes", () => {
  let madeUp = 0;
  let bothPasses = 0;
  for (const { zone: name, seed } of zones) {
    const zone = IANAZone.create(name);
    const changes = shortChangesOf(zone);
    if (changes.length === 0) continue;
    const property = fc.property(
      fc.constantFrom(...changes),
      fc.constantFrom(10, 20, 30),
      fc.boolean(),
      policies,
      (change, step, isEveryHour, dst) => {
        // Every other hour from the one that the change begins in, or every hour.
        const local = DateTime.fromMillis((change + zone.offset(change * 1000 - 1) * 60) * 1000, { zone: "utc" });
        const hours = Array.from({ length: 24 }, (_, hour) => hour)
          .filter((hour) => isEveryHour || hour % 2 === local.hour % 2);
        const text = `cron */${step} ${isEveryHour ? "*" : `${local.hour % 2}-23/2`} * * *`;
        const first = Math.floor((change * 1000) / DAY) * DAY - DAY;
        const walls = Array.from({ length: 3 }, (_, day) => first + day * DAY).flatMap((day) =>
          hours.flatMap((hour) =>
            Array.from({ length: 60 / step }, (_, part) => day + (hour * 60 + part * step) * 60_000)
          )
        );
        const makesUp = dst.gap === "after" && !isEveryHour;
        const due = new Set(walls.flatMap((wall) => {
          const { shown, afterGap } = instantsOf(zone, wall);
          if (shown.length === 0 && makesUp) madeUp++;
          if (shown.length > 1) bothPasses++;
          return shown.length === 0 && makesUp ? [afterGap] : shown;
        }));
        const expected = [...due].sort((a, b) => a - b);
        const options = { timezone: name, after: epochMs((expected[0] ?? 0) - 1), dst };
        const found = nextRuns(parseScheduleText(text), options, expected.length);
        const asked = `${text} in ${name} around ${iso(change * 1000)} with ${JSON.stringify(dst)}`;
        assert.deepEqual(found.map(iso), expected.map(iso), asked);
      },
    );
    fc.assert(property, { seed, numRuns: 5 });
  }
  assert.ok(
    madeUp > zones.length / 3 && bothPasses > zones.length / 3,
    `they met ${madeUp} gaps and ${bothPasses} folds, too few`,
  );
});

Deno.test("every schedule kind with a wall time shows that time on luxon's clock", () => {
  const cases: readonly (readonly [text: string, shows: (time: DateTime) => boolean])[] = [
    ["hourly at :15", (time) => time.minute === 15],
    ["daily at 12:34", (time) => time.toFormat("HH:mm") === "12:34"],
    ["weekly on mon,fri at 12:00", (time) => [1, 5].includes(time.weekday) && time.hour === 12],
    ["monthly on 31 at 12:00", (time) => time.day === time.daysInMonth && time.hour === 12],
    ["monthly on last at 12:00", (time) => time.day === time.daysInMonth && time.hour === 12],
    ["cron 30 12 15W * *", (time) => time.weekday <= 5 && time.day >= 14 && time.day <= 16 && time.hour === 12],
    ["cron 0 12 * * fri#2", (time) => time.weekday === 5 && time.day >= 8 && time.day <= 14],
    ["cron 0 12 * * 0L", (time) => time.weekday === 7 && time.day > (time.daysInMonth ?? 0) - 7],
    [
      "cron */20 9-17 * * mon-fri",
      (time) => time.weekday <= 5 && time.hour >= 9 && time.hour <= 17 && time.minute % 20 === 0,
    ],
  ];
  for (const timezone of Intl.supportedValuesOf("timeZone")) {
    for (const [text, shows] of cases) {
      const runs = nextRuns(parseScheduleText(text), { timezone, after: epochMs(Date.UTC(2026, 2, 1)) }, 15);
      assert.equal(runs.length, 15, `${text} in ${timezone}`);
      for (const at of runs) {
        const time = DateTime.fromMillis(at, { zone: timezone });
        assert.ok(shows(time) && time.second === 0, `${text} in ${timezone}: ${time.toISO()}`);
      }
    }
  }
});
