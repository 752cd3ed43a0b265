import { type Access, visibleLabels } from "@jobtrigger/shared/access";
import type { EpochMs } from "@jobtrigger/shared/domain";
import { type GuardedStore, readStatus } from "@jobtrigger/shared/operations";
import type { SystemStatus } from "@jobtrigger/shared/policy";
import type { Clock } from "@jobtrigger/shared/time";

/** How long a status serves all pages while nothing changes, in milliseconds. */
const FRESH_MS = 1000;
/** How long it serves them although something has changed, in milliseconds. */
const CHANGED_MS = 100;
/** Most statuses that are kept: one for each set of labels that somebody may see. */
const MOST_KEPT = 100;

/**
 * Whether the system is well, for the first line of every page: read once for all who may see the same jobs, at most ten times a
 * second, however many pages are drawn.
 */
export class StatusReads {
  readonly #store: GuardedStore;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #reads = new Map<
    string,
    { readonly at: number; readonly version: number; readonly status: Promise<SystemStatus> }
  >();

  constructor(store: GuardedStore, clock: Pick<Clock, "monotonic">) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The status as `access` may see it. @throws {StoreUnavailable} */
  read({ access, now }: { readonly access: Access; readonly now: EpochMs }): Promise<SystemStatus> {
    const key = JSON.stringify(visibleLabels(access, "runs.read"));
    const at = this.#clock.monotonic();
    const version = this.#store.changes.version();
    const found = this.#reads.get(key);
    if (found !== undefined && at - found.at < (found.version === version ? FRESH_MS : CHANGED_MS)) return found.status;
    if (this.#reads.size >= MOST_KEPT) this.#reads.clear();
    const status = readStatus({ store: this.#store, access, now });
    this.#reads.set(key, { at, version, status });
    // The next page tries again.
    status.catch(() => this.#reads.delete(key));
    return status;
  }
}
