import type { LogChunk } from "@jobtrigger/shared/domain";
import type { Clock } from "@jobtrigger/shared/time";
import type { OutputChunk } from "./execute/mod.ts";

/** Shortest time between two writes of one attempt's output: a follower sees a line within this, and the database gets at most four writes a second. */
const FLUSH_EVERY_MS = 250;
/** Most characters put together into one chunk: under 64 KiB even when each takes three bytes. */
const CHUNK_CHARS = 16_384;
/** Most characters written in one transaction. */
const BATCH_CHARS = 262_144;
/** Most chunks written in one transaction. Streams that alternate make many: each change of the stream begins a chunk. */
const BATCH_CHUNKS = 4_096;

/**
 * Numbers the output of one attempt and writes it in order: the first chunk at once, later chunks in batches, full batches one
 * after the other. It holds at most two batches; `write` then makes its caller wait.
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

  /** Takes output. A promise means that there is no room for more until it resolves. @throws the error of an earlier write. */
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

  /** Writes all that waits. Rejects when writing has failed. */
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

  /** Output of one stream goes into one chunk until the chunk is full or the other stream writes. */
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
    const firstSeq = this.#nextSeq;
    this.#waitingChars -= chars;
    this.#nextSeq += end;
    return this.#waiting.splice(0, end).map((chunk, index) => ({ seq: firstSeq + index, ...chunk }));
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = null;
  }
}
