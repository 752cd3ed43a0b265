import type { Clock } from "@jobtrigger/shared/time";
import type { PortalLog } from "./portal_log.ts";

/** Most lines of one kind in a span of time; further ones are only counted, so that a flood does not fill the disk. */
const MOST_LINES = 20;
const SPAN_MS = 10_000;

/** Warnings that requests can cause: each is written unless there are too many at once. */
export class BoundedWarnings {
  readonly #log: PortalLog;
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  #lines = 0;
  #isCounting = false;

  /** Writes to `log` until `stopping` aborts. */
  constructor(log: PortalLog, clock: Clock, stopping: AbortSignal) {
    this.#log = log;
    this.#clock = clock;
    this.#stopping = stopping;
  }

  /** Writes a warning, or counts it. */
  warn(message: string, properties: Readonly<Record<string, unknown>>): void {
    this.#lines += 1;
    if (this.#lines <= MOST_LINES) this.#log.warn(message, { ...properties });
    if (!this.#isCounting) void this.#count();
  }

  async #count(): Promise<void> {
    this.#isCounting = true;
    await this.#clock.sleep(SPAN_MS, this.#stopping);
    this.#isCounting = false;
    const left = this.#lines - MOST_LINES;
    this.#lines = 0;
    if (left > 0) {
      this.#log.warn("{left} more requests of the last {seconds} s were refused or failed", {
        left,
        seconds: SPAN_MS / 1000,
      });
    }
  }
}
