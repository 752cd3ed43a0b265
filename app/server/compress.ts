/**
 * Compression on the wire, with gzip as every browser has it.
 *
 * Not compressed are event streams, which must arrive one by one; parts of a file, whose bytes count as stored;
 * short answers; static files, which the build has compressed; and answers with `no-store`, by which a page marks
 * that it shows a secret. Only a page that has a secret beside text of a stranger's choice can leak it by its length: pages have the
 * text of their address, but no session, password or token, and their nonce is new each time.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import type { Middleware } from "fresh";
import type { State } from "./state.ts";

/** Bodies up to this many bytes are not worth it. */
const SMALL = 1024;

/** Pages up to this many bytes, which are there as a whole, are compressed at once: in about 10 ms at most, without a stream. */
const AT_ONCE = 1_048_576;

const TEXT = /^(?:text\/|image\/svg\+xml|application\/(?:json|javascript|xml|[\w.+-]+\+(?:json|xml)))/;

/** Compresses answers for clients that accept gzip. */
export function compress(): Middleware<State> {
  return async (ctx) => {
    const response = await ctx.next();
    if (!isText(response.headers)) return response;
    response.headers.append("vary", "accept-encoding");
    const { req } = ctx;
    const isWhole = response.status === 200 || response.status >= 400;
    if (req.method === "HEAD" || !isWhole || req.headers.has("range")) return response;
    if (response.body === null || !takesGzip(req.headers.get("accept-encoding"))) return response;
    return await compressed(response, response.body);
  };
}

function isText(headers: Headers): boolean {
  const type = headers.get("content-type") ?? "";
  return TEXT.test(type) && !type.startsWith("text/event-stream") && !headers.has("content-encoding") &&
    !/no-store|no-transform/.test(headers.get("cache-control") ?? "");
}

/**
 * Whether an `Accept-Encoding` header allows gzip (RFC 9110, 12.5.3).
 *
 * ```ts
 * import assert from "node:assert/strict";
 * assert.ok(takesGzip("gzip, deflate, br"));
 * assert.ok(takesGzip("br;q=1.0, *;q=0.5"));
 * assert.ok(!takesGzip("gzip;q=0, *"));
 * assert.ok(!takesGzip(null));
 * ```
 */
export function takesGzip(header: string | null): boolean {
  const codings = new Map(
    (header ?? "").toLowerCase().split(",").map((part) => {
      const [name = "", ...parameters] = part.split(";").map((text) => text.trim());
      const weight = parameters.find((text) => text.startsWith("q="))?.slice(2);
      return [name, weight === undefined || Number(weight) > 0];
    }),
  );
  return codings.get("gzip") ?? codings.get("x-gzip") ?? codings.get("*") ?? false;
}

/** The same answer compressed, unless all of it is small. Reads no further ahead than that takes. */
async function compressed(response: Response, body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Response> {
  const { status, headers } = response;
  const length = Number(headers.get("content-length") ?? Infinity);
  if (length > SMALL && length <= AT_ONCE && headers.get("content-type")?.startsWith("text/html")) {
    const whole = gzipSync(new Uint8Array(await response.arrayBuffer()));
    sayCompressed(headers);
    headers.set("content-length", String(whole.length));
    return new Response(new Uint8Array(whole), { status, headers });
  }
  const reader = body.getReader();
  const begin: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  while (size <= SMALL) {
    const { value } = await reader.read();
    if (value === undefined) return new Response(new Blob(begin), { status, headers });
    begin.push(value);
    size += value.length;
  }
  const whole = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { value } = begin.length > 0 ? { value: begin.shift() } : await reader.read();
      if (value === undefined) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  sayCompressed(headers);
  headers.delete("content-length");
  return new Response(whole.pipeThrough(new CompressionStream("gzip")), { status, headers });
}

function sayCompressed(headers: Headers): void {
  headers.set("content-encoding", "gzip");
  // Ranges refer to the stored bytes, not to compressed ones.
  headers.delete("accept-ranges");
  const etag = headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) headers.set("etag", `W/${etag}`);
}
