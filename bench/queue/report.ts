/**
 * Writes the report: tables of medians with their ranges, and whether each bar is met.
 *
 * @module
 */
import { CONTESTANTS } from "./contestants.ts";
import { type Measured, type Scenario, SIZES } from "./measure.ts";
import { type Figures, figures, quantile } from "./statistics.ts";

/** The result of one process in one round. */
export interface Result {
  readonly contestant: string;
  readonly scenario: Scenario;
  readonly measured: Measured;
}

/** The circumstances of the measurement. */
export interface Circumstances {
  readonly date: string;
  readonly rounds: number;
  readonly machine: string;
  readonly server: string;
  readonly versions: string;
  /** The results of many processes on one SQLite file, a line each. */
  readonly sqliteLoad: readonly string[];
}

/** A column of the table of rates. */
interface Column {
  readonly title: string;
  readonly scenario: Scenario;
  readonly measure: "enqueue" | "drain" | "dispatch";
}

const COLUMNS: readonly Column[] = [
  { title: "enqueue", scenario: "quiet", measure: "enqueue" },
  { title: "drain", scenario: "quiet", measure: "drain" },
  { title: `drain, ${count(SIZES.finished)} finished`, scenario: "history", measure: "drain" },
  { title: "drain, old snapshot held", scenario: "snapshot", measure: "drain" },
  { title: "dispatch", scenario: "dispatch", measure: "dispatch" },
];

const POSTGRES = ["ours", "graphile-worker", "pg-boss", "bare"];
const PEERS = ["graphile-worker", "pg-boss"];
const SQLITE = ["ours-sqlite", "bare-sqlite"];

/** The page, in Markdown. */
export function report(results: readonly Result[], circumstances: Circumstances): string {
  const { date, rounds, machine, server, versions, sqliteLoad } = circumstances;
  return `# Queue benchmark

Written by \`deno task bench:queue\`; run it to measure again. TEST_DATABASE_URL names a server to use in place of the one from
npm packages. What was tried and why is in [NOTES.md](NOTES.md).

- ${date}, ${rounds} rounds, contestants in turn within each; medians, with the range below.
- ${machine}
- ${server}
- ${versions}
- Each measurement is a process of its own with an empty database, after ${
    count(SIZES.warmUp)
  } jobs that are not counted
  (${count(SIZES.idleWarmUp)} where the worker is idle). A drain is ${
    count(SIZES.jobs)
  } jobs that do nothing, one worker process, from the start of the first job until the tables say that all
  have ended. Rates are jobs a second.
- "Finished": ${
    count(SIZES.finished)
  } jobs that have ended are in the tables. "Old snapshot": another connection holds a REPEATABLE READ
  transaction open that is older than the ${count(SIZES.jobs)} jobs drained just before and the ${
    count(SIZES.jobs)
  } measured.
- "Dispatch": ${count(SIZES.due)} due jobs by our scheduler's pass; for those without a scheduler, their bulk insert.

## PostgreSQL

${rates(results, POSTGRES, COLUMNS)}

From the call that adds a job until it starts, worker idle, ${SIZES.samples} samples a round, all rounds together:

${latencyTable(results)}

${bars(results)}

## SQLite, synchronous FULL

${rates(results, SQLITE, COLUMNS.filter(({ scenario }) => scenario === "quiet" || scenario === "dispatch"))}

A scheduler, four workers and a portal on one file, all under full load (\`bench/sqlite_load.ts\`):

${sqliteLoad.map((line) => `- ${line}`).join("\n")}

## Who keeps what, and the settings

${[...POSTGRES, ...SQLITE].map(described).join("\n")}
`;
}

function rates(results: readonly Result[], keys: readonly string[], columns: readonly Column[]): string {
  const rows = keys.map((key) => [nameOf(key), ...columns.map((column) => shown(ofColumn(results, key, column)))]);
  return table(["", ...columns.map(({ title }) => title)], rows);
}

function latencyTable(results: readonly Result[]): string {
  const rows = POSTGRES.map((key) => ({ key, samples: latenciesOf(results, key) }))
    .filter(({ samples }) => samples.length > 0)
    .map(({ key, samples }) => [nameOf(key), ms(quantile(samples, 0.5)), ms(quantile(samples, 0.99))]);
  return table(["", "p50", "p99"], rows);
}

function bars(results: readonly Result[]): string {
  const drain = (key: string, scenario: Scenario = "quiet") =>
    figures(ratesOf(results, key, scenario, "drain"))?.median ?? NaN;
  const bestPeer = Math.max(...PEERS.map((key) => drain(key)));
  const latency = (key: string, share: number) => quantile(latenciesOf(results, key), share);
  const bestLatency = (share: number) => Math.min(...PEERS.map((key) => latency(key, share)));
  const rows = [
    bar("drain, beside the better peer", drain("ours") / bestPeer, "at least 1", (ratio) => ratio >= 1),
    bar("drain, beside the bare loop", drain("ours") / drain("bare"), "at least 0.67", (ratio) => ratio >= 2 / 3),
    ...[0.5, 0.99].map((share) =>
      bar(
        `idle latency p${share * 100}, beside the best peer`,
        latency("ours", share) / bestLatency(share),
        "at most 1",
        (ratio) => ratio <= 1,
      )
    ),
    bar(
      `drain with ${count(SIZES.finished)} finished, beside empty tables`,
      drain("ours", "history") / drain("ours"),
      "at least 0.8",
      (ratio) => ratio >= 0.8,
    ),
    bar(
      "drain with an old snapshot held, beside none",
      drain("ours", "snapshot") / drain("ours"),
      "at least 0.8",
      (ratio) => ratio >= 0.8,
    ),
  ];
  return table(["bar, by medians of this run", "ratio", "wanted", ""], rows);
}

function bar(what: string, ratio: number, wanted: string, isMet: (ratio: number) => boolean): string[] {
  return [what, ratio.toFixed(2), wanted, isMet(ratio) ? "met" : "missed"];
}

function ratesOf(
  results: readonly Result[],
  key: string,
  scenario: Scenario,
  measure: Column["measure"],
): readonly number[] {
  return results.flatMap(({ contestant, scenario: of, measured }) => {
    const rate = contestant === key && of === scenario ? measured[measure] : undefined;
    return rate === undefined ? [] : [rate];
  });
}

function ofColumn(results: readonly Result[], key: string, { scenario, measure }: Column): Figures | null {
  return figures(ratesOf(results, key, scenario, measure));
}

function latenciesOf(results: readonly Result[], key: string): readonly number[] {
  return results.flatMap(({ contestant, measured }) => contestant === key ? measured.latencies ?? [] : []);
}

function shown(found: Figures | null): string {
  if (found === null) return "–";
  return `${count(found.median)}<br>${count(found.least)}–${count(found.most)}`;
}

function described(key: string): string {
  const contestant = CONTESTANTS.get(key);
  return contestant === undefined ? "" : `- **${nameOf(key)}**: ${contestant.settings}. Keeps ${contestant.keeps}.`;
}

function nameOf(key: string): string {
  return `${CONTESTANTS.get(key)?.name ?? key}${key === "ours-sqlite" ? " (SQLite)" : ""}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => index === 0 ? "---" : "---:")), ...rows.map(line)].join("\n");
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
