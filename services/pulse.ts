/**
 * Whether a service's loop turns, and whether its last pass came to an end. The loop says both itself, once a turn: there is no timer
 * that would go on beside a loop that hangs. A loop turns at least every `REPORT_EVERY_MS`, also while the database does not answer.
 *
 * @module
 */
import type { Supervisor } from "@jobtrigger/shared/systemd";
import type { Clock } from "@jobtrigger/shared/time";

/** A loop that has not turned for this long hangs, in milliseconds: longer than the database's slowest answers together. */
export const HUNG_MS = 120_000;

/** The pulse of one service. */
export class Pulse {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #supervisor: Pick<Supervisor, "ready" | "alive" | "status">;
  #turnedAt: number;
  #isReady = false;
  #trouble: string | null = "It has not finished a pass yet";

  constructor(clock: Pick<Clock, "monotonic">, supervisor: Pick<Supervisor, "ready" | "alive" | "status">) {
    this.#clock = clock;
    this.#supervisor = supervisor;
    this.#turnedAt = clock.monotonic();
  }

  /** The loop turns. A pass with many parts says so between two of them. */
  turned(): void {
    this.#turnedAt = this.#clock.monotonic();
    this.#supervisor.alive();
  }

  /** A pass has come to its end: the database has been read and written. With the first, the service is ready. */
  passed(): void {
    if (!this.#isReady) this.#supervisor.ready();
    else if (this.#trouble !== null) this.#supervisor.status("Working");
    this.#isReady = true;
    this.#trouble = null;
  }

  /** A pass has failed, and is tried again. */
  failed(reason: string): void {
    if (this.#trouble !== reason) this.#supervisor.status(reason);
    this.#trouble = reason;
  }

  /** Whether the loop turns. */
  get isAlive(): boolean {
    return this.#clock.monotonic() - this.#turnedAt < HUNG_MS;
  }

  /** Why the service does not do its work, in a sentence; null: it does. */
  get trouble(): string | null {
    return this.isAlive ? this.#trouble : `Its loop has not turned for ${HUNG_MS / 1000} s`;
  }
}
