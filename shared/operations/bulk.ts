/**
 * Changes of many jobs at once. Each job is changed by the operation of one, with its permission and its audit row, in a transaction of
 * its own, so that no other writer waits long. What was asked for and what has become of each job are rows: whoever works on a change
 * may die, and another goes on. It may then meet a job that was changed and not settled; changing it once more changes nothing, and a
 * run has the key of the change.
 *
 * @module
 */
import {
  type BulkAction,
  type BulkChange,
  type BulkJob,
  type BulkKind,
  type BulkOutcome,
  Conflict,
  definitionOf,
  epochMs,
  Forbidden,
  Invalid,
  type JobId,
  NotFound,
  parseLabels,
  type Permission,
} from "../domain/mod.ts";
import { visibleLabels } from "../access/mod.ts";
import type { BulkPage } from "../store/bulk_store.ts";
import type { JobQuery } from "../store/job_store.ts";
import { byOf } from "../store/store.ts";
import { keyOfAnother, type OperationContext, ownerOf, WHOLE } from "./context.ts";
import { assertWhole, deleteJob, editJob, getJob, pauseJob, resumeJob } from "./jobs.ts";
import { runNow } from "./runs.ts";

/** The permission that each kind of change asks for, of each job. */
export const BULK_PERMISSIONS: Readonly<Record<BulkKind, Permission>> = {
  run: "jobs.run",
  pause: "jobs.pause",
  resume: "jobs.pause",
  label: "jobs.edit",
  delete: "jobs.delete",
};

/** So many jobs are changed between two settlements. */
const AT_ONCE = 20;

/** An edit of labels meets other edits; it is tried this often. */
const MOST_TRIES = 3;

/** A change of many jobs that somebody asks for. */
export interface BulkRequest {
  /** The same key asks once. */
  readonly key: string;
  /** What becomes of the jobs. */
  readonly action: BulkAction;
  /** Which jobs, of those that the actor may see. */
  readonly jobs: Pick<JobQuery, "search" | "states" | "labels" | "jobs" | "ids">;
}

/**
 * Takes a change of many jobs down; {@linkcode workOnBulk} carries it out. Answers the change that the same key asked for before.
 * @throws {Invalid} when the key asked for something else.
 */
export async function startBulk(
  context: OperationContext,
  { key, action, jobs }: BulkRequest,
): Promise<BulkChange> {
  const { store, now, access } = context;
  const which = { ...jobs, visible: visibleLabels(access, "jobs.read"), now };
  const change = await store[WHOLE].bulk.create({
    owner: ownerOf(context),
    key,
    action,
    jobs: which,
    ...byOf(context),
  });
  if (JSON.stringify(change.action) !== JSON.stringify(action)) throw keyOfAnother();
  return change;
}

/**
 * Carries a change out, job after job, until each is settled or `signal` aborts; `onProgress` hears how far it has come. `operating`
 * makes the context of each step, with the time and the rights of then; what it throws ends the work.
 * @throws {NotFound} when the actor asked for no such change.
 */
export async function workOnBulk(
  operating: () => Promise<OperationContext>,
  id: number,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: (change: BulkChange) => void } = {},
): Promise<BulkChange> {
  let change = await readBulk(await operating(), id);
  while (change.finishedAt === null && signal?.aborted !== true) {
    const context = await operating();
    const open = await context.store[WHOLE].bulk.open(id, AT_ONCE);
    const outcomes: BulkOutcome[] = [];
    for (const jobId of open) outcomes.push(await settled(context, change, jobId));
    change = await context.store[WHOLE].bulk.settle(id, outcomes, context.now);
    onProgress?.(change);
    if (open.length === 0) break;
  }
  return change;
}

/** A change that the actor asked for. @throws {NotFound} */
export async function readBulk(
  { store, ...asking }: Pick<OperationContext, "store" | "actor" | "access">,
  id: number,
): Promise<BulkChange> {
  const change = await store[WHOLE].bulk.get(id, ownerOf(asking));
  if (change === null) throw new NotFound(`There is no change of many jobs with the number ${id}`);
  return change;
}

/** Nobody works on a change that has not come forward for so long, in milliseconds. */
export const BULK_STOPPED_MS = 20_000;

/**
 * The newest change that the actor asked for and on which nobody works any more; null: there is none. Who worked on it has died. Nobody
 * else may go on by themselves: a change acts by the rights of who asks, and the token or session that asked may have ended.
 */
export async function interruptedBulk(
  { store, now, ...asking }: Pick<OperationContext, "store" | "actor" | "access" | "now">,
): Promise<BulkChange | null> {
  return await store[WHOLE].bulk.interrupted(ownerOf(asking), epochMs(now - BULK_STOPPED_MS));
}

/** What became of the jobs of a change that the actor asked for. @throws {NotFound} */
export async function readBulkJobs(
  context: Pick<OperationContext, "store" | "actor" | "access">,
  id: number,
  page: BulkPage,
): Promise<readonly BulkJob[]> {
  await readBulk(context, id);
  return await context.store[WHOLE].bulk.jobs(id, page);
}

/** Changes one job. An error that is not about this job ends the work: it can go on later. */
async function settled(context: OperationContext, change: BulkChange, jobId: JobId): Promise<BulkOutcome> {
  try {
    const runId = await changeOne(context, change, jobId);
    return { jobId, outcome: "done", message: null, runId };
  } catch (error) {
    if (error instanceof NotFound && change.action.kind === "delete") {
      return { jobId, outcome: "done", message: "It was deleted already", runId: null };
    }
    if (
      error instanceof NotFound || error instanceof Conflict || error instanceof Forbidden || error instanceof Invalid
    ) {
      return { jobId, outcome: "refused", message: error.message, runId: null };
    }
    throw error;
  }
}

async function changeOne(
  context: OperationContext,
  { id: bulkId, action }: BulkChange,
  id: JobId,
): Promise<BulkOutcome["runId"]> {
  switch (action.kind) {
    case "run": {
      const run = await runNow(context, { id, args: null, force: false, idempotencyKey: `bulk/${bulkId}` });
      return run.id;
    }
    case "pause":
      await pauseJob(context, { id, note: action.note, cancelsWaiting: action.cancelsWaiting });
      return null;
    case "resume":
      await resumeJob(context, { id });
      return null;
    case "delete":
      await deleteJob(context, { id });
      return null;
    case "label":
      await relabel(context, id, action);
      return null;
  }
}

/** Gives a job other labels; one that has them already is left as it is. */
async function relabel(
  context: OperationContext,
  id: JobId,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<void> {
  for (let tries = 1;; tries++) {
    const job = await getJob(context.store, id);
    assertWhole(job);
    const labels = labelsOf([...job.labels.filter((label) => !remove.includes(label)), ...add]);
    if (labels.join() === job.labels.join()) return;
    try {
      await editJob(context, { id, revision: job.revision, definition: { ...definitionOf(job), labels } });
      return;
    } catch (error) {
      if (!(error instanceof Conflict) || tries === MOST_TRIES) throw error;
    }
  }
}

/** @throws {Invalid} when there are too many. */
function labelsOf(texts: readonly string[]): readonly string[] {
  try {
    return parseLabels(texts);
  } catch (error) {
    if (error instanceof RangeError) throw new Invalid([{ field: "labels", message: error.message }]);
    throw error;
  }
}
