import type { Dispatch, DispatchId, JobId } from "../domain/mod.ts";
import { noRun } from "../store/refusals.ts";
import type { NewRun } from "../store/store.ts";
import type { StoreReader } from "../store/store_reader.ts";
import { type OperationContext, WHOLE } from "./context.ts";

/** How a person or a program starts a job. */
export interface RunRequest extends Pick<NewRun, "args" | "force" | "idempotencyKey"> {
  /** The job to start. */
  readonly id: JobId;
}

/**
 * Starts a job now: its run waits for a worker. Answers the run that the same key made before, if there is one.
 * @throws {NotFound} when there is no such job. @throws {Conflict} when its overlap policy leaves no room for another run.
 */
export function runNow({ store, ...by }: OperationContext, { id, ...request }: RunRequest): Promise<Dispatch> {
  return store[WHOLE].runs.runNow({ jobId: id, trigger: "manual", ...request, ...by });
}

/**
 * Cancels a waiting run at once (`cancelled`), asks for a running one to be stopped (`requested`).
 * @throws {NotFound} when there is no such run. @throws {Conflict} when it has ended.
 */
export function cancelRun(
  { store, ...by }: OperationContext,
  { id }: { readonly id: DispatchId },
): Promise<"cancelled" | "requested"> {
  return store[WHOLE].runs.cancel(id, by);
}

/** The run with this id. @throws {NotFound} naming it. */
export async function getRun(store: StoreReader, id: DispatchId): Promise<Dispatch> {
  const run = await store.runs.get(id);
  if (run === null) throw noRun(id);
  return run;
}
