/**
 * How much work to claim ahead: the work of this many milliseconds. It hides the round trip to the database behind
 * short scripts.
 */
const AHEAD_MS = 50;
/** Most claims ahead: half of them run while the other half is being claimed. */
const MOST_AHEAD = 1000;
/** Most claims at once. */
const MOST_AT_ONCE = 500;
/** Most scripts that have ended and are not reported; above it the worker claims nothing. */
const MOST_UNREPORTED = 2000;
/** How much the duration of one script moves the mean. */
const WEIGHT = 0.2;

/**
 * Counts running scripts and computes how many attempts to claim: one for each free slot, and {@linkcode AHEAD_MS} of work
 * ahead. With long scripts that is none ahead, so that other workers can claim the waiting runs.
 */
export class Slots {
  readonly #count: number;
  #taken = 0;
  /** Mean duration of a script; null before the first has ended. */
  #meanMs: number | null = null;

  constructor(count: number) {
    this.#count = count;
  }

  /** Slots in which no script runs. */
  get free(): number {
    return this.#count - this.#taken;
  }

  /** Takes a slot for a script. */
  take(): void {
    this.#taken++;
  }

  /** Frees the slot of a script that took `durationMs`. */
  release(durationMs: number): void {
    this.#taken--;
    this.#meanMs = this.#meanMs === null ? durationMs : this.#meanMs + WEIGHT * (durationMs - this.#meanMs);
  }

  /** How many attempts to claim now, with `waiting` claimed and not started, and `held` started and not yet reported. */
  wanted({ waiting, held }: { readonly waiting: number; readonly held: number }): number {
    const unreported = held - this.#taken;
    if (unreported >= MOST_UNREPORTED) return 0;
    const ahead = this.#ahead();
    const wanted = this.free + ahead - waiting;
    // Busy slots can wait for a larger claim, which saves round trips.
    if (waiting >= this.free && wanted < ahead / 2) return 0;
    return Math.max(0, Math.min(wanted, MOST_AT_ONCE));
  }

  #ahead(): number {
    if (this.#meanMs === null) return 0;
    // No script starts and ends in less than a tenth of a millisecond.
    return Math.min(MOST_AHEAD, Math.floor(this.#count * AHEAD_MS / Math.max(this.#meanMs, 0.1)));
  }
}
