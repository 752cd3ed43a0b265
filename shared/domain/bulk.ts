import type { DispatchId, EpochMs, JobId } from "./brand.ts";

/** What can be done with many jobs at once. */
export const BULK_KINDS = ["run", "pause", "resume", "label", "delete"] as const;

/** One of {@linkcode BULK_KINDS}. */
export type BulkKind = typeof BULK_KINDS[number];

/** What becomes of many jobs. */
export type BulkAction =
  | { readonly kind: "run" | "resume" | "delete" }
  | {
    readonly kind: "pause";
    /** Why; null: nobody says. */
    readonly note: string | null;
    /** Whether their waiting runs are cancelled. */
    readonly cancelsWaiting: boolean;
  }
  | {
    readonly kind: "label";
    /** Labels that they get, as `parseLabels()` makes them. */
    readonly add: readonly string[];
    /** Labels that they lose. */
    readonly remove: readonly string[];
  };

/** A change of many jobs, and how far it has come. */
export interface BulkChange {
  /** Its id. */
  readonly id: number;
  /** What becomes of the jobs. */
  readonly action: BulkAction;
  /** When it was asked for. */
  readonly createdAt: EpochMs;
  /** When it last came forward. */
  readonly touchedAt: EpochMs;
  /** When the last job was settled; null: some are not. */
  readonly finishedAt: EpochMs | null;
  /** How many jobs it is about. */
  readonly total: number;
  /** Of how many it is done. */
  readonly done: number;
  /** Of how many it was refused. */
  readonly refused: number;
}

/** What became of one job of a change. */
export interface BulkOutcome {
  /** The job. */
  readonly jobId: JobId;
  /** Whether the change was made or refused. */
  readonly outcome: "done" | "refused";
  /** Why it was refused; null: nothing is to be said. */
  readonly message: string | null;
  /** The run that was started; null: none. */
  readonly runId: DispatchId | null;
}

/** One job of a change. */
export interface BulkJob extends Omit<BulkOutcome, "outcome"> {
  /** Its name when the change was asked for. */
  readonly jobName: string;
  /** Null: not settled. */
  readonly outcome: BulkOutcome["outcome"] | null;
}
