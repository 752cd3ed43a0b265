/** Columns between two cells. */
export const GAP = 2;

/** Least columns of a cell that was shortened: a few characters and the mark. */
const LEAST = 8;

/** A column of a table to fit. */
export interface Fitted {
  /** What its widest cell takes. */
  readonly width: number;
  /** Whether its cells may be shortened. */
  readonly shrinks: boolean;
}

/**
 * The widths at which a table fits into `available` columns: the widest of the columns that shrink give first, down to a few
 * characters. A table that cannot fit keeps its least widths, and the terminal wraps it.
 */
export function fitted(columns: readonly Fitted[], available: number): readonly number[] {
  const widths = columns.map(({ width }) => width);
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1) - available;
  while (excess > 0) {
    const candidates = columns.flatMap(({ shrinks }, index) => {
      const width = widths[index] ?? 0;
      return shrinks && width > LEAST ? [{ index, width }] : [];
    }).toSorted((a, b) => b.width - a.width);
    const [widest, next] = candidates;
    if (widest === undefined) break;
    // Down to the next widest at most, so that both give from then on.
    const step = Math.max(1, Math.min(excess, widest.width - Math.max(next?.width ?? 0, LEAST)));
    widths[widest.index] = widest.width - step;
    excess -= step;
  }
  return widths;
}
