import type { Clock } from "@jobtrigger/shared/time";
import type { RunProcesses } from "./processes.ts";
import type { StopReason } from "./stop.ts";

/** Why the worker ends a run early; `failure` is a failure of the worker itself. */
export type Cause =
  | { readonly kind: "timeout" }
  | { readonly kind: "stopped"; readonly reason: StopReason }
  | { readonly kind: "failure" };

/** Why a run was ended, and the strongest signal sent. */
export interface Ended {
  readonly cause: Cause;
  readonly signal: "SIGTERM" | "SIGKILL";
}

/**
 * Ends a run early: SIGTERM, and SIGKILL when the grace is over.
 *
 * ```
 *           begin(grace > 0)             grace over, or begin(0)
 *  running ─────────────────▶ SIGTERM ──────────────────────────▶ SIGKILL
 *     └────────────────────── begin(0) ────────────────────────────▲
 * ```
 */
export class Ending {
  readonly #clock: Clock;
  readonly #processes: RunProcesses;
  readonly #over = new AbortController();
  readonly #graceOver = Promise.withResolvers<void>();
  readonly #work: Promise<void>[] = [];
  #cause: Cause | null = null;
  #signal: "SIGTERM" | "SIGKILL" | null = null;
  #asked = false;
  #killAt = Infinity;
  #grace = new AbortController();

  constructor(clock: Clock, processes: RunProcesses) {
    this.#clock = clock;
    this.#processes = processes;
  }

  /** Why the run was ended; null if it was not, or if it ended by itself before a signal reached it. */
  get ended(): Ended | null {
    return this.#cause === null || this.#signal === null ? null : { cause: this.#cause, signal: this.#signal };
  }

  /** Resolves when the grace is over, at once without one. */
  get graceOver(): Promise<void> {
    return this.#graceOver.promise;
  }

  /** Ends the run as `timeout` once `timeoutMs` have passed. */
  limit(timeoutMs: number, graceMs: number): void {
    this.#work.push(
      this.#clock.sleep(timeoutMs, this.#over.signal).then(() => this.begin({ kind: "timeout" }, graceMs)),
    );
  }

  /** Ends the run, with SIGKILL in `graceMs` at the latest. The first cause stands; a later call can only bring SIGKILL forward. */
  begin(cause: Cause, graceMs: number): void {
    if (this.#over.signal.aborted) return;
    this.#cause ??= cause;
    const killAt = this.#clock.now() + graceMs;
    if (killAt >= this.#killAt) return;
    this.#killAt = killAt;
    this.#grace.abort();
    this.#grace = new AbortController();
    this.#work.push(this.#run(graceMs, this.#grace.signal));
  }

  /** Stops ending the run. Resolves when no signal is under way. */
  async close(): Promise<void> {
    this.#over.abort();
    this.#grace.abort();
    await Promise.all(this.#work);
  }

  async #run(graceMs: number, signal: AbortSignal): Promise<void> {
    if (graceMs > 0) {
      if (!this.#asked) {
        this.#asked = true;
        if (await this.#processes.signal("SIGTERM")) this.#signal ??= "SIGTERM";
      }
      await this.#clock.sleep(graceMs, signal);
      if (signal.aborted) return;
    }
    if (await this.#processes.signal("SIGKILL")) this.#signal = "SIGKILL";
    this.#graceOver.resolve();
  }
}
