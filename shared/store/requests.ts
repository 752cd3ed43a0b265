import { type Backfill, Conflict, type EpochMs, Invalid, type JobId } from "../domain/mod.ts";

/** Most runs, and most ledger entries, that a question about a span of a job's occurrences answers. */
export const MOST_OCCURRENCES = 200;

/** Refuses a run for which the job's overlap policy has no room. */
export function noRoom(jobId: JobId, unfinished: number): Conflict {
  const earlier = unfinished === 1 ? "an earlier run has not ended" : `${unfinished} earlier runs have not ended`;
  return new Conflict(`Cannot run job ${jobId} now: ${earlier}`);
}

/** Most jobs of one name that are answered. */
export const MOST_NAMESAKES = 10;

/** Refuses a key that another job has; null: one that has been deleted meanwhile. */
export function keyTaken(key: string, by: JobId | null): Invalid {
  return new Invalid([{
    field: "key",
    message: `found "${key}", which ${
      by === null ? "another job had" : `job ${by} has`
    } already; expected one of its own`,
    code: "taken",
  }]);
}

/** What makes the run of one occurrence of a backfill unique. */
export function backfillKey({ id }: Backfill, at: EpochMs): string {
  return `backfill/${id}/${at}`;
}
