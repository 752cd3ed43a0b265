/**
 * How long a search of a log of 100 MB takes, beside reading the same chunks without looking at them, in the same process and turn by
 * turn; and how long the first lines take that a page shows. `deno task bench:search` writes what this prints to `bench/SEARCH.md`.
 *
 * @module
 */
import { cpus } from "node:os";
import { type DispatchId, dispatchId } from "../shared/domain/mod.ts";
import { readLogWindow } from "../app/server/log_window.ts";
import { searchOutput } from "../shared/operations/mod.ts";
import type { Store } from "../shared/store/mod.ts";
import { DATABASES } from "../tests/support/store.ts";
import { fillWithHistory } from "../tests/support/history.ts";
import { quantile } from "./queue/statistics.ts";

const LINES = 1_200_000;
const CHUNK_LINES = 190;
/** Reads and searches of each text. */
const TURNS = 3;
/** How often the first lines are read. */
const FIRST_TURNS = 20;
const RUN: DispatchId = dispatchId(1);
const WHOLE = { bytes: Infinity, ms: Infinity };

/** What is looked for: no line has it, few have it, each has it. */
const SOUGHT = ["nowhere to be found", "worker 77777 ", "took"] as const;

/** Longest time to the first lines, in milliseconds. */
const FIRST_LINES_BUDGET_MS = 500;

const rows: string[] = [];
const first: string[] = [];
for (const name of ["SQLite", "PostgreSQL"] as const) {
  await using database = await DATABASES[name]();
  await fillWithHistory(database, { gathered: true });
  await database.sql(`DELETE FROM job_log_chunks WHERE dispatch_id = ${RUN}`);
  const epoch = name === "SQLite" ? "1" : "now()";
  for (let from = 0; from < LINES;) {
    const values: string[] = [];
    for (let i = 0; i < 50 && from < LINES; i++, from += CHUNK_LINES) {
      const lines = Array.from(
        { length: Math.min(CHUNK_LINES, LINES - from) },
        (_, n) => `2026-11-27 02:03:31 INFO worker ${from + n} copied a part of the table orders, took ${n} ms\n`,
      );
      values.push(`(${RUN}, ${from / CHUNK_LINES}, 'stdout', ${epoch}, '${lines.join("")}')`);
    }
    await database.sql(`INSERT INTO job_log_chunks (dispatch_id, seq, stream, at, data) VALUES ${values.join(",")}`);
  }
  say(`${name} has a log of ${LINES} lines`);
  const megabytes = (await database.store.logs.end(RUN)).offset / 1e6;
  const windows: number[] = [];
  for (let turn = 0; turn < FIRST_TURNS; turn++) {
    windows.push(
      await tookMs(async () => {
        const { lines } = await readLogWindow(database.store.logs, RUN, { line: null, stream: null });
        if (lines.length === 0) throw new Error("The window of the log is empty");
      }),
    );
  }
  const slowest = Math.max(...windows);
  first.push(`| ${[name, quantile(windows, 0.5).toFixed(0), slowest.toFixed(0), FIRST_LINES_BUDGET_MS].join(" | ")} |`);
  if (slowest > FIRST_LINES_BUDGET_MS) {
    console.error(`The budget is missed: ${name} has the first lines after ${slowest.toFixed(0)} ms`);
    Deno.exitCode = 1;
  }
  for (const text of SOUGHT) {
    const [read, searched]: [number[], number[]] = [[], []];
    let found = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      read.push(await tookMs(() => readAll(database.store)));
      searched.push(
        await tookMs(async () => {
          found = 0;
          await searchOutput(database.store, RUN, { sought: { text }, budget: WHOLE, onMatch: () => ++found > 0 });
        }),
      );
    }
    const [raw, search] = [quantile(read, 0.5), quantile(searched, 0.5)];
    say(`${name} searched for "${text}"`);
    const cells = [name, megabytes.toFixed(0), `\`${text}\``, found, raw.toFixed(0), search.toFixed(0)];
    rows.push(`| ${[...cells, (search / raw).toFixed(2)].join(" | ")} |`);
  }
}

console.log(`# How long a search of a log takes

Written by \`deno task bench:search\`; run it to measure again.

Deno ${Deno.version.deno}, Linux ${Deno.osRelease()}; ${cpus().length} processors, ${
  cpus()[0]?.model.trim() ?? "unknown"
}. Medians of ${TURNS} turns, each a read of all chunks and a search of them.

| database | MB | text | lines with it | read, ms | search, ms | ratio |
| --- | --: | --- | --: | --: | --: | --: |
${rows.join("\n")}

## The first lines

What a run's page shows first: the last 2,000 lines of the same log, read ${FIRST_TURNS} times.

| database | median, ms | slowest, ms | budget, ms |
| --- | --: | --: | --: |
${first.join("\n")}`);

/** How far it is, for who waits. */
function say(what: string): void {
  console.error(`${(performance.now() / 1000).toFixed()} s: ${what}`);
}

async function readAll({ logs }: Store): Promise<void> {
  for (let next = 0;;) {
    const chunks = await logs.read(RUN, { fromSeq: next, maxBytes: 524_288 });
    const last = chunks.at(-1);
    if (last === undefined) return;
    next = last.seq + 1;
  }
}

async function tookMs(work: () => Promise<void>): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}
