/** What the schedule engine says about a schedule that is being typed. Plain texts, so that a page can ask for it as JSON. */
export type Preview =
  | { readonly kind: "invalid"; readonly problems: readonly PreviewProblem[] }
  | {
    readonly kind: "valid";
    /** The schedule in words. */
    readonly sentence: string;
    /** What may surprise. */
    readonly warnings: readonly string[];
    /** The next occurrences, at most ten; fewer when there are no more. */
    readonly runs: readonly PreviewRun[];
    /** True for a schedule that is due on its own, though it may have no occurrence left. */
    readonly isTimed: boolean;
    readonly jobZone: string;
    readonly portalZone: string;
  };

/** One thing wrong with what was typed. */
export interface PreviewProblem {
  readonly field: "schedule" | "timezone";
  readonly message: string;
}

/** One occurrence in three zones. */
export interface PreviewRun {
  /** ISO 8601, UTC. */
  readonly iso: string;
  readonly job: string;
  readonly portal: string;
  readonly utc: string;
}
