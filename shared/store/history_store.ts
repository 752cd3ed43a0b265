import type { EpochMs, JobId, PastRun } from "../domain/mod.ts";

/** The history of jobs that another system ran. */
export interface HistoryStore {
  /**
   * Writes runs that have ended, with their execution rows and output, in one transaction; they count as runs of the job's schedule.
   * Nothing follows from them: no event, no retry. A job whose last run failed is failing until it succeeds. Those that were taken over before are left alone, by their keys. Answers how many
   * were written.
   * @throws {NotFound} when there is no such job.
   */
  takeOver(history: History): Promise<number>;
}

/** Some runs of a job. */
export interface History {
  /** The job. */
  readonly jobId: JobId;
  /** Oldest first. */
  readonly runs: readonly PastRun[];
  /** When they are written, in the database's time. */
  readonly now: EpochMs;
}
