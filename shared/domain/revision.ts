import type { RecordedActor } from "./actor.ts";
import type { EpochMs, JobId } from "./brand.ts";
import type { JobDefinition } from "./job.ts";

/** What made a revision of a job. `recorded`: the job existed before revisions were kept. */
export const REVISION_ACTIONS = [
  "recorded",
  "created",
  "edited",
  "rolled_back",
  "paused",
  "resumed",
  "deleted",
] as const;

/** One of {@linkcode REVISION_ACTIONS}. */
export type RevisionAction = typeof REVISION_ACTIONS[number];

/** What was done, with its details. */
export type RevisionChange =
  | { readonly action: Exclude<RevisionAction, "paused" | "rolled_back"> }
  /** `note` says why, if somebody said so. */
  | { readonly action: "paused"; readonly note: string | null }
  /** The definition of revision `to` came back. */
  | { readonly action: "rolled_back"; readonly to: number };

/** A revision of a job: its definition after a change, who made the change, and when. Every change has one. */
export interface JobRevision {
  /** The job. */
  readonly jobId: JobId;
  /** The job's `revision` after the change. */
  readonly revision: number;
  /** When the change was made. */
  readonly at: EpochMs;
  /** Null: not known. */
  readonly actor: RecordedActor | null;
  /** What was done. */
  readonly change: RevisionChange;
  /** The job's definition after the change. */
  readonly definition: JobDefinition;
}
