import type { DispatchId, LogChunk, LogStream } from "../domain/mod.ts";

/**
 * Where a chunk begins in the output of an attempt. Output is only ever added at its end, so a place never moves, and a reader can go
 * on from each of its three numbers.
 */
export interface LogPlace {
  /** Sequence number of the chunk. */
  readonly seq: number;
  /** Bytes of UTF-8 before it. */
  readonly offset: number;
  /** Number of the line that its first character is on: one more than there are line breaks before it. */
  readonly line: number;
}

/** The output of attempts. */
export interface LogStore {
  /** Chunks in order. */
  read(id: DispatchId, range: LogRange): Promise<readonly LogChunk[]>;
  /** Where the next chunk will begin, which says how much is stored. Reads no output. */
  end(id: DispatchId): Promise<LogPlace>;
  /** The first chunk that goes beyond `offset`, or that reaches `line`; the end when none does. Reads no output. */
  find(id: DispatchId, what: LogTarget): Promise<LogPlace>;
}

/** A range of output. */
export interface LogRange {
  /** The first chunk. */
  readonly fromSeq: number;
  /** About how much, in bytes of UTF-8; at least one chunk if there is one. */
  readonly maxBytes: number;
  /** Only the text of this stream: of the others' chunks, line breaks alone, so that lines keep their numbers. Absent: all text. */
  readonly stream?: LogStream;
}

/** A byte or a line of output that somebody looks for, or the last lines of a stream. */
export type LogTarget = { readonly offset: number } | { readonly line: number } | LastOfStream;

/** The last lines that a stream has before a chunk, in whole chunks; where it has fewer, from its first chunk on. */
export interface LastOfStream {
  /** At least this many, if there are as many. */
  readonly lastLines: number;
  /** But not many more bytes of the stream than these. */
  readonly maxBytes: number;
  /** The stream. */
  readonly stream: LogStream;
  /** Number of the chunk before which they are. */
  readonly beforeSeq: number;
}
