/**
 * One request and its answer, between `node:http` and the web's `Request` and `Response`.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

/**
 * The request for the application. Its URL is `origin` with the requested path; the host that the client named is
 * only in the `host` header, for the application to check. `signal` aborts when the client leaves.
 *
 * Null: the request names no host or no path, or has a method that no application takes (TRACE).
 */
export function requestOf(message: IncomingMessage, origin: string, signal: AbortSignal): Request | null {
  const { url = "", method = "GET", rawHeaders } = message;
  if (message.headers.host === undefined || !url.startsWith("/") || method === "TRACE" || method === "CONNECT") {
    return null;
  }
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  const body = hasBody(message) && method !== "GET" && method !== "HEAD" ? webStream(message) : null;
  return new Request(origin + url, { method, headers, body, signal });
}

/** Whether a body follows the head of `message`. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/**
 * Sends `answer` only as fast as the client takes it, with its length if it is complete at once. The rest is
 * cancelled when the client leaves.
 */
export async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  const reader = answer.body?.getReader();
  if (reader === undefined) return void response.end();
  const onClose = () => void reader.cancel().catch(() => {});
  response.once("close", onClose);
  let chunk = await reader.read();
  while (!chunk.done && !response.destroyed) {
    const next = reader.read();
    if (await endsNow(next)) {
      response.end(chunk.value);
      break;
    }
    if (!response.write(chunk.value)) await drained(response);
    chunk = await next;
  }
  response.off("close", onClose);
  if (response.destroyed) await reader.cancel();
  else response.end();
}

/** Whether `next` is already the end; it is for a body in one chunk. */
function endsNow(next: Promise<ReadableStreamReadResult<unknown>>): Promise<boolean> {
  const later = (async () => {
    for (let turn = 0; turn < 4; turn++) await null;
    return false;
  })();
  return Promise.race([next.then(({ done }) => done), later]);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

function webStream(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const stream: NodeReadableStream = Readable.toWeb(message);
  return ReadableStream.from<Uint8Array<ArrayBuffer>>(stream);
}
