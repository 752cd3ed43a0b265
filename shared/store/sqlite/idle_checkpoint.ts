import { StoreUnavailable } from "../../domain/errors.ts";
import type { Clock } from "../../time/clock.ts";
import type { Connection } from "./connection.ts";

/** How long nothing may have been written before the `-wal` is emptied. */
const IDLE_MS = 1000;

/**
 * Empties the `-wal` into the database when nobody has written for a moment, so that the file alone holds everything while the
 * system is at rest. Under load nothing is done: SQLite itself keeps the `-wal` to about 4 MB then. Waits only after this
 * process has written; one that has not leaves it to the one that has.
 */
export class IdleCheckpoint {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #isWaiting = false;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** Something has been written. */
  begin(): void {
    if (!this.#isWaiting) void this.#run();
  }

  /** Does nothing more. */
  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    this.#isWaiting = true;
    const { signal } = this.#stopping;
    try {
      for (let isDone = false; !isDone && !signal.aborted;) {
        const before = this.#written();
        await this.#clock.sleep(IDLE_MS, signal);
        isDone = !signal.aborted && this.#written() === before && this.#connection.checkpoint();
      }
    } catch (error) {
      // The services say so; the next commit begins anew.
      if (!(error instanceof StoreUnavailable)) throw error;
    } finally {
      this.#isWaiting = false;
    }
  }

  /** Another text after each commit, whoever made it. */
  #written(): string {
    return `${this.#connection.commits} ${this.#connection.dataVersion()}`;
  }
}
