import type { LogChunk } from "@jobtrigger/shared/domain";
import type { Clock } from "@jobtrigger/shared/time";
import type { OutputChunk } from "./execute/mod.ts";

/** Shortest time between two writes of one attempt's output: a follower sees a line within this, the database four a second. */
const FLUSH_EVERY_MS = 250;
/** Most characters put together into one chunk: under 64 KiB even when each takes three bytes. */
const CHUNK_CHARS = 16_384;
/** Most characters written in one transaction. */
const BATCH_CHARS = 262_144;
/** Most chunks written in one transaction, for streams that take turns: each change of the stream begins a chunk. */
const BATCH_CHUNKS = 4_096;

/**
 * Numbers the output of one attempt and writes it in batches, in order: the first piece at once, what follows together, and
 * full batches one after the other. Holds two of them and no more: whoever brings output waits then.
 */
export class LogWriter {
  readonly #append: (chunks: readonly LogChunk[]) => Promise<boolean>;
  readonly #clock: Clock;
  /** Ends the pause between two writes. Made with the first output: many scripts write none. */
  #pause: AbortController | null = null;
  #isClosed = false;
  #nextSeq: number;
  /** Chunks that have no number yet. */
  #waiting: OutputChunk[] = [];
  #waitingChars = 0;
  /** Resolved when there is room again; null while there is. */
  #room: PromiseWithResolvers<void> | null = null;
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

  /** Takes a piece of output. A promise: there is no room for the next until then. @throws what an earlier writing has failed with. */
  write(chunk: OutputChunk): void | Promise<void> {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#isLost) return;
    this.#add(chunk);
    this.#flushing ??= this.#flush().catch((error) => {
      this.#failure = { error };
      this.#makeRoom();
    });
    if (!this.#isFull) return;
    this.#pause?.abort();
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Writes what waits. Rejects when writing has failed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pause?.abort();
    await this.#flushing;
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Whether another chunk may be one too many for a batch. */
  get #isFull(): boolean {
    return this.#waitingChars > BATCH_CHARS - CHUNK_CHARS || this.#waiting.length >= BATCH_CHUNKS;
  }

  /** What one stream says before another does goes into one chunk, as far as it has room. */
  #add({ stream, at, data }: OutputChunk): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last.stream === stream && last.data.length + data.length <= CHUNK_CHARS) {
      this.#waiting[this.#waiting.length - 1] = { ...last, data: last.data + data };
    } else {
      this.#waiting.push({ stream, at, data });
    }
    this.#waitingChars += data.length;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      if (!this.#isFull) this.#makeRoom();
      if (!this.#isLost) this.#isLost = !await this.#append(batch);
      if (this.#isClosed || this.#isFull) continue;
      this.#pause = new AbortController();
      await this.#clock.sleep(FLUSH_EVERY_MS, this.#pause.signal);
    }
    this.#flushing = null;
  }

  #takeBatch(): LogChunk[] {
    let chars = 0;
    let end = 0;
    for (const { data } of this.#waiting.slice(0, BATCH_CHUNKS)) {
      if (chars + data.length > BATCH_CHARS) break;
      chars += data.length;
      end += 1;
    }
    this.#waitingChars -= chars;
    return this.#waiting.splice(0, end).map((chunk) => ({ seq: this.#nextSeq++, ...chunk }));
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = null;
  }
}
