import type { BulkAction, BulkChange, BulkJob, BulkOutcome, EpochMs, JobId } from "../domain/mod.ts";
import type { By } from "./by.ts";
import type { JobQuery } from "./job_store.ts";

/**
 * Changes of many jobs, as rows. Nothing here changes a job: an operation does that, one job after the other, and settles each. Whoever
 * works on a change may die and another go on, so that a job may be changed again before it is settled; what becomes of it stands.
 */
export interface BulkStore {
  /**
   * Writes a change with the jobs that `jobs` names as they are now; the same key of the same owner answers the change it made first.
   * Of its `ids`, those that are not there or not visible are refused from the start, in the same words, without a name.
   */
  create(request: NewBulk): Promise<BulkChange>;
  /** The change; null when its owner has none with the id. */
  get(id: number, owner: string): Promise<BulkChange | null>;
  /** The newest change of an owner that is not done and has not come forward since `before`; null: there is none. */
  interrupted(owner: string, before: EpochMs): Promise<BulkChange | null>;
  /** Jobs that are not settled, by their ids. */
  open(id: number, limit: number): Promise<readonly JobId[]>;
  /** Settles jobs, each once, and answers the change. */
  settle(id: number, outcomes: readonly BulkOutcome[], now: EpochMs): Promise<BulkChange>;
  /** Jobs of a change by their ids. */
  jobs(id: number, page: BulkPage): Promise<readonly BulkJob[]>;
}

/** A change that somebody asks for. */
export interface NewBulk extends By {
  /** Who asks; they alone see it. */
  readonly owner: string;
  /** The same key of the same owner asks once. */
  readonly key: string;
  /** What becomes of the jobs. */
  readonly action: BulkAction;
  /** Which jobs. */
  readonly jobs: Omit<JobQuery, "sort" | "cursor" | "limit">;
}

/** Which jobs of a change are answered. */
export interface BulkPage {
  /** Only those that were refused. */
  readonly isRefused?: boolean;
  /** Only those after this one; absent: from the first. */
  readonly after?: JobId;
  /** Most jobs that are answered. */
  readonly limit: number;
}

/** A change that nobody looked at for so long is forgotten, in milliseconds. */
export const BULK_KEPT_MS: number = 30 * 86_400_000;
