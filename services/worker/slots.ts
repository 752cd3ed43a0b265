/** How much work is claimed ahead: what a worker does in this time. It hides the way to the database behind short scripts. */
const AHEAD_MS = 50;
/** Most claims ahead: half of them run while the other half is being claimed. */
const MOST_AHEAD = 1000;
/** Most claims at once. */
const MOST_AT_ONCE = 500;
/** Most ended scripts whose reports are still to be written when more is claimed: one batch under way, one to follow. */
const MOST_UNREPORTED = 2000;
/** How much the duration of one script moves the mean. */
const WEIGHT = 0.2;

/**
 * How many scripts run, and how many attempts to claim for that: the free slots, and ahead of them what the worker gets done
 * in a moment. Where scripts take long that is nothing, and what waits is left to other workers.
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

  /** A script starts. */
  take(): void {
    this.#taken++;
  }

  /** A script has ended that took `durationMs`. */
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
    // While no slot is empty for want of a claim, the way to the database is for many at once.
    if (waiting >= this.free && wanted < ahead / 2) return 0;
    return Math.max(0, Math.min(wanted, MOST_AT_ONCE));
  }

  #ahead(): number {
    if (this.#meanMs === null) return 0;
    // A script cannot be started and ended in less than a tenth of a millisecond.
    return Math.min(MOST_AHEAD, Math.floor(this.#count * AHEAD_MS / Math.max(this.#meanMs, 0.1)));
  }
}
