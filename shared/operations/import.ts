/**
 * Jobs and history of other systems. Each job is found again by its key, each run by its own, so that an import that was broken off
 * goes on where it was, and another one changes nothing.
 *
 * @module
 */
import type { Job, JobDefinition, JobId, PastRun } from "../domain/mod.ts";
import { authorize, jobTarget } from "./authorize.ts";
import { type OperationContext, WHOLE } from "./context.ts";
import { createJob, getJob } from "./jobs.ts";

/** A job of another system. */
export interface JobImport {
  /** Its key names it. */
  readonly definition: JobDefinition & { readonly key: string };
  /** Why it begins paused; null: it begins active. */
  readonly pausedNote: string | null;
}

/** Creates the job, unless there is one with its key. @throws {Forbidden} */
export async function importJob(
  context: OperationContext,
  { definition, pausedNote }: JobImport,
): Promise<{ readonly job: Job; readonly isNew: boolean }> {
  const present = await findImported(context, definition.key);
  if (present !== null) return { job: present, isNew: false };
  const beginning = pausedNote === null ? {} : { paused: { note: pausedNote } };
  return { job: await createJob(context, definition, beginning), isNew: true };
}

/** The job that an import with this key made; null: none has. */
export async function findImported({ store }: Pick<OperationContext, "store">, key: string): Promise<Job | null> {
  return (await store.jobs.find(key)).find((job) => job.key === key) ?? null;
}

/** Adds runs that have ended to the history of a job. Answers how many it did not have. @throws {NotFound} @throws {Forbidden} */
export async function importRuns(
  context: OperationContext,
  { jobId, runs }: { readonly jobId: JobId; readonly runs: readonly PastRun[] },
): Promise<number> {
  const { store, now } = context;
  await authorize(context, "jobs.edit", jobTarget(await getJob(store, jobId)));
  return await store[WHOLE].history.takeOver({ jobId, runs, now });
}
