import type { DispatchId } from "../domain/mod.ts";
import type { LogBeginning } from "../api/mod.ts";
import type { StoreReader } from "../store/store_reader.ts";

/** Where in the output somebody wants to begin: at a byte, or with the last lines. */
export type Beginning = { readonly offset: number } | { readonly lastLines: number };

/** Finds where in the output stored so far reading begins. A byte that is yet to come lies in the chunk that is yet to come. */
export async function findBeginning(
  { logs }: StoreReader,
  id: DispatchId,
  beginning: Beginning,
): Promise<LogBeginning> {
  const offset = "offset" in beginning ? beginning.offset : await offsetOfLines(logs, id, beginning.lastLines);
  const place = await logs.find(id, { offset });
  return { offset, seq: place.seq, chunkOffset: place.offset };
}

/** The byte with which the last lines begin. */
async function offsetOfLines(logs: StoreReader["logs"], id: DispatchId, lines: number): Promise<number> {
  const end = await logs.end(id);
  const [last] = end.seq === 0 ? [] : await logs.read(id, { fromSeq: end.seq - 1, maxBytes: 1 });
  // Text after the last line break is a line only if it is not empty.
  const line = Math.max(1, end.line - lines + (last === undefined || last.data.endsWith("\n") ? 0 : 1));
  const place = await logs.find(id, { line });
  const [chunk] = await logs.read(id, { fromSeq: place.seq, maxBytes: 1 });
  const before = chunk?.data.split("\n").slice(0, line - place.line).map((text) => `${text}\n`).join("") ?? "";
  return place.offset + new TextEncoder().encode(before).length;
}
