import type { DispatchId } from "@jobtrigger/shared/domain";
import type { LogStore } from "@jobtrigger/shared/store";
import { type LogLine, LogScreen, type LogState } from "../format/log_screen.ts";

/** Most lines of a log on one page. */
export const WINDOW_LINES = 2000;

/** Bytes read at once; between two reads other requests get their turn. */
const READ_BYTES = 524_288;

/** A part of a run's log. */
export interface LogWindow {
  readonly lines: readonly LogLine[];
  /** Where the log ends so far; what comes later goes on from here. */
  readonly state: LogState;
  /** Whether there are lines after these. */
  readonly hasLater: boolean;
}

/**
 * The last {@linkcode WINDOW_LINES} lines of a log or, with `line`, the block of as many lines that holds that line. The line
 * being written is not among them: it is in `state`. Lines are counted from the first, so all before them are read too.
 */
export async function readLogWindow(
  logs: LogStore,
  id: DispatchId,
  { line }: { readonly line: number | null },
): Promise<LogWindow> {
  const screen = new LogScreen();
  const end = line === null ? Infinity : Math.ceil(Math.max(line, 1) / WINDOW_LINES) * WINDOW_LINES;
  let lines: LogLine[] = [];
  while (screen.number <= end) {
    const chunks = await logs.read(id, { fromSeq: screen.nextSeq, maxBytes: READ_BYTES });
    if (chunks.length === 0) break;
    for (const chunk of chunks) lines.push(...screen.feed(chunk));
    const from = Math.min(end, lines.at(-1)?.number ?? 0) - WINDOW_LINES;
    lines = lines.filter(({ number }) => number > from && number <= end);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { lines, state: screen.state, hasLater: screen.number > end };
}
