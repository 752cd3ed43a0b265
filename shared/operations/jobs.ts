/**
 * What people do with jobs, where it takes more than one call of the store: a job's `nextRun` follows from its schedule,
 * computed from now whenever the schedule or the pause changes, so that nothing past ever fires. What is given up by that
 * goes into the ledger. What a scheduler whose clock was ahead has settled beyond now does not count: the store forgets what the
 * ledger says of it, and an occurrence that was dispatched is not dispatched again.
 *
 * @module
 */
import {
  Conflict,
  type EpochMs,
  epochMs,
  Invalid,
  type Job,
  type JobDefinition,
  type JobId,
  jobId,
  type JobRevision,
  NotFound,
} from "../domain/mod.ts";
import { decide } from "../access/mod.ts";
import { isNextRunTooLate, nextRunOf, occurrencesOf, soonestRun } from "../policy/mod.ts";
import { keyTaken, noJob } from "../store/refusals.ts";
import { byOf, type NewJob, type NextRunChange, type PausedJob } from "../store/store.ts";
import type { StoreReader } from "../store/store_reader.ts";
import { authorize, authorizeEdit, jobTarget } from "./authorize.ts";
import { type OperationContext, type ReadContext, WHOLE } from "./context.ts";

/** Creates a job: an active one, unless it begins `paused`. @throws {Invalid} when another job has the key. @throws {Forbidden} */
export async function createJob(
  context: OperationContext,
  definition: JobDefinition,
  beginning: Pick<NewJob, "managedBy" | "paused"> = {},
): Promise<Job> {
  await authorizeEdit(context, null, definition);
  const { store, now } = context;
  const nextRun = beginning.paused === undefined ? nextRunOf(definition, now) : null;
  const request = { ...beginning, nextRun, ...byOf(context) };
  return await hidingOthers(context, definition, () => store[WHOLE].jobs.create(definition, request));
}

/**
 * Replaces the definition of a job as it was at `revision`.
 * @throws {NotFound} @throws {Conflict} when it has been changed since. @throws {Forbidden}
 */
export function editJob(
  context: OperationContext,
  edit: {
    readonly id: JobId;
    readonly revision: number;
    readonly definition: JobDefinition;
  },
): Promise<Job> {
  return redefine(context, edit);
}

/**
 * Gives a job as it was at `revision` the definition that it had at revision `to`; its next run is computed from now, as for an
 * edit. @throws {NotFound} when there is no such revision. @throws {Conflict} when the job has been changed since.
 * @throws {Invalid} when that revision is damaged, or when another job has the key by now. @throws {Forbidden}
 */
export async function rollBackJob(
  context: OperationContext,
  { id, revision, to }: { readonly id: JobId; readonly revision: number; readonly to: number },
): Promise<Job> {
  await authorize(context, "jobs.edit", jobTarget(await getJob(context.store, id)));
  const { definition, damage } = await getRevision(context.store, id, to);
  if (damage !== null) throw new Invalid([{ field: "to", message: `found a damaged revision. ${damage}` }]);
  return await redefine(context, { id, revision, definition, restores: to });
}

function redefine(
  context: OperationContext,
  { id, definition, ...change }: {
    readonly id: JobId;
    readonly revision: number;
    readonly definition: JobDefinition;
    readonly restores?: number;
  },
): Promise<Job> {
  const { store, now } = context;
  return changed(store, id, async (job) => {
    await authorizeEdit(context, job, definition);
    // A paused job's edit begins a new stretch of what does not run, whatever was edited.
    const nextRun = job.isActive && job.damage === null && hasSameTimes(job, definition)
      ? isNextRunTooLate(job, now) ? moveNextRun(job, { to: soonestRun({ ...job, ...definition }, now), now }) : "keep"
      : moveNextRun(job, { to: job.isActive ? nextRunOf(definition, now) : null, now });
    const update = () => store[WHOLE].jobs.update(id, { ...change, definition, nextRun, ...byOf(context) });
    return await hidingOthers(context, definition, update);
  });
}

/**
 * Pauses a job; `note` says why. Its waiting runs start all the same, unless `cancelsWaiting`: then they are cancelled with the
 * pause, also where the job is paused already: for these it takes the right to cancel runs too.
 * @throws {NotFound} @throws {Conflict} when the job is damaged. @throws {Forbidden}
 */
export function pauseJob(
  context: OperationContext,
  { id, note, cancelsWaiting = false }: {
    readonly id: JobId;
    readonly note: string | null;
    readonly cancelsWaiting?: boolean;
  },
): Promise<PausedJob> {
  const { store, now } = context;
  return changed(store, id, async (job) => {
    await authorize(context, "jobs.pause", jobTarget(job));
    if (cancelsWaiting) await authorize(context, "runs.cancel", jobTarget(job));
    assertWhole(job);
    const nextRun = moveNextRun(job, { to: null, now });
    return await store[WHOLE].jobs.pause(id, { note, cancelsWaiting, nextRun, ...byOf(context) });
  });
}

/**
 * Resumes a job; what would have been due meanwhile is not made up for.
 * @throws {NotFound} @throws {Conflict} when the job is damaged. @throws {Forbidden}
 */
export function resumeJob(
  context: OperationContext,
  { id }: { readonly id: JobId },
): Promise<Job> {
  const { store, now } = context;
  return changed(store, id, async (job) => {
    await authorize(context, "jobs.pause", jobTarget(job));
    assertWhole(job);
    const nextRun = moveNextRun(job, { to: nextRunOf(job, now), now });
    return await store[WHOLE].jobs.resume(id, { nextRun, ...byOf(context) });
  });
}

/** Deletes a job: its waiting runs are cancelled, its running ones are asked to stop. @throws {NotFound} @throws {Forbidden} */
export async function deleteJob(context: OperationContext, { id }: { readonly id: JobId }): Promise<void> {
  const { store } = context;
  await authorize(context, "jobs.delete", jobTarget(await getJob(store, id)));
  await store[WHOLE].jobs.remove(id, byOf(context));
}

/** A job that the actor may see. @throws {NotFound} naming it, also where they may not. */
export async function readJob({ store, access }: ReadContext, id: JobId): Promise<Job> {
  const job = await getJob(store, id);
  if (decide(access, "jobs.read", job).allowed) return job;
  throw noJob(id);
}

/**
 * Refuses a change that would write stand-ins into the history of a job, in place of what cannot be read.
 * @throws {Conflict} when the job is damaged.
 */
export function assertWhole({ id, damage }: Job): void {
  if (damage === null) return;
  throw new Conflict(`Job ${id} is damaged. ${damage}. Edit it or restore one of its revisions first`);
}

/** The job with this id. @throws {NotFound} naming it. */
export async function getJob(store: StoreReader, id: JobId): Promise<Job> {
  const job = await store.jobs.get(id);
  if (job === null) throw noJob(id);
  return job;
}

/**
 * The id of the job that `text` names: digits are an id, whether or not there is such a job; else it is a key, else a name, exactly.
 * @throws {NotFound} when there is none. @throws {Invalid} when several have the name; its problem is of `field`.
 */
export async function findJobId(
  store: { readonly jobs: Pick<StoreReader["jobs"], "find"> },
  text: string,
  field: string = "job",
): Promise<JobId> {
  const wanted = text.trim();
  if (/^[1-9]\d{0,14}$/.test(wanted)) return jobId(Number(wanted));
  const [first, ...others] = /^\d*$/.test(wanted) ? [] : await store.jobs.find(wanted);
  if (first === undefined) throw new NotFound(`There is no job with the id, key or name ${JSON.stringify(wanted)}`);
  if (others.length === 0) return first.id;
  const ids = [first, ...others].map(({ id }) => id).join(", ");
  throw new Invalid([{
    field,
    message: `found ${JSON.stringify(wanted)}, the name of several jobs (${ids}); expected the id or the key of one`,
  }]);
}

/** A revision of a job, also of a deleted one. @throws {NotFound} */
export async function getRevision(store: StoreReader, id: JobId, revision: number): Promise<JobRevision> {
  const [found] = await store.jobs.revisions(id, { before: revision + 1, limit: 1 });
  if (found?.revision === revision) return found;
  throw new NotFound(`Job ${id} has no revision ${revision}`);
}

/** Carries out `work`; that another job has the key names that job only to who may see it. @throws {Invalid} */
async function hidingOthers<Answer>(
  { store, access }: OperationContext,
  { key }: JobDefinition,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const isTaken = error instanceof Invalid &&
      error.problems.some(({ field, code }) => field === "key" && code === "taken");
    if (!isTaken || key === null) throw error;
    const other = (await store.jobs.find(key)).find((job) => job.key === key);
    if (other !== undefined && decide(access, "jobs.read", other).allowed) throw error;
    throw keyTaken(key, null);
  }
}

/** Reads the job and changes it, again if a scheduler has moved its next run in between. */
async function changed<Answer>(
  store: StoreReader,
  id: JobId,
  change: (job: Job) => Promise<Answer | "moved">,
): Promise<Answer> {
  while (true) {
    const answer = await change(await getJob(store, id));
    if (answer !== "moved") return answer;
  }
}

/**
 * A move of the next run of `job`, with what is given up by it: for an active job what was due and not dispatched yet, for a
 * paused one what would have been due since it was paused or last edited.
 */
function moveNextRun(job: Job, { to, now }: { readonly to: EpochMs | null; readonly now: EpochMs }): NextRunChange {
  const from = job.nextRun;
  if (job.isActive && (from === null || from > now)) return { from, to, ledger: [] };
  const givenUp = occurrencesOf(job, from).stretch(from ?? epochMs(job.updatedAt + 1), now);
  const reason = job.isActive ? "missed" : "paused";
  return { from, to, ledger: givenUp === null ? [] : [{ reason, ...givenUp }] };
}

/**
 * Whether `job` is due at the same times once it is `edited`, as far as its next run tells: then the edit leaves that where it
 * is, and a running interval keeps its rhythm.
 */
function hasSameTimes(job: Job, edited: JobDefinition): boolean {
  // An interval counts seconds that pass: no wall clock has a say in it.
  const rules = ({ schedule, timezone, policies: { dst, startsAt } }: JobDefinition) =>
    JSON.stringify(schedule.kind === "interval" ? [schedule, startsAt] : [schedule, startsAt, timezone, dst]);
  const { endsAt } = edited.policies;
  const isInTime = job.nextRun !== null && (endsAt === null || job.nextRun <= endsAt);
  return rules(job) === rules(edited) && (isInTime || endsAt === job.policies.endsAt);
}
