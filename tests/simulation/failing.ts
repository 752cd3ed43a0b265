/**
 * The jobs that fail against the attempts: a job fails exactly while the newest of its attempts that failed without a retry has no
 * newer one that succeeded.
 *
 * @module
 */
import type { RunEvent } from "../../shared/domain/mod.ts";
import type { Complaint } from "./transitions.ts";

/** The errors in `failing`, which are ids of jobs, once all events are counted. */
export function failingComplaints(failing: readonly number[], events: readonly RunEvent[]): readonly Complaint[] {
  const ends = events.filter((event) => event.kind === "ended");
  const byJob = Map.groupBy(ends, ({ jobId }) => Number(jobId));
  return [...new Set([...failing, ...byJob.keys()])].flatMap((job) => {
    const last = (byJob.get(job) ?? [])
      .filter(({ execution, isRetried }) => execution !== "CANCELLED" && !isRetried)
      .toSorted((a, b) => a.dispatchId - b.dispatchId)
      .at(-1);
    const fails = last !== undefined && last.execution !== "SUCCESS";
    if (fails === failing.includes(job)) return [];
    return [`Job ${job} ${fails ? "fails" : "does not fail"}, which the failing jobs do not say`];
  });
}
