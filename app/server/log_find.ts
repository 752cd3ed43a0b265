import type { DispatchId, LogStream } from "@jobtrigger/shared/domain";
import { SEARCH_BUDGET, searchOutput } from "@jobtrigger/shared/operations";
import type { StoreReader } from "@jobtrigger/shared/store";

/** What a page looks for in a log. */
export interface Sought {
  readonly text: string;
  readonly stream: LogStream | null;
  /** The line that the search begins with. */
  readonly from: number;
}

/** Lines that have a text, as far as they were searched, and one of them. */
export interface Found extends Sought {
  /** How many lines have it. */
  readonly count: number;
  /** The line that is shown; null: none has it. */
  readonly line: number | null;
  /** Which of them that is, from 1. */
  readonly ordinal: number;
  /** The one before and after it, round the ends where all has been searched; null: not known, or there is no other. */
  readonly previous: number | null;
  readonly next: number | null;
  /** The line from which to search on; null: all has been searched. */
  readonly nextFrom: number | null;
}

/** Counts the lines that have a text, and finds the first at or after `at`, with the ones beside it. */
export async function findInLog(
  store: Pick<StoreReader, "logs">,
  id: DispatchId,
  { at, ...sought }: Sought & { readonly at: number },
): Promise<Found> {
  let [count, ordinal] = [0, 0];
  let first: number | null = null;
  let last: number | null = null;
  let line: number | null = null;
  let [previous, next]: [number | null, number | null] = [null, null];
  const nextFrom = await searchLines(store, id, sought, (found) => {
    count += 1;
    first ??= found;
    if (line !== null) next ??= found;
    else if (found < at) previous = found;
    else [line, ordinal] = [found, count];
    last = found;
    return true;
  });
  // Beyond the last one: stay with it.
  if (line === null && last !== null) {
    return {
      ...sought,
      count,
      line: last,
      ordinal: count,
      previous: null,
      next: nextFrom === null ? first : null,
      nextFrom,
    };
  }
  const isRound = nextFrom === null && count > 1;
  return {
    ...sought,
    count,
    line,
    ordinal,
    previous: previous ?? (isRound ? last : null),
    next: next ?? (isRound ? first : null),
    nextFrom,
  };
}

/** The first line that has a text; null: none has, as far as one request searches. */
export async function firstInLog(
  store: Pick<StoreReader, "logs">,
  id: DispatchId,
  sought: Sought,
): Promise<number | null> {
  let line: number | null = null;
  await searchLines(store, id, sought, (found) => {
    line = found;
    return false;
  });
  return line;
}

function searchLines(
  store: Pick<StoreReader, "logs">,
  id: DispatchId,
  { text, stream, from }: Sought,
  onLine: (line: number) => boolean,
): Promise<number | null> {
  return searchOutput(store, id, {
    sought: { text, fromLine: from, ...(stream !== null && { stream }) },
    budget: SEARCH_BUDGET,
    onMatch: (match) => onLine(match.line),
  });
}
