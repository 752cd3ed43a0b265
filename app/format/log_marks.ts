/**
 * Marks of a searched text in the rows of a log, within a budget: a text of one letter can stand a million times on a page.
 *
 * @module
 */
import type { Segment } from "./log_row.ts";
import type { LogLine } from "./log_screen.ts";

/** Most marks in a row. */
const MAX_ROW_MARKS = 64;
/** Most marks on a page. */
export const MAX_PAGE_MARKS = 8000;

/** The same rows, with the places of `pattern`, which finds all, in segments of their own; null: there is none. */
export function markText(lines: readonly LogLine[], pattern: RegExp | null): readonly LogLine[] {
  if (pattern === null) return lines;
  let left = MAX_PAGE_MARKS;
  return lines.map((line) => {
    const row = line.segments.map((segment) => segment.text).join("");
    const places = [...row.matchAll(pattern).take(Math.min(MAX_ROW_MARKS, left))]
      .map(({ index, 0: found }) => [index, index + found.length] as const);
    left -= places.length;
    return places.length === 0 ? line : { ...line, segments: cut(line.segments, places) };
  });
}

function cut(segments: readonly Segment[], places: readonly (readonly [number, number])[]): readonly Segment[] {
  const edges = places.flat();
  const pieces: Segment[] = [];
  let at = 0;
  let passed = 0;
  for (const { text, classes } of segments) {
    const end = at + text.length;
    for (let from = at; from < end;) {
      while ((edges[passed] ?? Infinity) <= from) passed++;
      const to = Math.min(end, edges[passed] ?? end);
      // An odd number of edges has been passed within a place.
      pieces.push({ text: text.slice(from - at, to - at), classes, ...(passed % 2 === 1 && { isMarked: true }) });
      from = to;
    }
    at = end;
  }
  return pieces;
}
