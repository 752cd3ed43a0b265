import { StoreUnavailable } from "../../domain/errors.ts";
import type { Clock } from "../../time/clock.ts";
import type { Changes } from "../store.ts";
import type { Connection } from "./connection.ts";

/** How often the file is asked while somebody waits. One look takes about 10 µs. */
const POLL_MS = 25;

/**
 * Watches the file for commits: those of other connections through `PRAGMA data_version`, which SQLite changes with each,
 * and our own as they happen. All waiting calls share one timer; without any there is none.
 */
export class FileChanges implements Changes {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #dataVersion: unknown;
  #foreign = 0;
  #isClosed = false;
  #pause: AbortController | null = null;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#dataVersion = this.#connection.dataVersion();
  }

  version(): number {
    const seen = this.#look();
    if (seen !== this.#dataVersion) this.#foreign++;
    this.#dataVersion = seen;
    return this.#foreign + this.#connection.commits;
  }

  after(since: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#isClosed || this.version() > since) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        if (!signal.aborted && !this.#isClosed && this.version() <= since) return;
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        if (this.#waiting.size === 0) this.#pause?.abort();
        resolve();
      };
      signal.addEventListener("abort", done, { once: true });
      this.#waiting.add(done);
      if (this.#pause === null) void this.#poll();
    });
  }

  /** Makes all waiting calls look again. */
  wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Ends all waiting calls: nothing changes any more. */
  close(): void {
    this.#isClosed = true;
    this.wake();
  }

  async #poll(): Promise<void> {
    this.#pause = new AbortController();
    while (this.#waiting.size > 0) {
      await this.#clock.sleep(POLL_MS, this.#pause.signal);
      this.wake();
    }
    this.#pause = null;
  }

  /** The state of the file; null when it cannot be read. A waiting caller gets the error from its next call. */
  #look(): unknown {
    try {
      return this.#connection.dataVersion();
    } catch (error) {
      if (error instanceof StoreUnavailable) return null;
      throw error;
    }
  }
}
