import type { SchedulingStore, Store } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";

/** How long the result of a write test is reused, in milliseconds, however many monitors ask. */
export const WRITE_TRIED_MS = 1000;

/** What a health check does to the database. */
type CheckedStore = Pick<Store, "tryWrite"> & { readonly scheduling: Pick<SchedulingStore, "nextDueAt"> };

/** Whether the database can be read and written. */
export class Health {
  readonly #store: CheckedStore;
  readonly #clock: Pick<Clock, "monotonic">;
  #tried: { readonly at: number; readonly result: Promise<void> } | null = null;
  #isTrying = false;

  constructor(store: CheckedStore, clock: Pick<Clock, "monotonic">) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Reads now, and tests a write if the last test is old: one at a time, however long it takes. @throws the database's error. */
  async check(): Promise<void> {
    await this.#store.scheduling.nextDueAt();
    await this.#tryWrite();
  }

  #tryWrite(): Promise<void> {
    const now = this.#clock.monotonic();
    if (this.#tried !== null && (this.#isTrying || now - this.#tried.at < WRITE_TRIED_MS)) return this.#tried.result;
    this.#isTrying = true;
    const result = this.#store.tryWrite().finally(() => this.#isTrying = false);
    this.#tried = { at: now, result };
    return result;
  }
}
