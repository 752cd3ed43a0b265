import { Buffer } from "node:buffer";
import { HttpError } from "fresh";

/** Reads the body of a request, never more than `maxBytes` of it. @throws {HttpError} 413 when it is longer. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new HttpError(413, `The body is larger than ${maxBytes / 1024} KiB`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** Reads the body of a request as text, never more than `maxBytes` of it. @throws {HttpError} 413 when it is longer. */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(request, maxBytes));
}
