/** A part of a file: from byte `start` up to, but not including, byte `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The part of a file of `size` bytes that a `Range` header asks for (RFC 9110, 14.1.2); `beyond`: there is none of it. Null for
 * all of the file: no header, or one that a server may ignore because it has several parts, another unit, or an error.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(rangeOf("bytes=90-", 100), { start: 90, end: 100 });
 * assert.deepEqual(rangeOf("bytes=0-9", 100), { start: 0, end: 10 });
 * assert.deepEqual(rangeOf("bytes=-5", 100), { start: 95, end: 100 });
 * assert.deepEqual(rangeOf("bytes=100-", 100), "beyond");
 * ```
 */
export function rangeOf(header: string | null, size: number): ByteRange | "beyond" | null {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return null;
  if (first === "") {
    return last === "0" || size === 0 ? "beyond" : { start: Math.max(0, size - Number(last)), end: size };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return null;
  if (start >= size) return "beyond";
  return { start, end: last === "" ? size : Math.min(size, Number(last) + 1) };
}
