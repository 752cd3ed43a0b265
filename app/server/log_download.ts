import type { DispatchId } from "@jobtrigger/shared/domain";
import type { LogStore } from "@jobtrigger/shared/store";
import { type ByteRange, rangeOf } from "./byte_range.ts";

/** Bytes read at once: what a download holds in memory. */
const READ_BYTES = 524_288;

/**
 * The stored output of a run as a text file, both streams in the order they came, only as fast as it is taken: all there is at
 * this moment, or the part that a `Range` header names, 416 where there is none of it. Output grows only at its end, so a download
 * that was cut off goes on where it was.
 */
export async function downloadLog(logs: LogStore, id: DispatchId, rangeHeader: string | null): Promise<Response> {
  const size = (await logs.end(id)).offset;
  const range = rangeOf(rangeHeader, size);
  if (range === "beyond") return new Response(null, { status: 416, headers: { "content-range": `bytes */${size}` } });
  const { start, end } = range ?? { start: 0, end: size };
  return new Response(download(logs, id, { start, end }), {
    status: range === null ? 200 : 206,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename="run-${id}.log"`,
      "content-length": String(end - start),
      "accept-ranges": "bytes",
      ...(range === null ? {} : { "content-range": `bytes ${start}-${end - 1}/${size}` }),
    },
  });
}

function download(logs: LogStore, id: DispatchId, { start, end }: ByteRange): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let at = start;
  let fromSeq: number | null = null;
  return new ReadableStream({
    async pull(controller) {
      if (at >= end) return controller.close();
      const place = fromSeq === null ? await logs.find(id, { offset: start }) : { seq: fromSeq, offset: at };
      const chunks = await logs.read(id, { fromSeq: place.seq, maxBytes: READ_BYTES });
      const last = chunks.at(-1);
      if (last === undefined) throw new Error(`The output of run ${id} was deleted while it was read`);
      fromSeq = last.seq + 1;
      const bytes = encoder.encode(chunks.map(({ data }) => data).join(""));
      controller.enqueue(bytes.subarray(at - place.offset, end - place.offset));
      at = place.offset + bytes.length;
    },
  });
}
