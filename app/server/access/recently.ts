import type { Clock } from "@jobtrigger/shared/time";

/** Most keys that are remembered; of one more, the one that was seen longest ago is forgotten. */
const MOST_KEYS = 10_000;

/**
 * What was seen lately, so that something which comes with every request is written down once. Each process remembers its own, and a
 * restart forgets all. Time is monotonic.
 */
export class Recently {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #spanMs: number;
  /** When each was seen last, the latest at the end. */
  readonly #seen = new Map<string, number>();

  /** Remembers what was seen within `spanMs`. */
  constructor(clock: Pick<Clock, "monotonic">, spanMs: number) {
    this.#clock = clock;
    this.#spanMs = spanMs;
  }

  /** Whether `key` was seen within the span before. It counts as seen now. */
  has(key: string): boolean {
    const now = this.#clock.monotonic();
    const before = this.#seen.get(key);
    this.#seen.delete(key);
    this.#seen.set(key, now);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MOST_KEYS && oldest !== undefined) this.#seen.delete(oldest);
    return before !== undefined && now - before < this.#spanMs;
  }

  /** Forgets `key`: what it stands for was not written down. */
  forget(key: string): void {
    this.#seen.delete(key);
  }
}
