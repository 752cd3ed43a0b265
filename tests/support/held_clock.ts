import { type Clock, systemClock } from "../../shared/time/mod.ts";

/** How long somebody may take to fall asleep before the test gives up, in milliseconds. */
const PATIENCE_MS = 60_000;

/** A clock on which time passes only where a test lets it. */
export class HeldClock implements Clock {
  readonly now: Clock["now"] = systemClock.now;
  readonly monotonic: Clock["monotonic"] = systemClock.monotonic;
  readonly #asleep = new Map<() => void, number>();
  #onSleep = () => {};
  #isHeld = true;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || !this.#isHeld) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#asleep.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      signal?.addEventListener("abort", wake, { once: true });
      this.#asleep.set(wake, ms);
      this.#onSleep();
    });
  }

  /** Ends a sleep of a length between the two: one under way, or the first that somebody falls into. */
  async pass(fromMs: number, toMs: number = fromMs): Promise<void> {
    const { promise, resolve: wake, reject } = Promise.withResolvers<() => void>();
    const timer = setTimeout(() => reject(new Error(`Nobody sleeps for ${fromMs} to ${toMs} ms`)), PATIENCE_MS);
    this.#onSleep = () => {
      for (const [sleeper, ms] of this.#asleep) if (fromMs <= ms && ms <= toMs) return wake(sleeper);
    };
    this.#onSleep();
    try {
      (await promise)();
    } finally {
      clearTimeout(timer);
      this.#onSleep = () => {};
    }
  }

  /** Ends all sleeps, and all to come. */
  letGo(): void {
    this.#isHeld = false;
    for (const wake of [...this.#asleep.keys()]) wake();
  }
}
