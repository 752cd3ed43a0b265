/**
 * How the contestants of `schedule.ts` are measured: by turns, in each row and zone, round after round.
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

/** Rounds that are counted; one more warms up. */
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

/** A contestant in a cell: what it is asked, and what a question took it in each round, in µs. */
interface Seat {
  readonly contestant: Contestant;
  readonly ask: Ask;
  /** Those it has an answer to: cron-parser gives up on some. */
  readonly instants: readonly EpochMs[];
  readonly costs: number[];
}

/** One row in one zone. */
export interface Cell {
  readonly row: Row;
  readonly seats: readonly Seat[];
}

/** Measures all contestants in all rows and zones. */
export function measureCells(): Cell[] {
  const cells = ROWS.flatMap((row) => ZONES.map((zone): Cell => ({ row, seats: seatsOf(row, zone) })));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { seats } of cells) {
      // Who begins changes from round to round.
      const first = round % seats.length;
      for (const seat of [...seats.slice(first), ...seats.slice(0, first)]) {
        const cost = measureOnce(seat);
        if (round > 0) seat.costs.push(cost);
      }
    }
  }
  return cells;
}

function seatsOf(row: Row, zone: string): Seat[] {
  return CONTESTANTS.flatMap((contestant): Seat[] => {
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

function measureOnce({ contestant: { times }, ask, instants }: Seat): number {
  const start = performance.now();
  for (let time = 0; time < times; time++) {
    for (const after of instants) ask(after);
  }
  return (performance.now() - start) * 1_000 / (times * instants.length);
}

/** What a question took a contestant in a cell, in µs: the median over the rounds. NaN when it had no seat. */
export function costOf({ seats }: Cell, contestant: Contestant): number {
  return median(seats.find((seat) => seat.contestant === contestant)?.costs ?? []);
}

/** To how many questions in all cells a peer gives the engine's answer. */
export function agreementOf(cells: readonly Cell[], peer: Contestant): number {
  const same = cells.flatMap(({ seats }) => {
    const ours = seats.find(({ contestant }) => contestant === SAME);
    const theirs = seats.find(({ contestant }) => contestant === peer);
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

/** Cost of the first question in a zone, in µs: each time it is spelled in other capitals, which nobody has seen yet. */
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

/** The middle one; NaN when there are none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
