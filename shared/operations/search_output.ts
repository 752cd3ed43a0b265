import type { DispatchId } from "../domain/mod.ts";
import { type LogMatch, LogSearch, type SoughtText } from "../policy/mod.ts";
import type { StoreReader } from "../store/store_reader.ts";

/** Bytes read at once. */
const READ_BYTES = 524_288;

/** After this many bytes other requests get their turn, even where reading waits for nothing. */
const TURN_BYTES = 4 * READ_BYTES;

/** How much of an output a search reads, and how long it takes, until it answers what it has found. */
export interface SearchBudget {
  /** Bytes of output. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** The budget of one request. */
export const SEARCH_BUDGET: SearchBudget = { bytes: 268_435_456, ms: 1500 };

/** How many budgets a line may take that is longer than one: its rest is left out. */
const LINE_BUDGETS = 4;

/**
 * Looks for a text in the output of a run, and calls `onMatch` with the lines that have it, in order, until that answers false. Answers
 * the line to go on with: null, once all that is stored has been searched.
 */
export async function searchOutput(
  { logs }: Pick<StoreReader, "logs">,
  id: DispatchId,
  { sought, budget, onMatch }: {
    readonly sought: SoughtText;
    readonly budget: SearchBudget;
    readonly onMatch: (match: LogMatch) => boolean;
  },
): Promise<number | null> {
  const { fromLine = 1, stream } = sought;
  const place = await logs.find(id, { line: fromLine });
  const search = new LogSearch(sought, place.line);
  const since = performance.now();
  let bytes = 0;
  for (let next = place.seq;;) {
    const chunks = await logs.read(id, {
      fromSeq: next,
      maxBytes: READ_BYTES,
      ...(stream !== undefined && { stream }),
    });
    for (const chunk of chunks) {
      for (const match of search.feed(chunk)) if (!onMatch(match)) return match.line + 1;
      bytes += chunk.data.length;
      next = chunk.seq + 1;
    }
    if (chunks.length === 0) {
      for (const match of search.end()) if (!onMatch(match)) return match.line + 1;
      return null;
    }
    const spent = Math.max(bytes / budget.bytes, (performance.now() - since) / budget.ms);
    if (spent >= 1 && search.line > fromLine) return search.line;
    if (spent >= LINE_BUDGETS) return fromLine + 1;
    if (bytes % TURN_BYTES < READ_BYTES) await new Promise((resolve) => setTimeout(resolve));
  }
}
