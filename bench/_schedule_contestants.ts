/**
 * The questions and contestants of `schedule.ts`: the engine with three degrees of preparation, croner and cron-parser with two.
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
  /** The same as a cron expression, for the peers; null: they have nothing like it. */
  readonly peers: string | null;
}

const cron = (expression: string): Row => ({
  name: `\`${expression}\``,
  schedule: { kind: "cron", expression },
  peers: expression,
});

/** Common schedules: often, in working hours, once a day, seldom; and each kind that is not cron. */
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

/** A zone without clock changes, one with past changes, and three with changes, one of them by half an hour. */
export const ZONES: readonly string[] = [
  "UTC",
  "Asia/Hong_Kong",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
];

/** Four ordinary instants; and an hour before, a second before, at and half an hour after two changes of the zone's clocks. */
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

/** Asks a contestant for the next occurrence. */
export type Ask = (after: EpochMs) => number | null;

/** A contestant. */
export interface Contestant {
  readonly name: string;
  /** How many times a question is repeated for one measurement. */
  readonly times: number;
  /** Null: it has nothing like the schedule. */
  prepare(row: Row, timezone: string): Ask | null;
}

/** The engine, with a schedule value from an earlier question. */
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

/** The engine, with a schedule that it has to parse and compile. */
export const UNSEEN: Contestant = {
  name: "ours, never seen",
  times: 3,
  prepare: ({ schedule }, timezone) => {
    // More than the engine's cache holds, so that a schedule that comes again is unknown again.
    const unseen = Array.from({ length: 200 }, () => rewritten(schedule));
    let asked = 0;
    return (after) => calculateNextRun({ ...unseen[asked++ % unseen.length] ?? schedule }, { timezone, after });
  },
};

let rewrites = 0;

/** The same schedule as a new text: the widths of the gaps between its fields count up. */
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

/** croner, with a parsed expression. */
export const CRONER: Contestant = {
  name: "croner, prepared",
  times: 1,
  prepare: ({ peers }, timezone) => {
    if (peers === null) return null;
    const job = new Cron(peers, { timezone });
    return (after) => job.nextRun(new Date(after))?.getTime() ?? null;
  },
};

/** croner, parsing the expression each time. */
export const CRONER_PARSING: Contestant = {
  name: "croner, parsing",
  times: 1,
  prepare: ({ peers }, timezone) =>
    peers === null ? null : (after) => new Cron(peers, { timezone }).nextRun(new Date(after))?.getTime() ?? null,
};

/** cron-parser, with a parsed expression. */
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

/** cron-parser, parsing the expression each time. */
export const CRON_PARSER_PARSING: Contestant = {
  name: "cron-parser, parsing",
  times: 1,
  prepare: ({ peers }, tz) =>
    peers === null
      ? null
      : (after) => CronExpressionParser.parse(peers, { tz, currentDate: new Date(after) }).next().getTime(),
};
