import type { WorkerId } from "../domain/mod.ts";
import { byOf } from "../store/store.ts";
import { authorize } from "./authorize.ts";
import { type OperationContext, WHOLE } from "./context.ts";

/**
 * Asks a worker to drain: it claims nothing more, and its scripts go on. It obeys at its next sign of life.
 * @throws {NotFound} when there is no such worker. @throws {Conflict} when it has ended. @throws {Forbidden}
 */
export function drainWorker(context: OperationContext, worker: { readonly id: WorkerId }): Promise<void> {
  return requestDrain(context, worker.id, true);
}

/** Takes the request to drain back. @throws {NotFound} @throws {Conflict} @throws {Forbidden} */
export function resumeWorker(context: OperationContext, worker: { readonly id: WorkerId }): Promise<void> {
  return requestDrain(context, worker.id, false);
}

async function requestDrain(context: OperationContext, id: WorkerId, drains: boolean): Promise<void> {
  await authorize(context, "workers.drain", { kind: "worker", id: null, name: id });
  await context.store[WHOLE].workers.requestDrain(id, { drains, ...byOf(context) });
}
