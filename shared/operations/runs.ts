import type { Dispatch, DispatchId, JobId, Worker } from "../domain/mod.ts";
import { type Access, decide, visibleLabels } from "../access/mod.ts";
import { noRun } from "../store/refusals.ts";
import { byOf, MOST_IDS, type NewRun } from "../store/store.ts";
import type { StoreReader } from "../store/store_reader.ts";
import { authorize, jobTarget } from "./authorize.ts";
import { keyOfAnother, type OperationContext, ownerOf, type ReadContext, WHOLE } from "./context.ts";
import { getJob } from "./jobs.ts";

/** How a person or a program starts a job. */
export interface RunRequest extends Pick<NewRun, "args" | "force"> {
  /** The job to start. */
  readonly id: JobId;
  /** The same key of the same owner makes one run of the job: nobody else's, no webhook's. Null: each request makes its own. */
  readonly idempotencyKey: string | null;
}

/**
 * Starts a job now: its run waits for a worker. Answers the run that the same key made before, if there is one.
 * @throws {NotFound} when there is no such job. @throws {Conflict} when its overlap policy leaves no room for another run.
 * @throws {Forbidden} @throws {Invalid} when the key made a run with other arguments.
 */
export async function runNow(
  context: OperationContext,
  { id, args, force, idempotencyKey: key }: RunRequest,
): Promise<Dispatch> {
  const { store } = context;
  await authorize(context, "jobs.run", jobTarget(await getJob(store, id)));
  const run = await store[WHOLE].runs.runNow({
    jobId: id,
    trigger: triggerOf(context),
    args,
    force,
    idempotencyKey: key === null ? null : `${ownerOf(context)}/${key}`,
    ...byOf(context),
  });
  if (JSON.stringify(run.args) !== JSON.stringify(args)) throw keyOfAnother();
  return run;
}

/** A program acts by a token. */
function triggerOf({ actor }: OperationContext): NewRun["trigger"] {
  return actor.kind === "token" ? "api" : "manual";
}

/**
 * Cancels a waiting run at once (`cancelled`), asks for a running one to be stopped (`requested`).
 * @throws {NotFound} when there is no such run. @throws {Conflict} when it has ended.
 * @throws {Forbidden}
 */
export async function cancelRun(
  context: OperationContext,
  { id }: { readonly id: DispatchId },
): Promise<"cancelled" | "requested"> {
  const { store } = context;
  const { jobId } = await getRun(store, id);
  // The runs of a deleted job have no labels any more: only a role on everything reaches them.
  const job = await store.jobs.get(jobId);
  const target = { kind: "run", id, name: job?.name ?? null, labels: job?.labels ?? [] } as const;
  await authorize(context, "runs.cancel", target);
  return await store[WHOLE].runs.cancel(id, byOf(context));
}

/**
 * A run that the actor may see, or whose output they may read. @throws {NotFound} naming it, also where they may not: the runs of a
 * deleted job are only for those with the role on everything.
 */
export async function readRun(
  { store, access }: ReadContext,
  id: DispatchId,
  permission: "runs.read" | "logs.read" = "runs.read",
): Promise<Dispatch> {
  const run = await getRun(store, id);
  const { labels } = await store.jobs.get(run.jobId) ?? { labels: [] };
  if (decide(access, permission, { labels }).allowed) return run;
  throw noRun(id);
}

/** What it takes to read many things. */
export interface ReaderContext {
  /** The store to read. */
  readonly store: StoreReader;
  /** What the reader may do. */
  readonly access: Access;
}

/** Which of some runs the actor may see. */
export async function visibleRuns(
  { store, access }: ReaderContext,
  ids: readonly DispatchId[],
): Promise<ReadonlySet<DispatchId>> {
  const visible = visibleLabels(access, "runs.read");
  if (visible === "all") return new Set(ids);
  const seen = new Set<DispatchId>();
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    const some = ids.slice(from, from + MOST_IDS);
    for (const { id } of (await store.runs.list({ ids: some, visible, limit: MOST_IDS })).items) seen.add(id);
  }
  return seen;
}

/** All workers, those online first, without the numbers of runs that the actor may not see; `running` counts all. */
export async function readWorkers(
  { store, access }: ReaderContext,
): Promise<readonly (Worker & { readonly running: number })[]> {
  const workers = await store.workers.list();
  const seen = await visibleRuns({ store, access }, workers.flatMap(({ currentDispatchIds }) => currentDispatchIds));
  return workers.map((worker) => ({
    ...worker,
    running: worker.currentDispatchIds.length,
    currentDispatchIds: worker.currentDispatchIds.filter((id) => seen.has(id)),
  }));
}

/** The run with this id. @throws {NotFound} naming it. */
export async function getRun(store: StoreReader, id: DispatchId): Promise<Dispatch> {
  const run = await store.runs.get(id);
  if (run === null) throw noRun(id);
  return run;
}
