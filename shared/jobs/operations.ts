/**
 * What people do with jobs, where it takes more than one call of the store: a job's `nextRun` follows from its schedule,
 * computed from now whenever the schedule or the pause changes, so that nothing past ever fires.
 *
 * @module
 */
import { type EpochMs, type Job, type JobDefinition, type JobId, NotFound } from "../domain/mod.ts";
import { calculateNextRun } from "../schedule/mod.ts";
import type { Store } from "../store/store.ts";

/** Creates an active job. */
export function createJob(store: Store, definition: JobDefinition, now: EpochMs): Promise<Job> {
  return store.jobs.create(definition, { nextRun: nextRunOf(definition, now), now });
}

/**
 * Replaces the definition of a job as it was at `revision`.
 * @throws {NotFound} @throws {Conflict} when it has been changed since.
 */
export async function editJob(
  store: Store,
  id: JobId,
  { revision, definition, now }: {
    readonly revision: number;
    readonly definition: JobDefinition;
    readonly now: EpochMs;
  },
): Promise<Job> {
  const job = await getJob(store, id);
  const nextRun = hasSameTimes(job, definition) ? "keep" : job.isActive ? nextRunOf(definition, now) : null;
  return await store.jobs.update(id, { revision, definition, nextRun, now });
}

/** Pauses a job; `note` says why. @throws {NotFound} */
export function pauseJob(store: Store, id: JobId, note: string | null, now: EpochMs): Promise<Job> {
  return store.jobs.setActive(id, { isActive: false, note, nextRun: null, now });
}

/** Resumes a job; what would have been due meanwhile is not made up for. @throws {NotFound} */
export async function resumeJob(store: Store, id: JobId, now: EpochMs): Promise<Job> {
  const job = await getJob(store, id);
  if (job.isActive) return job;
  return await store.jobs.setActive(id, { isActive: true, note: null, nextRun: nextRunOf(job, now), now });
}

/** The job with this id. @throws {NotFound} naming it. */
export async function getJob(store: Store, id: JobId): Promise<Job> {
  const job = await store.jobs.get(id);
  if (job === null) throw new NotFound(`There is no job ${id}`);
  return job;
}

function nextRunOf({ schedule, timezone, policies }: JobDefinition, now: EpochMs): EpochMs | null {
  return calculateNextRun(schedule, { timezone, after: now, dst: policies.dst });
}

/** Whether both are due at the same times: then an edit leaves a running interval's rhythm alone. */
function hasSameTimes(a: JobDefinition, b: JobDefinition): boolean {
  const times = ({ schedule, timezone, policies }: JobDefinition) => [schedule, timezone, policies.dst];
  return JSON.stringify(times(a)) === JSON.stringify(times(b));
}
