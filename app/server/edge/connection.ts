import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { Deadline } from "./deadline.ts";

/** Bytes read at once. */
const READ_BYTES = 16_384;

/** How long a reader may take none of what is sent to it, in milliseconds. */
const STALL_MS = 60_000;

/**
 * A TCP connection as the stream that `node:http` serves. It has one deadline at a time, set by the code that knows
 * what the connection waits for; a connection past its deadline is closed.
 */
export class Connection extends Duplex {
  readonly #conn: Deno.TcpConn;
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #deadline = new Deadline(() => this.destroy());
  readonly #stall = new Deadline(() => this.destroy());

  constructor(conn: Deno.TcpConn) {
    super({ allowHalfOpen: true });
    this.#conn = conn;
    conn.setNoDelay();
    // A client that leaves in the middle is no error: the request under way gets "close".
    this.on("error", () => {});
  }

  /** Where it comes from. */
  get remoteAddr(): Deno.NetAddr {
    return this.#conn.remoteAddr;
  }

  /** Closes the connection in `ms` milliseconds, unless this is called again before; null: not at all. */
  closeIn(ms: number | null): void {
    this.#deadline.set(ms);
  }

  /** Closes the connection once all that was written has been sent. */
  destroySoon(): void {
    if (this.writableFinished) this.destroy();
    else this.end(() => this.destroy());
  }

  override async _read(): Promise<void> {
    try {
      const length = await this.#conn.read(this.#buffer);
      this.push(length === null ? null : this.#buffer.slice(0, length));
    } catch (error) {
      this.destroy(error instanceof Error ? error : undefined);
    }
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#send([chunk]).then(() => done(), done);
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#send(chunks.map(({ chunk }) => chunk)).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#conn.closeWrite().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#deadline[Symbol.dispose]();
    this.#stall[Symbol.dispose]();
    this.#conn.close();
    done(error);
  }

  async #send(chunks: readonly Uint8Array[]): Promise<void> {
    const [first = new Uint8Array()] = chunks;
    const bytes = chunks.length === 1 ? first : Buffer.concat(chunks);
    for (let sent = 0; sent < bytes.length;) {
      this.#stall.set(STALL_MS);
      sent += await this.#conn.write(bytes.subarray(sent));
    }
    this.#stall.set(null);
  }
}
