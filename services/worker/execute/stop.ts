/** Why a run is stopped: somebody cancelled it, the worker is draining, or its lease is lost. */
export type StopReason = "cancel" | "drain" | "lost";

/** How a run is stopped. */
export interface StopOptions {
  /** From SIGTERM to SIGKILL, at most; default: the run's own. 0 kills at once. */
  readonly graceMs?: number;
}

/** The request to stop: the first reason, and the shortest grace. */
export interface StopRequest {
  readonly reason: StopReason;
  /** Null: the run's own. */
  readonly graceMs: number | null;
}

/**
 * The handle by which a run is stopped; the caller makes one, gives it to `execute()` and keeps it.
 *
 * ```ts ignore
 * const stop = new StopControl();
 * const done = execute(request, { ...hooks, stop });
 * stop.stop("cancel");
 * ```
 */
export class StopControl {
  #request: StopRequest | null = null;
  #listener: ((request: StopRequest) => void) | null = null;

  /** The request so far; null: none. */
  get request(): StopRequest | null {
    return this.#request;
  }

  /**
   * Ends the run: SIGTERM to all its processes, SIGKILL after the grace. `lost` kills at once, because another worker may
   * have started the script again. A second call can only shorten the grace; the first reason stands. After the end it
   * does nothing.
   */
  stop(reason: StopReason, options: StopOptions = {}): void {
    const asked = reason === "lost" ? 0 : options.graceMs ?? null;
    const before = this.#request;
    this.#request = before === null
      ? { reason, graceMs: asked }
      : { reason: before.reason, graceMs: shorter(before.graceMs, asked) };
    this.#listener?.(this.#request);
  }

  /** Calls `listener` with each request, the one so far included; null stops that. For `execute()` alone. */
  listen(listener: ((request: StopRequest) => void) | null): void {
    this.#listener = listener;
    if (listener !== null && this.#request !== null) listener(this.#request);
  }
}

function shorter(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  if (b === null) return a;
  return Math.min(a, b);
}
