import type { Clock } from "../../time/clock.ts";
import type { Changes } from "../store.ts";
import type { Connection } from "./connection.ts";

/** How often the file is asked while somebody waits. One look takes about 10 µs. */
const POLL_MS = 25;

/**
 * Watches the file for commits: those of other connections through `PRAGMA data_version`, which SQLite changes with each,
 * and our own as they happen. All who wait share one timer; while nobody waits there is none.
 */
export class FileChanges implements Changes {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #dataVersion: unknown;
  #foreign = 0;
  #pause: AbortController | null = null;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#dataVersion = this.#connection.dataVersion();
    connection.onCommit = () => this.wake();
  }

  version(): number {
    const seen = this.#connection.dataVersion();
    if (seen !== this.#dataVersion) this.#foreign++;
    this.#dataVersion = seen;
    return this.#foreign + this.#connection.commits;
  }

  after(since: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#changedSince(since)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        if (!signal.aborted && !this.#changedSince(since)) return;
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

  /** Lets everybody who waits look again. */
  wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  async #poll(): Promise<void> {
    this.#pause = new AbortController();
    while (this.#waiting.size > 0) {
      await this.#clock.sleep(POLL_MS, this.#pause.signal);
      this.wake();
    }
    this.#pause = null;
  }

  /** A database that cannot be read counts as changed: whoever waits then meets the error in what it does next. */
  #changedSince(since: number): boolean {
    try {
      return this.version() > since;
    } catch {
      return true;
    }
  }
}
