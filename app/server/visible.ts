/**
 * What of jobs and runs a request may be shown. What its sender may not see answers as what is not there.
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
  type Permission,
} from "@jobtrigger/shared/domain";
import { authorize, getJob, jobTarget, readJob, readRun } from "@jobtrigger/shared/operations";
import type { JobQuery } from "@jobtrigger/shared/store";
import { operating } from "./operating.ts";
import type { State } from "./state.ts";

type Asking = Pick<State, "portal" | "access">;

/** The job with this id, on which the sender has `permission`. @throws {NotFound} @throws {Forbidden} */
export async function jobFor({ portal: { store }, access }: Asking, id: JobId, permission: Permission): Promise<Job> {
  const job = await readJob({ store, access }, id);
  const decision = decide(access, permission, job);
  if (!decision.allowed) throw new Forbidden(decision.reason);
  return job;
}

/**
 * The job with this id, for a form that changes something about it: as for every change, a refusal goes into the audit list.
 * @throws {NotFound} @throws {Forbidden}
 */
export async function jobToChange(state: State, id: JobId, permission: Permission): Promise<Job> {
  const job = await getJob(state.portal.store, id);
  await authorize(operating(state), permission, jobTarget(job));
  return job;
}

/** The run with this id, on whose job the sender has `permission`. @throws {NotFound} */
export function runFor(
  { portal: { store }, access }: Asking,
  id: DispatchId,
  permission: "runs.read" | "logs.read",
): Promise<Dispatch> {
  return readRun({ store, access }, id, permission);
}

/** Refuses who has `permission` on no job at all. @throws {Forbidden} that says which role it takes. */
export function demandAnywhere(
  { access, mayAnywhere }: Pick<State, "access" | "mayAnywhere">,
  permission: Permission,
): void {
  const decision = decide(access, permission, { labels: [] });
  if (!decision.allowed && !mayAnywhere(permission)) throw new Forbidden(decision.reason);
}

/** Of which jobs the sender may see what `permission` is about: for the queries of lists. */
export function visibleTo(
  { access }: Pick<State, "access">,
  permission: "jobs.read" | "runs.read",
): Required<Pick<JobQuery, "visible">> {
  return { visible: visibleLabels(access, permission) };
}
