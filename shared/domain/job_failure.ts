import type { DispatchId, EpochMs } from "./brand.ts";

/** What a failing job suffers from: its last occurrence failed or ran out of time, and no retry is left. */
export interface JobFailure {
  /** The last attempt that failed. */
  readonly dispatchId: DispatchId;
  /** How many occurrences have failed in a row. */
  readonly count: number;
  /** When the first of them failed. */
  readonly since: EpochMs;
  /** In a sentence why the last one failed; null: its worker did not say. */
  readonly message: string | null;
}
