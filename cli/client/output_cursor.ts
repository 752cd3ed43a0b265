import type { LogChunk } from "@jobtrigger/shared/domain";
import type { LogBeginning } from "@jobtrigger/shared/api";
import type { Following } from "./client.ts";

/** Passes the output of a run on, chunk after chunk, and knows how far it has come. */
export class OutputCursor {
  readonly #onChunk: Following["onChunk"];
  readonly #from: number;
  #seq: number;
  #offset: number;

  constructor({ offset, seq, chunkOffset }: LogBeginning, onChunk: Following["onChunk"]) {
    this.#onChunk = onChunk;
    this.#from = offset;
    this.#seq = seq;
    this.#offset = chunkOffset;
  }

  /** The chunk that comes next. */
  get seq(): number {
    return this.#seq;
  }

  /** Passes a chunk on, without what lies before the beginning. */
  async take({ data, ...chunk }: LogChunk): Promise<void> {
    const bytes = new TextEncoder().encode(data);
    const offset = Math.max(this.#offset, this.#from);
    const rest = bytes.subarray(offset - this.#offset);
    if (rest.length > 0) await this.#onChunk({ ...chunk, offset, bytes: rest });
    this.#seq = chunk.seq + 1;
    this.#offset += bytes.length;
  }
}
