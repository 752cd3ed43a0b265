/**
 * As much of PostgreSQL's protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html) as one needs to stand
 * between a client and a server: where a message ends, which SQL is asked for, and the few answers that are given by oneself.
 *
 * @module
 */

/** A message as it is on the wire. `type` is its letter; of the first that a client sends, which has none, `startup`. */
export interface Message {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const READ_BYTES = 65_536;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Reads messages until the connection ends, in whatever way. A client's first one has no letter. */
export async function* messages(conn: Deno.TcpConn, from: "client" | "server"): AsyncGenerator<Message> {
  for await (const batch of batches(conn, from)) yield* batch;
}

/** As {@linkcode messages}; what one read brings comes as one: an answer may have a message for each of a thousand rows. */
export async function* batches(conn: Deno.TcpConn, from: "client" | "server"): AsyncGenerator<readonly Message[]> {
  // A question and its answer are small; each would wait for the other side to acknowledge the one before.
  conn.setNoDelay(true);
  const chunk = new Uint8Array(READ_BYTES);
  let waiting = new Uint8Array(0);
  let headBytes = from === "client" ? 0 : 1;
  while (true) {
    const read = await conn.read(chunk).catch(() => null);
    if (read === null) return;
    waiting = joined([waiting, chunk.subarray(0, read)]);
    const batch: Message[] = [];
    while (waiting.length >= headBytes + 4) {
      const length = headBytes + uint32(waiting, headBytes);
      if (waiting.length < length) break;
      const type = headBytes === 0 ? "startup" : String.fromCharCode(waiting[0] ?? 0);
      batch.push({ type, bytes: waiting.subarray(0, length) });
      waiting = waiting.subarray(length);
      headBytes = 1;
    }
    if (batch.length > 0) yield batch;
  }
}

/** Writes all of `parts` at once; a connection that has gone takes nothing more. */
export async function send(conn: Deno.TcpConn, parts: readonly Uint8Array[]): Promise<void> {
  const bytes = joined(parts);
  try {
    for (let written = 0; written < bytes.length;) written += await conn.write(bytes.subarray(written));
  } catch {
    close(conn);
  }
}

/** Closes a connection that may be closed already. */
export function close(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // It is.
  }
}

/** Makes a message of its letter and what follows the length: a text with its end, a number of four bytes, or bytes. */
export function message(type: string, body: readonly (string | number | Uint8Array)[]): Uint8Array {
  const content = joined(body.map((part) => {
    if (typeof part === "string") return encoder.encode(`${part}\0`);
    return typeof part === "number" ? fourBytes(part) : part;
  }));
  return joined([encoder.encode(type), fourBytes(4 + content.length), content]);
}

/** The texts of a message that has nothing else at its beginning: `count` of them. */
export function texts({ bytes }: Message, count: number): readonly string[] {
  const found: string[] = [];
  for (let start = 5; found.length < count;) {
    const end = bytes.indexOf(0, start);
    found.push(decoder.decode(bytes.subarray(start, end)));
    start = end + 1;
  }
  return found;
}

/** The parameters of a startup message; null when it is a request for encryption or a cancellation. */
export function startupParameters({ bytes }: Message): ReadonlyMap<string, string> | null {
  if (uint32(bytes, 4) >>> 16 !== 3) return null;
  const names = decoder.decode(bytes.subarray(8)).split("\0");
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < names.length && names[i] !== ""; i += 2) pairs.push([names[i] ?? "", names[i + 1] ?? ""]);
  return new Map(pairs);
}

/** Follows which SQL a client asks for: statements that it has prepared are known by their text. */
export class Asked {
  readonly #prepared = new Map<string, string>();
  #sql: string[] = [];

  /** Takes the client's next message. Answers the SQL of the whole question when this ends one that the server will answer. */
  next(message: Message): string | null {
    if (message.type === "P") {
      const [name = "", sql = ""] = texts(message, 2);
      this.#prepared.set(name, sql);
    } else if (message.type === "B") {
      const [, name = ""] = texts(message, 2);
      this.#sql.push(this.#prepared.get(name) ?? "");
    } else if (message.type === "Q") this.#sql.push(...texts(message, 1));
    if (message.type !== "Q" && message.type !== "S" && message.type !== "startup") return null;
    const sql = this.#sql.join("\n").trim();
    this.#sql = [];
    return sql;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function fourBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function uint32(bytes: Uint8Array<ArrayBuffer>, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset);
}
