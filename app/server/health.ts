import type { Store } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";

/** How long the result of a write test is reused, in milliseconds, however often monitors ask. */
export const WRITE_TRIED_MS = 10_000;

/** Whether the database can be read and written. */
export class Health {
  readonly #store: Pick<Store, "scheduling" | "tryWrite">;
  readonly #clock: Pick<Clock, "monotonic">;
  #tried: { readonly at: number; readonly result: Promise<void> } | null = null;

  constructor(store: Pick<Store, "scheduling" | "tryWrite">, clock: Pick<Clock, "monotonic">) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Reads now, and tests a write if the last test is old. @throws the database's error. */
  async check(): Promise<void> {
    await this.#store.scheduling.nextDueAt();
    const now = this.#clock.monotonic();
    if (this.#tried === null || now - this.#tried.at >= WRITE_TRIED_MS) {
      this.#tried = { at: now, result: this.#store.tryWrite() };
    }
    await this.#tried.result;
  }
}
