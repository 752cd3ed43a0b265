import type { LogChunk } from "@jobtrigger/shared/domain";
import type { Clock } from "@jobtrigger/shared/time";
import type { OutputChunk } from "./execute/mod.ts";

/** Shortest time between two writes of one attempt's output: a follower sees a line within this, the database four a second. */
const FLUSH_EVERY_MS = 250;
/** Most characters put together into one chunk: under 64 KiB even when each takes three bytes. */
const CHUNK_CHARS = 16_384;
/** Most characters written in one transaction. */
const BATCH_CHARS = 262_144;

/**
 * Numbers the output of one attempt and writes it in batches, in order: the first piece at once, what follows together.
 * What waits here is bounded by LOG_MAX_BYTES, since `execute()` hands over no more than that.
 */
export class LogWriter {
  readonly #append: (chunks: readonly LogChunk[]) => Promise<boolean>;
  readonly #clock: Clock;
  /** Made with the first output: many scripts write none. */
  #closing: AbortController | null = null;
  #isClosed = false;
  #nextSeq: number;
  #waiting: OutputChunk[] = [];
  #flushing: Promise<void> | null = null;
  #isLost = false;
  #failure: { readonly error: unknown } | null = null;

  /** `append` answers false when the lease is lost: then all further output is dropped. */
  constructor(
    { append, firstSeq, clock }: {
      readonly append: (chunks: readonly LogChunk[]) => Promise<boolean>;
      readonly firstSeq: number;
      readonly clock: Clock;
    },
  ) {
    this.#append = append;
    this.#nextSeq = firstSeq;
    this.#clock = clock;
  }

  /** Takes a piece of output. Returns at once. @throws what an earlier writing has failed with. */
  write(chunk: OutputChunk): void {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#isLost) return;
    this.#waiting.push(chunk);
    this.#flushing ??= this.#flush().catch((error) => {
      this.#failure = { error };
    });
  }

  /** Writes what waits. Rejects when writing has failed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing?.abort();
    await this.#flushing;
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      if (!this.#isLost) this.#isLost = !await this.#append(batch);
      if (this.#isClosed) continue;
      this.#closing ??= new AbortController();
      await this.#clock.sleep(FLUSH_EVERY_MS, this.#closing.signal);
    }
    this.#flushing = null;
  }

  #takeBatch(): LogChunk[] {
    const batch: LogChunk[] = [];
    let chars = 0;
    let taken = 0;
    for (const { stream, at, data } of this.#waiting) {
      if (chars > 0 && chars + data.length > BATCH_CHARS) break;
      const last = batch.at(-1);
      if (last !== undefined && last.stream === stream && last.data.length + data.length <= CHUNK_CHARS) {
        batch[batch.length - 1] = { ...last, data: last.data + data };
      } else {
        batch.push({ seq: this.#nextSeq++, stream, at, data });
      }
      chars += data.length;
      taken += 1;
    }
    this.#waiting = this.#waiting.slice(taken);
    return batch;
  }
}
