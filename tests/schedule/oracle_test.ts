import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  calculateNextRun,
  countRuns,
  type DstPolicy,
  latestRunAtOrBefore,
  nextRuns,
  parseScheduleText,
} from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";
import { changesOf, faceOf, type Meaning, type Moment, occurrences, walk } from "./_oracle.ts";
import { crons, days, matchesDays, meanings, months, policies } from "./_meanings.ts";
import { zonesOfDay } from "./_zones.ts";

const SEED = 20_261_124;
const HOUR = 3600;
const ZONES = Intl.supportedValuesOf("timeZone");

/** The engine must find the occurrences of a walk over the same span: forwards, backwards, counted. */
function compare(zone: string, moments: readonly Moment[], meaning: Meaning, dst: DstPolicy, step: number): void {
  const [first, last] = [moments[0]?.at ?? 0, moments.at(-1)?.at ?? 0];
  const expected = occurrences(moments, meaning, dst, step);
  const schedule = parseScheduleText(meaning.text);
  const before = epochMs(first * 1000 - 1);
  const end = epochMs(last * 1000);
  const name = `${meaning.text} in ${zone} from ${new Date(first * 1000).toISOString()} with ${JSON.stringify(dst)}`;
  const found = nextRuns(schedule, { timezone: zone, after: before, dst }, expected.length + 1)
    .filter((at) => at <= end).map((at) => at / 1000);
  assert.deepEqual(found.map(iso), expected.map(iso), name);
  assert.equal(
    countRuns(schedule, { timezone: zone, after: before, until: end, dst, limit: 1e6 }),
    expected.length,
    name,
  );
  for (let at = first; at <= last; at += Math.ceil((last - first) / 30)) {
    const latest = latestRunAtOrBefore(schedule, { timezone: zone, at: epochMs(at * 1000), notBefore: before, dst });
    assert.equal(
      latest === null ? null : latest / 1000,
      expected.findLast((due) => due <= at) ?? null,
      `${name}: ${at}`,
    );
  }
}

function iso(second: number): string {
  return new Date(second * 1000).toISOString();
}

/** Half a day on both sides of a change, plus the change's own length. */
function around(zone: string, change: number, margin: number, step: number): Moment[] {
  const offset = (at: number) =>
    Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone).offsetNanoseconds / 1e9;
  const shift = Math.abs(offset(change) - offset(change - 1));
  return walk(zone, change - shift - margin, change + shift + margin, step);
}

Deno.test("the engine agrees with a walk over every minute around clock changes in every zone of the day", () => {
  for (const { zone, seed } of zonesOfDay()) {
    const changes = changesOf(zone, 1973, 2060);
    // A zone whose clocks no longer change is walked on the day the leap second of 2016 fell.
    const centres = changes.length === 0 ? [Date.UTC(2017, 0, 1) / 1000] : changes;
    const property = fc.property(
      fc.constantFrom(...centres.slice(-80)),
      fc.array(fc.tuple(meanings, policies), { minLength: 6, maxLength: 6 }),
      (change, schedules) => {
        const moments = around(zone, change, 8 * HOUR, 60);
        for (const [meaning, dst] of schedules) compare(zone, moments, meaning, dst, 60);
      },
    );
    fc.assert(property, { seed, numRuns: 5 });
  }
});

// Shifts of a day, of half an hour, of 24 minutes, at midnight, twice in a month; years in which rules changed.
const HARD: readonly (readonly [zone: string, year: number])[] = [
  ["Pacific/Apia", 2011],
  ["Pacific/Kwajalein", 1993],
  ["Pacific/Kiritimati", 1994],
  ["Australia/Lord_Howe", 2026],
  ["America/Havana", 2026],
  ["Asia/Beirut", 2021],
  ["Asia/Kathmandu", 1985],
  ["Asia/Singapore", 1981],
  ["America/Caracas", 2016],
  ["Asia/Pyongyang", 2018],
  ["Africa/Casablanca", 2026],
  ["Africa/Cairo", 2010],
  ["Antarctica/Troll", 2026],
  ["America/Sao_Paulo", 2017],
  ["Asia/Gaza", 2023],
  ["Europe/Dublin", 2026],
  ["Europe/London", 1947],
  ["America/St_Johns", 1988],
];

for (const [zone, year] of HARD) {
  Deno.test(`the engine agrees with a walk over every minute of the changes of ${year} in ${zone}`, () => {
    const changes = changesOf(zone, year, year + 1);
    assert.ok(changes.length > 0);
    for (const change of changes) {
      const moments = around(zone, change, 8 * HOUR, 60);
      const property = fc.property(meanings, policies, (meaning, dst) => compare(zone, moments, meaning, dst, 60));
      fc.assert(property, { seed: SEED, numRuns: 200 });
    }
  });
}

Deno.test("the engine agrees with a walk over every second where offsets have seconds", () => {
  const changes = ZONES.flatMap((zone) => changesOf(zone, 1800, 1972).map((change) => ({ zone, change })))
    .filter(({ zone, change }) => {
      const [now, before] = [change, change - 1].map((at) =>
        Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone).offsetNanoseconds / 1e9
      );
      return now !== undefined && before !== undefined && (now % 60 !== 0 || before % 60 !== 0) &&
        Math.abs(now - before) < 2 * HOUR;
    });
  assert.ok(changes.length > 100);
  const property = fc.property(
    fc.constantFrom(...changes),
    fc.array(fc.tuple(crons(true), policies), { minLength: 6, maxLength: 6 }),
    ({ zone, change }, schedules) => {
      const moments = around(zone, change, HOUR / 2, 1);
      for (const [meaning, dst] of schedules) compare(zone, moments, meaning, dst, 1);
    },
  );
  fc.assert(property, { seed: SEED, numRuns: 60 });
});

Deno.test("the days of cron expressions agree with a walk over every day of years", () => {
  const property = fc.property(fc.integer({ min: 1890, max: 2410 }), months, days, (year, month, day) => {
    const text = `cron 0 0 ${day[0]?.text ?? "?"} ${month.text} ${day[1]?.text ?? "*"}`;
    const start = Date.UTC(year, 0, 1);
    const expected: string[] = [];
    for (let at = start; at < Date.UTC(year + 3, 0, 1); at += 86_400_000) {
      const face = faceOf(at / 1000);
      if (month.matches(face.month) && matchesDays(day, face)) expected.push(iso(at / 1000));
    }
    const options = { timezone: "UTC", after: epochMs(start - 1) };
    const found = nextRuns(parseScheduleText(text), options, expected.length);
    assert.deepEqual(found.map((at) => iso(at / 1000)), expected, `${text} from ${year}`);
    const after = found.at(-1) ?? options.after;
    const beyond = calculateNextRun(parseScheduleText(text), { ...options, after });
    assert.ok(beyond === null || beyond >= Date.UTC(year + 3, 0, 1), `${text} from ${year}`);
  });
  fc.assert(property, { seed: SEED, numRuns: 400 });
});
