/**
 * The engine against croner, which parses expressions itself, finds days by itself and reads zones through Intl. Where
 * clocks change, both move fixed times to the end of a gap and run them at the first pass of a repeated hour, and let
 * all others follow elapsed time. They agree everywhere but for this, which is left out:
 *
 * - Expressions that croner reads differently or not at all: `LW` in a list; `L-3`; `fri#L`; ranges over the end (`22-2`,
 *   `fri-mon`, `sun-sun`); in the time fields, a range of one value (`5-5`), which is a single value to croner; both days
 *   given, of which one begins with an asterisk, where croner takes either.
 * - Repetition within some hours of the day, near a gap: croner does not make up for it.
 * - Gaps that end on another day than they begin, as in Dhaka in 2009 and in Apia, which lost a whole day: croner looks
 *   for the end of a gap on the day of the wall time alone.
 * - Changes by more than three hours, as in Vostok in 1994: croner looks no farther for the other pass of a wall time.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Cron } from "croner";
import * as fc from "fast-check";
import { calculateNextRun, parseScheduleText } from "@jobtrigger/shared/schedule";
import { epochMs } from "@jobtrigger/shared/domain";
import { crons } from "./_meanings.ts";
import { changesOf, type Meaning } from "./_oracle.ts";
import { zonesOfDay } from "./_zones.ts";

const DAY = 86_400;
const WEEK = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Whether croner reads the text of a cron schedule as the engine does. */
function isReadAlike(text: string): boolean {
  if (/LW,|,LW|L-|#L|sun-sun|\b(\d+)-\1\b/.test(text)) return false;
  const [monthDay = "", , weekDay = ""] = text.split(" ").slice(-3);
  const areBothGiven = monthDay !== "*" && weekDay !== "?";
  if (areBothGiven && (monthDay.startsWith("*") || weekDay.startsWith("*"))) return false;
  if ([...text.matchAll(/(\d+)-(\d+)/g)].some(([, from, to]) => Number(from) > Number(to))) return false;
  const ranges = text.matchAll(/([a-z]{3})-([a-z]{3})/g);
  return ranges.every(([, from = "", to = ""]) => WEEK.indexOf(from) < (to === "sun" ? 7 : WEEK.indexOf(to)));
}

const expressions: fc.Arbitrary<Meaning> = fc.oneof(crons(false), crons(true)).filter(({ text }) => isReadAlike(text));

/** Whether the two treat a change of a zone's clocks alike. */
function isTreatedAlike(zone: string, change: number): boolean {
  const [before, after] = [change - 1, change].map((at) =>
    Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone).offsetNanoseconds / 1e9
  );
  if (before === undefined || after === undefined || Math.abs(after - before) > 3 * 3600) return false;
  return after < before || Math.floor((change + before) / DAY) === Math.floor((change + after) / DAY);
}

/** Whether a zone's clocks go forward. */
function isGap(zone: string, change: number): boolean {
  const [before = 0, after = 0] = [change - 1, change].map((at) =>
    Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone).offsetNanoseconds
  );
  return after > before;
}

/** Croner's answer, in milliseconds. Croner has two rules of its own for which expressions are fixed times. */
function ask({ text, isFixed }: Pick<Meaning, "text" | "isFixed">, timezone: string): (after: number) => number | null {
  const fixedTimeRule = isFixed ? "no-wildcard" : "single-value";
  const job = new Cron(text.slice("cron ".length).trim(), { timezone, fixedTimeRule, sloppyRanges: true });
  return (after) => job.nextRun(new Date(after))?.getTime() ?? null;
}

const iso = (at: number | null) => at === null ? null : new Date(at).toISOString();

Deno.test("calculateNextRun() agrees with croner in every zone of the day, on ordinary days and around changes", () => {
  let ordinary = 0;
  let changing = 0;
  const zones = zonesOfDay();
  for (const { zone: timezone, seed } of zones) {
    const changes = changesOf(timezone, 1973, 2100);
    const gaps = changes.filter((change) => isGap(timezone, change));
    const alike = changes.filter((change) => change < Date.UTC(2060, 0) / 1000 && isTreatedAlike(timezone, change));
    const instants = fc.oneof(
      { weight: 1 + alike.length, arbitrary: fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2060, 0) }) },
      ...alike.map((change) => fc.integer({ min: (change - DAY) * 1000, max: (change + DAY / 4) * 1000 })),
    );
    const property = fc.property(expressions, instants, (meaning, start) => {
      const schedule = parseScheduleText(meaning.text);
      const askCroner = ask(meaning, timezone);
      const isMadeUp = !meaning.isFixed && meaning.leavesHoursOut;
      const unlike = changes.filter((change) =>
        !isTreatedAlike(timezone, change) || (isMadeUp && gaps.includes(change))
      ).map((change) => change * 1000);
      let after = start;
      for (let run = 0; run < 3; run++) {
        const next = calculateNextRun(schedule, { timezone, after: epochMs(after) });
        // A day more on both sides: a wall time may fall into a gap that begins after it.
        const end = (next ?? Infinity) + DAY * 1000;
        if (unlike.some((change) => after - DAY * 1000 <= change && change <= end)) return;
        const asked = `${meaning.text} in ${timezone} after ${iso(after)}`;
        assert.equal(iso(next), iso(askCroner(after)), asked);
        if (next === null) return;
        if (changes.some((change) => after < change * 1000 + DAY * 1000 && change * 1000 <= next)) changing++;
        else ordinary++;
        after = next;
      }
    });
    fc.assert(property, { seed, numRuns: 25 });
  }
  assert.ok(
    ordinary > 25 * zones.length && changing > 5 * zones.length,
    `${ordinary} ordinary answers and ${changing} near a change`,
  );
});

// Should croner come to agree, what is left out above can come in.
type Difference = [name: string, cron: string, zone: string, after: string, ours: string, croners: string];

const differences: readonly Difference[] = [
  [
    "a gap over midnight",
    "30 23 * * *",
    "Asia/Dhaka",
    "2009-06-19T12:00:00Z",
    "2009-06-19T17:00:00.000Z",
    "2009-06-20T16:30:00.000Z",
  ],
  [
    "a gap of a day",
    "0 0 30 * *",
    "Pacific/Apia",
    "2011-12-29T23:00:00Z",
    "2011-12-30T10:00:00.000Z",
    "2012-01-29T10:00:00.000Z",
  ],
  [
    "seven hours that come twice",
    "59 18/23 * * *",
    "Antarctica/Vostok",
    "1994-01-31T16:59:00Z",
    "1994-01-31T18:59:00.000Z",
    "1994-02-01T18:59:00.000Z",
  ],
  [
    "a range of one hour",
    "30 2-2 * * *",
    "Europe/Berlin",
    "2026-10-25T00:30:00Z",
    "2026-10-25T01:30:00.000Z",
    "2026-10-26T01:30:00.000Z",
  ],
  [
    "repetition in an hour that a gap swallows",
    "*/30 2 * * *",
    "Europe/Berlin",
    "2026-03-28T12:00:00Z",
    "2026-03-29T01:00:00.000Z",
    "2026-03-30T00:00:00.000Z",
  ],
  [
    "both days given, one with an asterisk",
    "0 0 */10 * 1",
    "UTC",
    "2026-05-01T00:00:00Z",
    "2026-05-11T00:00:00.000Z",
    "2026-05-04T00:00:00.000Z",
  ],
];

for (const [name, cron, timezone, start, ours, croners] of differences) {
  Deno.test(`calculateNextRun() differs from croner in ${name}`, () => {
    const after = Date.parse(start);
    const meaning = { text: `cron ${cron}`, isFixed: /^[\d ]+[* ]+$/.test(cron) };
    const schedule = parseScheduleText(meaning.text);
    assert.equal(iso(calculateNextRun(schedule, { timezone, after: epochMs(after) })), ours);
    assert.equal(iso(ask(meaning, timezone)(after)), croners);
  });
}
