import { type Backfill, Conflict, type EpochMs, type JobId } from "../domain/mod.ts";

/** Most runs, and most ledger entries, that a question about a span of a job's occurrences answers. */
export const MOST_OCCURRENCES = 200;

/** Refuses a run for which the job's overlap policy has no room. */
export function noRoom(jobId: JobId, unfinished: number): Conflict {
  const earlier = unfinished === 1 ? "an earlier run has not ended" : `${unfinished} earlier runs have not ended`;
  return new Conflict(`Cannot run job ${jobId} now: ${earlier}`);
}

/** What makes the run of one occurrence of a backfill unique. */
export function backfillKey({ id }: Backfill, at: EpochMs): string {
  return `backfill/${id}/${at}`;
}
