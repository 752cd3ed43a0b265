import { type Dispatch, type DispatchId, type JobId, NotFound } from "../domain/mod.ts";
import type { StoreReader } from "../store/store_reader.ts";
import { type OperationContext, WHOLE } from "./context.ts";

/** How a person or a program starts a job. */
export interface RunRequest {
  /** The job. */
  readonly id: JobId;
  /** In place of the job's arguments; null: the job's. */
  readonly args: readonly string[] | null;
  /** Beside earlier runs that have not ended, whatever the job's overlap policy says. */
  readonly force: boolean;
  /** The same key for the same job makes one run; null: each request makes its own. */
  readonly idempotencyKey: string | null;
}

/**
 * Starts a job now: its run waits for a worker. Answers the run that the same key made before, if there is one.
 * @throws {NotFound} when there is no such job. @throws {Conflict} when its overlap policy leaves no room for another run.
 */
export function runNow({ store, now }: OperationContext, { id, ...request }: RunRequest): Promise<Dispatch> {
  return store[WHOLE].runs.runNow({ jobId: id, trigger: "manual", ...request, now });
}

/**
 * Cancels a waiting run at once (`cancelled`), asks for a running one to be stopped (`requested`).
 * @throws {NotFound} when there is no such run. @throws {Conflict} when it has ended.
 */
export function cancelRun(
  { store, now }: OperationContext,
  { id }: { readonly id: DispatchId },
): Promise<"cancelled" | "requested"> {
  return store[WHOLE].runs.cancel(id, now);
}

/** The run with this id. @throws {NotFound} naming it. */
export async function getRun(store: StoreReader, id: DispatchId): Promise<Dispatch> {
  const run = await store.runs.get(id);
  if (run === null) throw new NotFound(`There is no run ${id}`);
  return run;
}
