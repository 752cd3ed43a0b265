/**
 * Measures the contestants of `schedule.ts`, which take turns in each row and zone, round after round.
 *
 * @module
 */
import type { EpochMs } from "@jobtrigger/shared/domain";
import {
  type Ask,
  type Contestant,
  CRON_PARSER,
  CRON_PARSER_PARSING,
  CRONER,
  CRONER_PARSING,
  instantsIn,
  NEW,
  type Row,
  ROWS,
  SAME,
  UNSEEN,
  ZONES,
} from "./_schedule_contestants.ts";

/** Measured rounds; one more warms up. */
export const ROUNDS = 15;

/** In the order of the table's columns. */
export const CONTESTANTS: readonly Contestant[] = [
  SAME,
  NEW,
  UNSEEN,
  CRONER,
  CRON_PARSER,
  CRONER_PARSING,
  CRON_PARSER_PARSING,
];

/** A contestant in a cell. */
interface Entry {
  readonly contestant: Contestant;
  readonly ask: Ask;
  /** The instants for which it has an answer: cron-parser gives up on some. */
  readonly instants: readonly EpochMs[];
  /** Cost of a question in each round, in µs. */
  readonly costs: number[];
}

/** One row in one zone. */
export interface Cell {
  readonly row: Row;
  readonly entries: readonly Entry[];
}

/** Measures all contestants in all rows and zones. */
export function measureCells(): Cell[] {
  const cells = ROWS.flatMap((row) => ZONES.map((zone): Cell => ({ row, entries: entriesOf(row, zone) })));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { entries } of cells) {
      // Each round begins with another contestant.
      const first = round % entries.length;
      for (const entry of [...entries.slice(first), ...entries.slice(0, first)]) {
        const cost = measureOnce(entry);
        if (round > 0) entry.costs.push(cost);
      }
    }
  }
  return cells;
}

function entriesOf(row: Row, zone: string): Entry[] {
  return CONTESTANTS.flatMap((contestant): Entry[] => {
    const ask = contestant.prepare(row, zone);
    if (ask === null) return [];
    return [{ contestant, ask, instants: instantsIn(zone).filter((after) => hasAnswer(ask, after)), costs: [] }];
  });
}

function hasAnswer(ask: Ask, after: EpochMs): boolean {
  try {
    return ask(after) !== null;
  } catch {
    return false;
  }
}

function measureOnce({ contestant: { times }, ask, instants }: Entry): number {
  const start = performance.now();
  for (let time = 0; time < times; time++) {
    for (const after of instants) ask(after);
  }
  return (performance.now() - start) * 1_000 / (times * instants.length);
}

/** Cost of a question to a contestant in a cell, in µs: the median over the rounds. NaN when it did not take part. */
export function costOf({ entries }: Cell, contestant: Contestant): number {
  return median(entries.find((entry) => entry.contestant === contestant)?.costs ?? []);
}

/** The number of questions in all cells to which a peer gives the engine's answer. */
export function agreementOf(cells: readonly Cell[], peer: Contestant): number {
  const same = cells.flatMap(({ entries }) => {
    const ours = entries.find(({ contestant }) => contestant === SAME);
    const theirs = entries.find(({ contestant }) => contestant === peer);
    return theirs?.instants.filter((after) => theirs.ask(after) === ours?.ask(after)) ?? [];
  });
  return same.length;
}

/** Cost of one question by itself, in µs. */
export function timeOf(ask: () => unknown): number {
  const costs = Array.from({ length: ROUNDS + 1 }, () => {
    const start = performance.now();
    for (let time = 0; time < 1_000; time++) ask();
    return performance.now() - start;
  });
  return median(costs.slice(1));
}

/** Cost of the first question in a zone, in µs. Other capitals make the zone a new one each time. */
export function firstInZone(contestant: Contestant, row: Row, zone: string): number {
  const [after] = instantsIn(zone);
  const costs = Array.from({ length: 200 }, (_, time) => {
    const spelling = [...zone].map((letter, index) => time >> index & 1 ? letter.toUpperCase() : letter.toLowerCase());
    const ask = contestant.prepare(row, spelling.join(""));
    const start = performance.now();
    if (after !== undefined) ask?.(after);
    return (performance.now() - start) * 1_000;
  });
  return median(costs);
}

/** The median; NaN of no values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
