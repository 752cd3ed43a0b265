import { type EpochMs, epochMs } from "../../shared/domain/mod.ts";
import type { Clock } from "../../shared/time/mod.ts";
import type { Actor, Timeline } from "./timeline.ts";

/**
 * A machine with one process of the project and two clocks, which may be wrong.
 *
 * A frozen machine stops and later continues where it was, as a stopped process or a suspended
 * virtual machine does. A dead machine never continues.
 */
export class Machine implements Actor {
  readonly name: string;
  readonly #timeline: Timeline;
  #isDead = false;
  #frozenUntil: EpochMs;
  /** The error of its wall clock, in milliseconds. */
  #skewMs: number;
  /** For how long its monotonic clock has been stopped, in milliseconds. */
  #suspendedMs = 0;
  /** When the last fault ended or will end. */
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

  /** When it became free of faults; null: it is not. */
  get wellSince(): EpochMs | null {
    return this.#isDead || this.#timeline.now < this.#frozenUntil ? null : this.#troubledAt;
  }

  /** Records a fault that lasts until `until`, by default until now. */
  trouble(until: EpochMs = this.#timeline.now): void {
    this.#troubledAt = epochMs(Math.max(this.#troubledAt, until));
  }

  /** Ends the machine. */
  die(): void {
    this.#isDead = true;
  }

  /** Freezes the machine for a while; suspension stops its monotonic clock as well. */
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
