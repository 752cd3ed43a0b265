import type { JobStore, LogStore, RunStore, Store, WorkerStore } from "./store.ts";

/** A store as one reads it: nothing here changes anything. */
export interface StoreReader extends Pick<Store, "changes" | "now" | "close"> {
  readonly jobs: Pick<JobStore, "get" | "list" | "find" | "revisions">;
  readonly workers: Pick<WorkerStore, "list">;
  readonly runs: Omit<RunStore, "runNow" | "backfill" | "cancel">;
  readonly logs: LogStore;
}
