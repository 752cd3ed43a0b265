/**
 * What of jobs and runs a request may be shown. What its sender may not see answers as what is not there. A run is as visible as its
 * job; the runs of a deleted job have no labels any more, so only a role on everything shows them.
 *
 * @module
 */
import { decide, visibleLabels } from "@jobtrigger/shared/access";
import {
  type Dispatch,
  type DispatchId,
  Forbidden,
  type Job,
  type JobId,
  NotFound,
  type Permission,
} from "@jobtrigger/shared/domain";
import { getJob, getRun } from "@jobtrigger/shared/operations";
import { MOST_IDS } from "@jobtrigger/shared/store";
import type { State } from "./state.ts";

type Asking = Pick<State, "portal" | "access" | "may">;

/** The job with this id, on which the sender has `permission`. @throws {NotFound} @throws {Forbidden} */
export async function jobFor({ portal, access, may }: Asking, id: JobId, permission: Permission): Promise<Job> {
  const job = await getJob(portal.store, id);
  if (!may("jobs.read", job.labels)) throw new NotFound(`There is no job ${id}`);
  const decision = decide(access, permission, job);
  if (!decision.allowed) throw new Forbidden(decision.reason);
  return job;
}

/** The run with this id, on whose job the sender has `permission`. @throws {NotFound} @throws {Forbidden} */
export async function runFor(asking: Asking, id: DispatchId, permission: Permission): Promise<Dispatch> {
  const { portal: { store }, access, may } = asking;
  const run = await getRun(store, id);
  if (visibleLabels(access, "runs.read") === "all" && visibleLabels(access, permission) === "all") return run;
  const labels = (await store.jobs.get(run.jobId))?.labels ?? [];
  if (!may("runs.read", labels)) throw new NotFound(`There is no run ${id}`);
  const decision = decide(access, permission, { labels });
  if (!decision.allowed) throw new Forbidden(decision.reason);
  return run;
}

/** Those of a page's jobs that its reader may see. */
export function visibleJobs<One extends Job>({ may }: Asking, jobs: readonly One[]): readonly One[] {
  return jobs.filter(({ labels }) => may("jobs.read", labels));
}

/** Those of a page's runs that its reader may see. */
export async function visibleRuns(asking: Asking, runs: readonly Dispatch[]): Promise<readonly Dispatch[]> {
  const { portal: { store }, access, may } = asking;
  if (visibleLabels(access, "runs.read") === "all") return runs;
  const ids = [...new Set(runs.map(({ jobId }) => jobId))];
  const labels = new Map<JobId, readonly string[]>();
  for (let at = 0; at < ids.length; at += MOST_IDS) {
    const some = ids.slice(at, at + MOST_IDS);
    const { items } = await store.jobs.list({ ids: some, limit: some.length });
    for (const job of items) labels.set(job.id, job.labels);
  }
  return runs.filter(({ jobId }) => may("runs.read", labels.get(jobId) ?? []));
}
