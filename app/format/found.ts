/** What a search finds of a job, with what the person may do with it. */
export interface FoundJob {
  readonly path: string;
  readonly name: string;
  readonly key: string | null;
  readonly isPaused: boolean;
  readonly actions: readonly FoundAction[];
}

/** A way to a page, or an action that is posted. */
export interface FoundAction {
  readonly label: string;
  readonly to: string;
  readonly isPosted: boolean;
}

/** What a search answers. */
export interface Found {
  readonly jobs: readonly FoundJob[];
  /** Whether there are more jobs than are answered. */
  readonly isMore: boolean;
}
