import { type Access, visibleLabels } from "@jobtrigger/shared/access";
import type { EpochMs } from "@jobtrigger/shared/domain";
import { type GuardedStore, listIncidents, readStatus } from "@jobtrigger/shared/operations";
import type { SystemStatus } from "@jobtrigger/shared/policy";
import type { Clock } from "@jobtrigger/shared/time";

/** How long a status serves all pages while nothing changes, in milliseconds. */
const FRESH_MS = 1000;
/** How long it serves them although something has changed, in milliseconds. */
const CHANGED_MS = 100;
/** Most statuses that are kept: one for each set of labels that somebody may see. */
const MOST_KEPT = 100;

/** Most open incidents that are counted. */
const MOST_INCIDENTS = 100;

interface Asking {
  readonly access: Access;
  readonly now: EpochMs;
}

interface Answer<Value> {
  readonly at: number;
  readonly version: number;
  readonly value: Promise<Value>;
}

/**
 * What the frame of every page says: whether the system is well, and how many incidents are open. It is read once for all who may see
 * the same jobs, at most ten times a second, however many pages are drawn.
 */
export class StatusReads {
  readonly #store: GuardedStore;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #statuses = new Map<string, Answer<SystemStatus>>();
  readonly #incidents = new Map<string, Answer<number>>();

  constructor(store: GuardedStore, clock: Pick<Clock, "monotonic">) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The status as `access` may see it. @throws {StoreUnavailable} */
  read({ access, now }: Asking): Promise<SystemStatus> {
    return this.#once(this.#statuses, access, () => readStatus({ store: this.#store, access, now }));
  }

  /** How many open incidents `access` may see, at most {@linkcode MOST_INCIDENTS}. @throws {StoreUnavailable} */
  openIncidents({ access }: Pick<Asking, "access">): Promise<number> {
    const query = { state: "open", limit: MOST_INCIDENTS } as const;
    const read = async () => (await listIncidents({ store: this.#store, access }, query)).items.length;
    return this.#once(this.#incidents, access, read);
  }

  #once<Value>(answers: Map<string, Answer<Value>>, access: Access, read: () => Promise<Value>): Promise<Value> {
    const key = JSON.stringify(visibleLabels(access, "runs.read"));
    const at = this.#clock.monotonic();
    const version = this.#store.changes.version();
    const found = answers.get(key);
    if (found !== undefined && at - found.at < (found.version === version ? FRESH_MS : CHANGED_MS)) return found.value;
    if (answers.size >= MOST_KEPT) answers.clear();
    const value = read();
    answers.set(key, { at, version, value });
    // The next page tries again.
    value.catch(() => answers.delete(key));
    return value;
  }
}
