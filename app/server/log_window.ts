import type { DispatchId, LogStream } from "@jobtrigger/shared/domain";
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

/** Which part of a log is shown. */
export interface Wanted {
  /** A line in the middle of it; null: the end of the log. */
  readonly line: number | null;
  /** Only what this stream wrote; null: everything. */
  readonly stream: LogStream | null;
}

/**
 * The last {@linkcode WINDOW_LINES} lines of a log or, with `line`, as many around that line; less where lines are long. Reads what it
 * shows and no more, however long the log is; of one stream, the text of that stream alone.
 */
export async function readLogWindow(logs: LogStore, id: DispatchId, { line, stream }: Wanted): Promise<LogWindow> {
  const { from, firstLine, lastLine } =
    await (stream !== null
      ? partOfStream(logs, id, stream, line)
      : line === null
      ? lastLines(logs, id)
      : linesAround(logs, id, line));
  const isContinued = from.offset > 0 && firstLine === from.line;
  const screen = new LogScreen({ ...START, nextSeq: from.seq, number: from.line, isContinued });
  let lines: LogLine[] = [];
  let isEnd = false;
  const isFull = () => line !== null && stream !== null && lines.length >= WINDOW_LINES;
  for (let chars = 0; !isEnd && screen.number <= lastLine && !isFull() && (line === null || chars < WINDOW_BYTES);) {
    const chunks = await logs.read(id, {
      fromSeq: screen.nextSeq,
      maxBytes: READ_BYTES,
      ...(stream !== null && { stream }),
    });
    for (const chunk of chunks) {
      const isShown = stream === null || chunk.stream === stream;
      lines.push(...(isShown ? screen.feed(chunk) : screen.skip(chunk)));
      chars += isShown ? chunk.data.length : 0;
    }
    lines = lines.filter(({ number }) => number >= firstLine && number <= lastLine);
    // Keep the beginning of a block: the rest is on the next page.
    lines = line === null ? lines.slice(-MAX_ROWS) : lines.slice(0, MAX_ROWS);
    isEnd = chunks.length === 0;
  }
  const first = lines[0] ?? screen.state;
  const next = lines.length === MAX_ROWS || stream !== null
    ? (lines.at(-1)?.number ?? 0) + (stream === null ? 0 : 1)
    : Math.min(screen.number, lastLine + 1);
  const hasLater = line !== null && (!isEnd || screen.number > lastLine);
  return {
    lines: withinBudget(lines),
    state: screen.state,
    earlierLine: stream !== null
      ? await earlierOfStream(logs, id, stream, from)
      : first.isContinued
      ? first.number
      : first.number > 1
      ? first.number - 1
      : null,
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

/** As many lines before `line` as after it. */
async function linesAround(logs: LogStore, id: DispatchId, line: number): Promise<Extent> {
  const firstLine = Math.max(1, line - WINDOW_LINES / 2);
  const lastLine = firstLine + WINDOW_LINES - 1;
  const from = await logs.find(id, { line: firstLine });
  const asked = await logs.find(id, { line });
  if (asked.offset - from.offset <= WINDOW_BYTES / 2) return { from, firstLine, lastLine };
  return { from: asked, firstLine: line, lastLine };
}

/** The last lines of a stream or, with `line`, those around it, in whole chunks. */
async function partOfStream(
  logs: LogStore,
  id: DispatchId,
  stream: LogStream,
  line: number | null,
): Promise<Extent> {
  const asked = line === null ? await logs.end(id) : await logs.find(id, { line });
  const lastLines = line === null ? WINDOW_LINES : WINDOW_LINES / 2;
  const before = await logs.find(id, { lastLines, maxBytes: WINDOW_BYTES, stream, beforeSeq: asked.seq });
  const from = before.seq < asked.seq ? before : asked;
  return { from, firstLine: 1, lastLine: Infinity };
}

/** The last line that a stream has before a place, or one shortly before it; null: there is none. */
async function earlierOfStream(
  logs: LogStore,
  id: DispatchId,
  stream: LogStream,
  { seq }: LogPlace,
): Promise<number | null> {
  const before = await logs.find(id, { lastLines: 1, maxBytes: 1, stream, beforeSeq: seq });
  return before.seq < seq ? before.line : null;
}
