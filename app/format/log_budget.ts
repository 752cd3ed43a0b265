/**
 * Limits the styling of a log on one page. Each segment of one style is an element, and a few hundred kilobytes of output can
 * ask for a hundred thousand of them.
 *
 * @module
 */
import type { LogLine } from "./log_screen.ts";

/** Most segments in the rows of one page, beside the first of each row. */
export const MAX_PAGE_SEGMENTS = 20_000;

/** The same rows. Counted from the last row back, rows beyond the budget become plain text, marked as such. */
export function withinBudget(lines: readonly LogLine[], budget: number = MAX_PAGE_SEGMENTS): readonly LogLine[] {
  const drawn: LogLine[] = [];
  let left = budget;
  for (const line of lines.toReversed()) {
    const more = line.segments.length - 1;
    drawn.push(more > left ? plain(line) : line);
    if (more <= left) left -= Math.max(0, more);
  }
  return drawn.toReversed();
}

function plain(line: LogLine): LogLine {
  const text = line.segments.map((segment) => segment.text).join("");
  return { ...line, segments: [{ text, classes: "" }], isPlain: true };
}
