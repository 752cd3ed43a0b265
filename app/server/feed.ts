import type { Changes } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";

/** Shortest time between two wake-ups, in milliseconds: pages refresh at most twice a second, however busy the database is. */
const FEED_QUIET_MS = 500;

/**
 * The store's changes for all open pages: one wait on the store however many pages listen, none while no page does. The first
 * change after a quiet time is passed on at once; those that follow it within {@linkcode FEED_QUIET_MS} together.
 */
export class Feed {
  readonly #changes: Changes;
  readonly #clock: Pick<Clock, "sleep">;
  readonly #stopping: AbortSignal;
  readonly #waiting: Set<() => void> = new Set();
  #version: number;
  #isRunning = false;
  #idle: AbortController = new AbortController();

  /** Listens to `changes` until `stopping` aborts. */
  constructor(changes: Changes, clock: Pick<Clock, "sleep">, stopping: AbortSignal) {
    this.#changes = changes;
    this.#clock = clock;
    this.#stopping = stopping;
    this.#version = changes.version();
  }

  /** Grows with the changes that were passed on. */
  get version(): number {
    return this.#version;
  }

  /** Resolves once {@linkcode Feed.version} is other than `seen`, at once if it is, and when `signal` aborts. */
  after(seen: number, signal: AbortSignal): Promise<void> {
    if (this.#version !== seen || signal.aborted || this.#stopping.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        if (this.#waiting.size === 0) this.#idle.abort();
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.size > 0) {
      this.#idle = new AbortController();
      const { signal } = this.#idle;
      const stop = () => this.#idle.abort();
      this.#stopping.addEventListener("abort", stop, { once: true });
      await this.#changes.after(this.#version, signal);
      this.#stopping.removeEventListener("abort", stop);
      const version = this.#changes.version();
      const isNew = version !== this.#version;
      this.#version = version;
      if (isNew || this.#stopping.aborted) { for (const done of [...this.#waiting]) done(); }
      if (isNew) await this.#clock.sleep(FEED_QUIET_MS, this.#stopping);
    }
    this.#isRunning = false;
  }
}
