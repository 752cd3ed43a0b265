import { type DispatchId, StoreUnavailable } from "@jobtrigger/shared/domain";
import type { ClaimRef, Start } from "@jobtrigger/shared/store";
import type { Clock } from "@jobtrigger/shared/time";

/** How long a script runs before its start is written. */
const NOTE_AFTER_MS = 50;
/** Pause before the next try while the database does not answer. */
const AGAIN_MS = 1000;

/**
 * Writes the starts of scripts in batches, {@linkcode NOTE_AFTER_MS} later. The report of a shorter script includes its
 * start, which saves a write.
 */
export class StartNotes {
  readonly #write: (starts: readonly Start[]) => Promise<readonly DispatchId[]>;
  readonly #clock: Clock;
  readonly #onLost: (id: DispatchId) => void;
  readonly #closing = new AbortController();
  readonly #waiting = new Map<DispatchId, Start>();
  #writing: Promise<void> | null = null;

  /** `write` returns the claims that have lost their lease; each is passed to `onLost`. */
  constructor(
    { write, clock, onLost }: {
      readonly write: (starts: readonly Start[]) => Promise<readonly DispatchId[]>;
      readonly clock: Clock;
      readonly onLost: (id: DispatchId) => void;
    },
  ) {
    this.#write = write;
    this.#clock = clock;
    this.#onLost = onLost;
  }

  /** Notes the start of a script. */
  begin(start: Start): void {
    this.#waiting.set(start.dispatchId, start);
    this.#writing ??= this.#writeAll().finally(() => this.#writing = null);
  }

  /** Drops the note of a script that has ended: its report includes the start. */
  end({ dispatchId, epoch }: ClaimRef): void {
    if (this.#waiting.get(dispatchId)?.epoch === epoch) this.#waiting.delete(dispatchId);
  }

  /** Writes nothing more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    let pauseMs = NOTE_AFTER_MS;
    while (this.#waiting.size > 0) {
      await this.#clock.sleep(pauseMs, this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      const starts = [...this.#waiting.values()];
      if (starts.length === 0) return;
      try {
        for (const id of await this.#write(starts)) this.#onLost(id);
        for (const start of starts) this.end(start);
        pauseMs = NOTE_AFTER_MS;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        pauseMs = AGAIN_MS;
      }
    }
  }
}
