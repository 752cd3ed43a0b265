import type { EpochMs, Service, ServiceIdentity } from "../domain/mod.ts";

/** Schedulers, portals and notifiers. Workers have a store of their own: {@linkcode WorkerStore}. */
export interface ServiceStore {
  /** Writes that a service is alive at `now`; enters it at its first report. */
  report(identity: ServiceIdentity, now: EpochMs): Promise<void>;
  /** Removes a service that ends in order. */
  retire(serviceId: string): Promise<void>;
  /** All of them, those that died included: by kind, host, start and id. */
  list(): Promise<readonly Service[]>;
  /** Removes at most `limit` of those whose last report is further from `now` than `SERVICE_KEPT_MS`. Answers how many. */
  prune(pass: { readonly now: EpochMs; readonly limit: number }): Promise<number>;
}
