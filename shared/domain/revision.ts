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

/** A job's definition after a change, as far as it can be read. */
export type RecordedDefinition =
  | { readonly definition: JobDefinition; readonly damage: null }
  /** Somebody wrote into the database, or the job was damaged when it was deleted; `damage` is a sentence that says why. */
  | { readonly definition: null; readonly damage: string };

/** A revision of a job: its definition after a change, who made the change, and when. Every change has one. */
export type JobRevision = RecordedDefinition & RevisionFacts;

/** Facts about a revision besides the definition. */
export interface RevisionFacts {
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
}
