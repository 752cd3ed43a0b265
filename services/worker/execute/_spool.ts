import type { EpochMs } from "@jobtrigger/shared/domain";

/** Bytes of one stream that arrived together. */
export interface SpooledChunk<Stream> {
  readonly stream: Stream;
  /** When the first of them arrived. */
  readonly at: EpochMs;
  /** A view that the next `push()` may overwrite. */
  readonly bytes: Uint8Array;
}

/** The record of a chunk; its bytes are in the ring. */
interface Held<Stream> {
  readonly stream: Stream;
  readonly at: EpochMs;
  length: number;
}

/** Bytes of one stream that arrive within this time become one chunk. */
const MERGE_MS = 250;

/** Most chunks held, so that many tiny chunks cannot take more memory than their bytes. */
const MAX_CHUNKS = 16_384;

/** First size of the ring; it doubles up to its capacity. */
const FIRST_SIZE = 64 * 1_024;

/**
 * A queue of bytes from several streams in one ring of bounded size: new bytes push out the oldest. It takes at most its
 * capacity in memory, and 16,384 small records.
 */
export class Spool<Stream> {
  readonly #capacity: number;
  readonly #chunks: Held<Stream>[] = [];
  #ring: Uint8Array = new Uint8Array(0);
  #start = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Bytes held. */
  get length(): number {
    return this.#length;
  }

  /** Whether the number of chunks is at its limit, so that the next chunk pushes out the oldest although its bytes fit. */
  get crowded(): boolean {
    return this.#chunks.length >= MAX_CHUNKS;
  }

  /** Adds bytes at the end. Answers how many were lost: the oldest, or the first of these if they alone are too many. */
  push(stream: Stream, at: EpochMs, bytes: Uint8Array): number {
    const kept = bytes.length > this.#capacity ? bytes.subarray(bytes.length - this.#capacity) : bytes;
    let lost = bytes.length - kept.length;
    lost += this.#drop(Math.max(0, this.#length + kept.length - this.#capacity));
    if (kept.length === 0) return lost;

    const last = this.#chunks.at(-1);
    if (last !== undefined && last.stream === stream && (this.crowded || at - last.at < MERGE_MS)) {
      last.length += kept.length;
    } else {
      if (this.crowded) lost += this.#drop(this.#chunks[0]?.length ?? 0);
      this.#chunks.push({ stream, at, length: kept.length });
    }
    this.#write(kept);
    return lost;
  }

  /** Takes the oldest bytes of one stream, at most `max`; null when there are none. */
  shift(max: number): SpooledChunk<Stream> | null {
    const first = this.#chunks[0];
    if (first === undefined) return null;
    const length = Math.min(first.length, max, this.#ring.length - this.#start);
    const bytes = this.#ring.subarray(this.#start, this.#start + length);
    this.#drop(length);
    return { stream: first.stream, at: first.at, bytes };
  }

  #drop(count: number): number {
    for (let left = count; left > 0;) {
      const first = this.#chunks[0];
      if (first === undefined) break;
      const taken = Math.min(first.length, left);
      left -= taken;
      first.length -= taken;
      if (first.length === 0) this.#chunks.shift();
    }
    this.#length -= count;
    this.#start = this.#ring.length === 0 ? 0 : (this.#start + count) % this.#ring.length;
    return count;
  }

  #write(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#ring.length) this.#grow(this.#length + bytes.length);
    const end = (this.#start + this.#length) % this.#ring.length;
    const beforeWrap = Math.min(bytes.length, this.#ring.length - end);
    this.#ring.set(bytes.subarray(0, beforeWrap), end);
    this.#ring.set(bytes.subarray(beforeWrap), 0);
    this.#length += bytes.length;
  }

  #grow(needed: number): void {
    let size = Math.max(this.#ring.length, FIRST_SIZE);
    while (size < needed) size *= 2;
    const grown = new Uint8Array(Math.min(size, this.#capacity));
    const beforeWrap = this.#ring.subarray(this.#start, this.#start + this.#length);
    grown.set(beforeWrap);
    grown.set(this.#ring.subarray(0, this.#length - beforeWrap.length), beforeWrap.length);
    this.#ring = grown;
    this.#start = 0;
  }
}
