import { type EpochMs, epochMs } from "../../shared/domain/mod.ts";
import type { Clock } from "../../shared/time/mod.ts";
import type { Actor, Timeline } from "./timeline.ts";

/**
 * A machine with one process of ours: its clocks, which may be wrong, and whether it goes at all.
 *
 * A frozen machine stands still and goes on later as if nothing had happened, which is what a stopped process or a suspended
 * virtual machine does. A dead one never comes back.
 */
export class Machine implements Actor {
  readonly name: string;
  readonly #timeline: Timeline;
  #isDead = false;
  #frozenUntil: EpochMs;
  /** How far its wall clock is from the true time. */
  #skewMs: number;
  /** For how long its monotonic clock has stood still. */
  #suspendedMs = 0;
  /** When something was last done to it that it cannot help. */
  #troubledAt: EpochMs;

  constructor(name: string, timeline: Timeline, skewMs: number) {
    this.name = name;
    this.#timeline = timeline;
    this.#skewMs = skewMs;
    this.#frozenUntil = timeline.now;
    this.#troubledAt = timeline.now;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get frozenUntil(): EpochMs {
    return this.#frozenUntil;
  }

  /** Since when it has been well; null: it is not. */
  get wellSince(): EpochMs | null {
    return this.#isDead || this.#timeline.now < this.#frozenUntil ? null : this.#troubledAt;
  }

  /** Something went wrong for it just now, or will until `until`. */
  trouble(until: EpochMs = this.#timeline.now): void {
    this.#troubledAt = epochMs(Math.max(this.#troubledAt, until));
  }

  /** Ends it. */
  die(): void {
    this.#isDead = true;
  }

  /** Stops it for a while; a suspended one's monotonic clock stands still as well. */
  freeze(ms: number, { isSuspended }: { readonly isSuspended: boolean }): void {
    const until = epochMs(this.#timeline.now + ms);
    const from = Math.max(this.#timeline.now, this.#frozenUntil);
    if (until <= from) return;
    if (isSuspended) this.#suspendedMs += until - from;
    this.#frozenUntil = until;
    this.trouble(until);
  }

  /** Sets its wall clock. */
  setClock(skewMs: number): void {
    this.#skewMs = skewMs;
  }

  /** Its clocks. */
  readonly clock: Clock = {
    now: () => epochMs(this.#timeline.now + this.#skewMs),
    monotonic: () => this.#timeline.now - this.#timeline.start - this.#suspendedMs,
    sleep: (ms, signal) => {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          cancel();
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const cancel = this.#timeline.after(ms, { actor: this, what: `${this.name} wakes`, run: done });
        signal?.addEventListener("abort", done, { once: true });
      });
    },
  };
}
