import type { EpochMs } from "./brand.ts";
import type { ExecutionStatus, LogStream } from "./dispatch.ts";

/** A run that ended in another system, as the history of a job takes it over. Nothing follows from it: no retry, no event. */
export interface PastRun {
  /** Names it within its job, so that it is taken over once. */
  readonly key: string;
  /** When it was due or asked for; of two runs of a job never the same. */
  readonly scheduledFor: EpochMs;
  /** The worker that ran it and when it claimed it; null: nobody knows. */
  readonly claim: {
    readonly workerId: string;
    readonly at: EpochMs;
  } | null;
  /** When it ended. */
  readonly completedAt: EpochMs;
  /** How it ended. */
  readonly execution: Exclude<ExecutionStatus, "CANCELLED">;
  /** The script's exit code; null: nobody knows. */
  readonly exitCode: number | null;
  /** In a sentence why it did not succeed; null when it did, or when nobody knows. */
  readonly errorMessage: string | null;
  /** Its output, in order. */
  readonly output: readonly {
    readonly stream: LogStream;
    readonly data: string;
  }[];
}
