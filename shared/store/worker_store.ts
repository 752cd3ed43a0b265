import type { EpochMs, Worker, WorkerId, WorkerIdentity } from "../domain/mod.ts";
import type { By } from "./by.ts";

/** What a worker learns from its row at each sign of life. */
export interface SignAnswer {
  /** False: this worker is not registered (any more), so it registers again. */
  readonly known: boolean;
  /** Whether somebody asked it to claim nothing more. */
  readonly drains: boolean;
}

/** Worker processes. */
export interface WorkerStore {
  /** Enters or re-enters a worker as IDLE. A request to drain stays. */
  register(identity: WorkerIdentity, now: EpochMs): Promise<void>;
  /** Notes that a worker lives, between the heartbeats that renew its leases. */
  report(id: WorkerId, now: EpochMs): Promise<SignAnswer>;
  /** Marks a worker OFFLINE: it says goodbye. */
  retire(id: WorkerId, now: EpochMs): Promise<void>;
  /** All workers not yet pruned: those online first, then by hostname and start. */
  list(): Promise<readonly Worker[]>;
  /** Asks a worker to drain, or takes the request back. It is obeyed at the worker's next sign of life.
   * @throws {NotFound} when there is no such worker. @throws {Conflict} when it is OFFLINE. */
  requestDrain(id: WorkerId, request: DrainRequest): Promise<void>;
  /** Removes at most `limit` of those that are OFFLINE and whose last sign of life is older than `WORKER_KEPT_MS`. Answers how many. */
  prune(pass: { readonly now: EpochMs; readonly limit: number }): Promise<number>;
}

/** A request to drain a worker, or to resume it. */
export interface DrainRequest extends By {
  /** Whether it claims nothing more. */
  readonly drains: boolean;
}
