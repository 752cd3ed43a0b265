/**
 * Output for tests: texts that are awkward to cut, and the pieces in which an attempt writes them.
 *
 * @module
 */
import fc from "fast-check";
import type { EpochMs, LogChunk, LogStream } from "../../shared/domain/mod.ts";

/** A text with line breaks, colours and characters of one to four bytes. */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom("a", "b", " ", "\n", "\n", "é", "時", "🕐", "\r", "\x1b[31m", "\x1b[0m"),
  minLength: 1,
  maxLength: 60,
});

/** Pieces of output of all streams in turn. */
export const anyPieces: fc.Arbitrary<readonly (readonly [stream: LogStream, data: string])[]> = fc.array(
  fc.tuple(fc.constantFrom("stdout", "stdout", "stderr", "system"), anyText),
  { minLength: 1, maxLength: 40 },
);

/** Pieces as chunks, numbered from `firstSeq`. */
export function chunksOf(
  pieces: readonly (readonly [stream: LogStream, data: string])[],
  { firstSeq = 0, at }: { readonly firstSeq?: number; readonly at: EpochMs },
): readonly LogChunk[] {
  return pieces.map(([stream, data], i) => ({ seq: firstSeq + i, stream, at, data }));
}

/** The bytes of several arrays, one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
