import type { DispatchId } from "@jobtrigger/shared/domain";
import type { ClaimRef } from "@jobtrigger/shared/store";
import { nextTurn } from "./turn.ts";

/** One note and the caller that waits until it is written. */
interface Waiting<Note> {
  readonly note: Note;
  readonly resolve: (isOurs: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: notes that arrive while a write is under way go into the next write together. A single note is
 * written at once; under load, one transaction carries hundreds.
 */
export class Batch<Note extends ClaimRef> {
  readonly #write: (notes: readonly Note[]) => Promise<readonly DispatchId[]>;
  readonly #limit: number;
  #waiting: Waiting<Note>[] = [];
  #isWriting = false;

  /** `write` returns the claims that have lost their lease, as the methods of `QueueStore` do; it gets up to `limit` notes. */
  constructor(write: (notes: readonly Note[]) => Promise<readonly DispatchId[]>, limit: number) {
    this.#write = write;
    this.#limit = limit;
  }

  /** Writes `note`. Resolves when it is committed; false: the lease is lost. Rejects as the write does. */
  add(note: Note): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ note, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // Notes of the same turn of the event loop go together.
    await nextTurn();
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        const lost = new Set(await this.#write(batch.map(({ note }) => note)));
        for (const { note, resolve } of batch) resolve(!lost.has(note.dispatchId));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isWriting = false;
  }

  /**
   * The next notes, at most one for each run, because the answer names runs. Two notes about one run come from two
   * of its claims, when a late heartbeat released the first.
   */
  #take(): readonly Waiting<Note>[] {
    const taken = new Map<DispatchId, Waiting<Note>>();
    const left: Waiting<Note>[] = [];
    for (const waiting of this.#waiting) {
      const { dispatchId } = waiting.note;
      if (taken.size < this.#limit && !taken.has(dispatchId)) taken.set(dispatchId, waiting);
      else left.push(waiting);
    }
    this.#waiting = left;
    return [...taken.values()];
  }
}
