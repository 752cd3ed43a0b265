import type { FieldName } from "@jobtrigger/shared/api";
import type { ScheduleParts } from "./schedule_parts.ts";

/** The preview of a job that is being typed. Plain texts, so that a page can fetch it as JSON. */
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
    /** Sentences about the effects of the policies that differ from the default. */
    readonly effects: readonly { readonly sentence: string; readonly isWarning: boolean }[];
    readonly jobZone: string;
    readonly portalZone: string;
    /** Other jobs that are due in the minute of the next run; null: none are, or nobody asked. */
    readonly crowd: PreviewCrowd | null;
    /** The parts of the typed schedule; null: nobody asked. */
    readonly parts: ScheduleParts | null;
  };

/** A problem with a typed value. */
export interface PreviewProblem {
  readonly field: FieldName;
  /** What the field is called on the page. */
  readonly label: string;
  readonly message: string;
}

/** Other jobs that are due in the minute of the next run. */
export interface PreviewCrowd {
  readonly sentence: string;
  /** The next minute in which none is due, with the schedule that runs then; null: none is known. */
  readonly free: { readonly time: string; readonly schedule: string } | null;
}

/** One occurrence in three zones. */
export interface PreviewRun {
  /** ISO 8601, UTC. */
  readonly iso: string;
  readonly job: string;
  /** In the zone of the page; the day only where it is another than the job's. */
  readonly portal: string;
  /** In UTC, likewise. */
  readonly utc: string;
  /** When it starts, in the job's zone, moved by the job's spread, without the day it is due; null: at once, or not known before the job is made. */
  readonly start: string | null;
}
