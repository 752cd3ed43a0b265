/**
 * What `schedule.ts` asks, and whom: the engine in three states of knowledge, croner and cron-parser in two.
 *
 * @module
 */
import { CronExpressionParser } from "cron-parser";
import { Cron } from "croner";
import { type EpochMs, epochMs } from "@jobtrigger/shared/domain";
import { calculateNextRun, type Schedule } from "@jobtrigger/shared/schedule";

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly schedule: Schedule;
  /** The same for the peers; null where they have nothing like it. */
  readonly peers: string | null;
}

const cron = (expression: string): Row => ({
  name: `\`${expression}\``,
  schedule: { kind: "cron", expression },
  peers: expression,
});

/** What people schedule: often, in working hours, once a day, seldom; and each kind that is not cron. */
export const ROWS: readonly Row[] = [
  cron("* * * * *"),
  cron("*/10 * * * * *"),
  cron("*/5 * * * *"),
  cron("0 * * * *"),
  cron("*/5 9-17 * * mon-fri"),
  cron("0 6,18 * * *"),
  cron("0 9 * * *"),
  cron("30 2 * * *"),
  cron("0 0 * * *"),
  cron("0 9 * * mon-fri"),
  cron("0 3 * * sun"),
  cron("0 9 1 * *"),
  cron("0 0 L * *"),
  cron("0 9 * * mon#1"),
  cron("0 0 31 * *"),
  cron("0 0 29 2 *"),
  { name: "hourly", schedule: { kind: "hourly", minute: 15 }, peers: "15 * * * *" },
  { name: "daily", schedule: { kind: "daily", time: "09:00" }, peers: "0 9 * * *" },
  { name: "weekly", schedule: { kind: "weekly", days: ["mon", "fri"], time: "09:00" }, peers: "0 9 * * mon,fri" },
  { name: "monthly", schedule: { kind: "monthly", day: 15, time: "09:00" }, peers: "0 9 15 * *" },
  { name: "monthly, last", schedule: { kind: "monthly", day: "last", time: "09:00" }, peers: "0 9 L * *" },
  { name: "once", schedule: { kind: "once", at: "2029-12-01T09:00" }, peers: null },
  {
    name: "interval",
    schedule: { kind: "interval", everySeconds: 300, anchor: "2026-11-23T00:00:00Z" },
    peers: null,
  },
];

/** One zone without changes, one that had some, three that have: in the north, in the west, by half an hour. */
export const ZONES: readonly string[] = [
  "UTC",
  "Asia/Hong_Kong",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
];

/** Days as any other, and an hour before, a second before, at and half an hour after two changes of the zone's clocks. */
export function instantsIn(zone: string): EpochMs[] {
  const ordinary = ["2026-11-24T10:00:00Z", "2027-01-31T23:59:59Z", "2027-06-15T04:41:17Z", "2028-02-28T12:30:00Z"];
  const start = Temporal.Instant.from("2027-01-01T00:00:00Z").toZonedDateTimeISO(zone);
  const first = start.getTimeZoneTransition("next") ?? start;
  const second = first.getTimeZoneTransition("next") ?? start.add({ months: 6 });
  return [
    ...ordinary.map((text) => Date.parse(text)),
    ...[first, second].flatMap(({ epochMilliseconds: at }) => [at - 3_600_000, at - 1_000, at, at + 1_800_000]),
  ].map(epochMs);
}

/** Asks one contestant once and hands back the answer. */
export type Ask = (after: EpochMs) => number | null;

/** A contestant; null when it knows nothing like the schedule. */
export interface Contestant {
  readonly name: string;
  /** How often a question is put in a row, so that the clock can see it. */
  readonly times: number;
  prepare(row: Row, timezone: string): Ask | null;
}

/** The engine, asked with a value it was asked with before. */
export const SAME: Contestant = {
  name: "ours, same value",
  times: 30,
  prepare: ({ schedule }, timezone) => (after) => calculateNextRun(schedule, { timezone, after }),
};

/** The engine as services call it: with a value just read from its row. */
export const NEW: Contestant = {
  name: "ours, new value",
  times: 30,
  prepare: ({ schedule }, timezone) => (after) => calculateNextRun({ ...schedule }, { timezone, after }),
};

/** The engine, asked with a schedule that nobody has asked about: it has to parse and to compile. */
export const UNSEEN: Contestant = {
  name: "ours, never seen",
  times: 3,
  prepare: ({ schedule }, timezone) => {
    // When one comes round again, more others have been asked about than the engine remembers.
    const unseen = Array.from({ length: 200 }, () => rewritten(schedule));
    let asked = 0;
    return (after) => calculateNextRun({ ...unseen[asked++ % unseen.length] ?? schedule }, { timezone, after });
  },
};

let rewrites = 0;

/** The same schedule in a text there was not before: the gaps between an expression's fields are a number of four digits. */
function rewritten(schedule: Schedule): Schedule {
  if (schedule.kind !== "cron") return { ...schedule };
  let rest = rewrites++;
  const expression = schedule.expression.replaceAll(" ", () => {
    const gap = " ".repeat(1 + rest % 30);
    rest = Math.floor(rest / 30);
    return gap;
  });
  return { kind: "cron", expression };
}

/** croner, made ready beforehand. */
export const CRONER: Contestant = {
  name: "croner, prepared",
  times: 1,
  prepare: ({ peers }, timezone) => {
    if (peers === null) return null;
    const job = new Cron(peers, { timezone });
    return (after) => job.nextRun(new Date(after))?.getTime() ?? null;
  },
};

/** croner, given the expression each time. */
export const CRONER_PARSING: Contestant = {
  name: "croner, parsing",
  times: 1,
  prepare: ({ peers }, timezone) =>
    peers === null ? null : (after) => new Cron(peers, { timezone }).nextRun(new Date(after))?.getTime() ?? null,
};

/** cron-parser, made ready beforehand. */
export const CRON_PARSER: Contestant = {
  name: "cron-parser, prepared",
  times: 1,
  prepare: ({ peers }, tz) => {
    if (peers === null) return null;
    const job = CronExpressionParser.parse(peers, { tz });
    return (after) => {
      job.reset(new Date(after));
      return job.next().getTime();
    };
  },
};

/** cron-parser, given the expression each time. */
export const CRON_PARSER_PARSING: Contestant = {
  name: "cron-parser, parsing",
  times: 1,
  prepare: ({ peers }, tz) =>
    peers === null
      ? null
      : (after) => CronExpressionParser.parse(peers, { tz, currentDate: new Date(after) }).next().getTime(),
};
