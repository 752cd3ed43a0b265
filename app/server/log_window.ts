import type { DispatchId } from "@jobtrigger/shared/domain";
import type { LogPlace, LogStore } from "@jobtrigger/shared/store";
import { withinBudget } from "../format/log_budget.ts";
import { type LogLine, LogScreen, type LogState, START } from "../format/log_screen.ts";

/** Most lines of a log on one page. */
export const WINDOW_LINES = 2000;

/** About the most output on one page, for logs of long lines. */
const WINDOW_BYTES = 1_048_576;

/** A part of a run's log. */
export interface LogWindow {
  /** Whole rows; the one being written is in `state`. */
  readonly lines: readonly LogLine[];
  /** Where the log ends so far; what comes later goes on from here. */
  readonly state: LogState;
  /** A line of the page before this one; null when this is the first. */
  readonly earlierLine: number | null;
  /** A line of the page after this one; null when this has the end of the log. */
  readonly laterLine: number | null;
}

/** Most rows on one page, for lines of many rows. */
const MAX_ROWS = 2 * WINDOW_LINES;

/** Bytes read at once; other requests run between two reads. */
const READ_BYTES = 262_144;

/** The part of a log to show: the first chunk, and the lines from there. */
interface Extent {
  readonly from: LogPlace;
  readonly firstLine: number;
  readonly lastLine: number;
}

/**
 * The last {@linkcode WINDOW_LINES} lines of a log or, with `line`, the block of as many lines that holds that line; less where
 * lines are long. Reads what it shows and no more, however long the log is.
 */
export async function readLogWindow(
  logs: LogStore,
  id: DispatchId,
  { line }: { readonly line: number | null },
): Promise<LogWindow> {
  const { from, firstLine, lastLine } = await (line === null ? lastLines(logs, id) : blockOf(logs, id, line));
  const isContinued = from.offset > 0 && firstLine === from.line;
  const screen = new LogScreen({ ...START, nextSeq: from.seq, number: from.line, isContinued });
  let lines: LogLine[] = [];
  let isEnd = false;
  for (let chars = 0; !isEnd && screen.number <= lastLine && (line === null || chars < WINDOW_BYTES);) {
    const chunks = await logs.read(id, { fromSeq: screen.nextSeq, maxBytes: READ_BYTES });
    for (const chunk of chunks) {
      lines.push(...screen.feed(chunk));
      chars += chunk.data.length;
    }
    lines = lines.filter(({ number }) => number >= firstLine && number <= lastLine);
    // Keep the beginning of a block: the rest is on the next page.
    lines = line === null ? lines.slice(-MAX_ROWS) : lines.slice(0, MAX_ROWS);
    isEnd = chunks.length === 0;
  }
  const first = lines[0] ?? screen.state;
  const next = lines.length === MAX_ROWS ? lines.at(-1)?.number ?? 0 : Math.min(screen.number, lastLine + 1);
  const hasLater = line !== null && (!isEnd || screen.number > lastLine);
  return {
    lines: withinBudget(lines),
    state: screen.state,
    earlierLine: first.isContinued ? first.number : first.number > 1 ? first.number - 1 : null,
    laterLine: hasLater ? Math.max(next, line + 1) : null,
  };
}

async function lastLines(logs: LogStore, id: DispatchId): Promise<Extent> {
  const end = await logs.end(id);
  const firstLine = Math.max(1, end.line - WINDOW_LINES);
  const from = await logs.find(id, { line: firstLine });
  if (end.offset - from.offset <= WINDOW_BYTES) return { from, firstLine, lastLine: Infinity };
  const later = await logs.find(id, { offset: end.offset - WINDOW_BYTES });
  // It begins within a line, which is left out unless it is the only one.
  return { from: later, firstLine: Math.min(later.line + 1, end.line), lastLine: Infinity };
}

async function blockOf(logs: LogStore, id: DispatchId, line: number): Promise<Extent> {
  const lastLine = Math.ceil(line / WINDOW_LINES) * WINDOW_LINES;
  const firstLine = lastLine - WINDOW_LINES + 1;
  const from = await logs.find(id, { line: firstLine });
  const asked = await logs.find(id, { line });
  if (asked.offset - from.offset <= WINDOW_BYTES / 2) return { from, firstLine, lastLine };
  return { from: asked, firstLine: line, lastLine };
}
