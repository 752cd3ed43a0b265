/**
 * How much of the styling of a log one page draws. Each piece of different style is an element, and a few hundred kilobytes of
 * output can ask for a hundred thousand of them.
 *
 * @module
 */
import type { LogLine } from "./log_screen.ts";

/** Most pieces of text that the rows of one page are drawn in, on top of one for each row. */
export const MAX_PIECES = 20_000;

/** The same rows; those beyond the budget of a page, counted from the last row back, as plain text that says so. */
export function withinBudget(lines: readonly LogLine[], budget: number = MAX_PIECES): readonly LogLine[] {
  let left = budget;
  return lines.toReversed().map((line) => {
    const more = line.segments.length - 1;
    if (more > left) return plain(line);
    left -= Math.max(0, more);
    return line;
  }).toReversed();
}

function plain(line: LogLine): LogLine {
  const text = line.segments.map((segment) => segment.text).join("");
  return { ...line, segments: [{ text, classes: "" }], isPlain: true };
}
