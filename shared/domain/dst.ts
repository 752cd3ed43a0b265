/** What becomes of a wall time that clocks skip. */
export const DST_GAPS = ["after", "skip"] as const;

/** Which of the two passes of a repeated wall time count. */
export const DST_FOLDS = ["first", "second", "both"] as const;

/** What a wall time does where clocks change. */
export interface DstPolicy {
  /** A time that does not exist that day: run at the first instant after the gap, or skip the day. */
  readonly gap: typeof DST_GAPS[number];
  /** A time that comes twice: run at the first pass, the second, or both. */
  readonly fold: typeof DST_FOLDS[number];
}
