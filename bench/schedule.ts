/**
 * The cost of one question to the schedule engine beside croner and cron-parser, and the cost of a long outage beside one
 * missed occurrence. Prints a report and exits with 1 when a bar is missed. A plain program, because contestants have to
 * take turns. `deno task bench:schedule` writes the report to `bench/SCHEDULE.md`.
 *
 * @module
 */
import { cpus } from "node:os";
import { epochMs } from "@jobtrigger/shared/domain";
import { calculateNextRun, countRuns, latestRunAtOrBefore, type Schedule } from "@jobtrigger/shared/schedule";
import {
  agreementOf,
  type Cell,
  CONTESTANTS,
  costOf,
  firstInZone,
  measureCells,
  median,
  ROUNDS,
  timeOf,
} from "./_schedule_contest.ts";
import {
  type Contestant,
  CRON_PARSER,
  CRON_PARSER_PARSING,
  CRONER,
  CRONER_PARSING,
  instantsIn,
  NEW,
  ROWS,
  SAME,
  UNSEEN,
  ZONES,
} from "./_schedule_contestants.ts";

/** The least speed of the engine as a multiple of the better peer's, at the median. */
const SPEED_BAR = 5;
const COMPARISONS: readonly (readonly [name: string, ours: Contestant, peers: readonly Contestant[]])[] = [
  ["same value : prepared", SAME, [CRONER, CRON_PARSER]],
  ["new value : prepared", NEW, [CRONER, CRON_PARSER]],
  ["new value : parsing", NEW, [CRONER_PARSING, CRON_PARSER_PARSING]],
  ["never seen : parsing", UNSEEN, [CRONER_PARSING, CRON_PARSER_PARSING]],
];

/** The most that a month of missed minutes may cost, as a multiple of one missed minute. */
const OUTAGE_BAR = 5;
const MINUTES: Schedule = { kind: "cron", expression: "* * * * *" };

/** Asks what the scheduler asks about a job that was due for `minutes`: the latest missed run, their number, the next run. */
function outage(minutes: number): { readonly occurrences: number; readonly cost: number } {
  const until = epochMs(Date.UTC(2026, 10, 24, 10));
  const span = { timezone: "Europe/Berlin", after: epochMs(until - minutes * 60_000), until, limit: Infinity };
  const cost = timeOf(() => {
    latestRunAtOrBefore(MINUTES, { ...span, at: until, notBefore: span.after });
    countRuns(MINUTES, span);
    calculateNextRun(MINUTES, { ...span, after: until });
  });
  return { occurrences: countRuns(MINUTES, span), cost };
}

const format = (value: number) => Number.isNaN(value) ? "–" : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => index === 0 ? "---" : "---:")), ...rows.map(line)].join("\n");
}

/** One line of the table: medians over the cells. */
function costLine(name: string, cells: readonly Cell[]): string[] {
  return [name, ...CONTESTANTS.map((contestant) => format(median(cells.map((cell) => costOf(cell, contestant)))))];
}

/** A package and the version that the lock file names. */
function versionOf(name: string): string {
  const lock: { readonly specifiers: Readonly<Record<string, string>> } = JSON.parse(
    Deno.readTextFileSync(new URL("../deno.lock", import.meta.url)),
  );
  const found = Object.entries(lock.specifiers).find(([specifier]) => specifier.startsWith(`npm:${name}@`));
  return `${name} ${found?.[1] ?? "?"}`;
}

const cells = measureCells();
const contested = cells.filter(({ row }) => row.peers !== null);
const ratios = COMPARISONS.map(([name, ours, peers]) => {
  const all = contested.map((cell) => Math.min(...peers.map((peer) => costOf(cell, peer))) / costOf(cell, ours));
  return { name, median: median(all), least: Math.min(...all) };
});
const minute = outage(1);
const month = outage(30 * 24 * 60);
const [unseen, croner, cronParser] = [UNSEEN, CRONER_PARSING, CRON_PARSER_PARSING].map((contestant) =>
  format(median(ROWS.slice(0, 1).map((row) => firstInZone(contestant, row, "Europe/Berlin"))))
);
const instants = instantsIn("UTC").length;

console.log(`# What a question to the schedule engine costs

How to measure again:
\`deno task bench:schedule\`.
It exits with 1 when a bar is missed.

Deno ${Deno.version.deno}, ${versionOf("croner")}, ${versionOf("cron-parser")}; ${cpus().length} processors,
${cpus()[0]?.model.trim() ?? "unknown"}. Figures depend on the machine and its load, ratios much less.

Each row is asked in ${ZONES.join(", ")}, from ${instants} instants in each: ordinary days, and an hour before, a second
before, at and half an hour after two changes of the zone's clocks. Contestants take turns. A figure is the median over
${ROUNDS} rounds and then over the zones, in µs for one question.

- _Same value_: the engine is asked about an object it knows. _New value_: about an equal object, as if just read from
  the database; the text of a cron expression is remembered, every other kind is compiled again. _Never seen_: about an
  expression that has to be parsed and compiled.
- _Prepared_: the peer's object was made beforehand. _Parsing_: it is made from the expression for each question.

${
  table(["µs", ...CONTESTANTS.map(({ name }) => name)], [
    ...ROWS.map((row) => costLine(row.name, cells.filter((cell) => cell.row === row))),
    costLine("**all that peers know**", contested),
  ])
}

How many times as much the better of the two peers takes, over ${contested.length} pairs of row and zone. The bar is
${SPEED_BAR} at the median.

${
  table(
    ["ours : better peer", "median", "least"],
    ratios.map(({ name, median, least }) => [name, format(median), format(least)]),
  )
}

The first question ever in a zone, about an expression never seen: ${unseen} µs; croner, parsing: ${croner} µs;
cron-parser, parsing: ${cronParser} µs.

Of ${contested.length * instants} questions, croner answers ${agreementOf(contested, CRONER)} as the engine does,
cron-parser ${agreementOf(contested, CRON_PARSER)}; where they differ, clocks change.

What the scheduler asks about a job that is due each minute (the latest occurrence missed, how many were, the next)
takes ${format(month.cost)} µs after an outage of 30 days, which is ${month.occurrences} occurrences, and
${format(minute.cost)} µs after ${minute.occurrences}. The bar is ${OUTAGE_BAR} times as much.`);

const isMet = ratios.every(({ median }) => median >= SPEED_BAR) && month.cost <= OUTAGE_BAR * minute.cost;
if (!isMet) {
  console.error("A bar is missed.");
  Deno.exitCode = 1;
}
