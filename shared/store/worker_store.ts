import type { EpochMs, Worker, WorkerId, WorkerIdentity } from "../domain/mod.ts";

/** Worker processes. */
export interface WorkerStore {
  /** Enters or re-enters a worker as IDLE. */
  register(identity: WorkerIdentity, now: EpochMs): Promise<void>;
  /** Marks a worker OFFLINE: it says goodbye. */
  retire(id: WorkerId, now: EpochMs): Promise<void>;
  /** All workers not yet pruned: those online first, then by hostname and start. */
  list(): Promise<readonly Worker[]>;
}
