/**
 * The edge: accepts connections, refuses slow and malformed requests, and passes the others to the application.
 *
 * - A connection without a whole request waits: for its first or next request, or for the rest of a body. At most
 *   {@linkcode MAX_CONNECTIONS} are open; when one more comes, or the process has no descriptor left, the connection that has
 *   waited longest is closed. So a flood of half-open connections closes its own, and real requests get answers. Where none
 *   waits, the new connection is closed.
 * - A request that is not valid HTTP gets its status, the headers of every answer, and one log line.
 * - A body must arrive within half a minute. A client that takes nothing for a minute is disconnected (`connection.ts`), which is
 *   no error.
 *
 * `node:http` parses and frames; its own listener is not used, because under Deno 2.9.6 it stops accepting for ever once the
 * process has run out of descriptors, and `Deno.serve` ends (`docs/decisions/0010-node-http-behind-own-connections.md`).
 *
 * @module
 */
import { type IncomingMessage, Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Connection } from "./connection.ts";
import { hasBody, requestOf, send } from "./exchange.ts";

/** How many connections may be open: what a process has by default (1,024 descriptors), without those the portal needs itself. */
export const MAX_CONNECTIONS = 800;

/** How long the parts of a connection may take, in milliseconds. */
export interface Limits {
  /** The head of the first request. */
  readonly headMs: number;
  /** From an answer to the head of the next request. */
  readonly idleMs: number;
  /** The body of a request. */
  readonly bodyMs: number;
}

const LIMITS: Limits = { headMs: 10_000, idleMs: 60_000, bodyMs: 30_000 };

/** How long to read the rest of an unwanted body, so that its sender sees the answer. */
const LINGER_MS = 2000;
/** Pause when a connection cannot be accepted and none can be closed for it. */
const ACCEPT_PAUSE_MS = 50;
/** A failure to accept is logged again after this long without one. */
const QUIET_MS = 60_000;
const MAX_HEADER_BYTES = 16_384;

/** The application, as the edge calls it. */
export type Handler = (request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>) => Promise<Response>;

/** Where to listen, and how to report errors outside the application. */
export interface EdgeOptions {
  readonly hostname: string;
  readonly port: number;
  /** Headers of an answer that the application did not make. */
  readonly headers: Readonly<Record<string, string>>;
  /** A request was refused because it is not HTTP as it should be. */
  readonly onRefused: (status: number) => void;
  /** An answer broke off by the application's fault, or a connection could not be accepted. */
  readonly onError: (what: string, error: unknown) => void;
  /** Most open connections; absent: {@linkcode MAX_CONNECTIONS}. */
  readonly connections?: number;
  /** Where they differ from the usual. */
  readonly limits?: Partial<Limits>;
}

/** A server at work. */
export interface Edge {
  readonly addr: Deno.NetAddr;
  /** Accepts nothing more, and resolves when the answers under way have been sent. Idempotent. */
  shutdown(): Promise<void>;
}

/** Listens and serves `handler`. @throws {Deno.errors.AddrInUse} */
export function serve(options: EdgeOptions, handler: Handler): Edge {
  const { hostname, port } = options;
  const listener = Deno.listen({ hostname, port });
  const door = new Door(
    options,
    `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${listener.addr.port}`,
    handler,
  );
  const accepting = accept(listener, door, options);
  const { addr } = listener;
  let ended: Promise<void> | null = null;
  const shutdown = async () => {
    listener.close();
    await accepting;
    await door.close();
  };
  return { addr, shutdown: () => ended ??= shutdown() };
}

async function accept(listener: Deno.TcpListener, door: Door, { onError }: EdgeOptions): Promise<void> {
  let failedAt = -Infinity;
  while (true) {
    try {
      door.enter(await listener.accept());
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
      const isNews = performance.now() - failedAt > QUIET_MS;
      failedAt = performance.now();
      if (isNews) onError("Cannot accept a connection", error);
      if (!door.makeRoom()) await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
    }
  }
}

/** The connections that are open, and what each waits for. */
class Door {
  readonly #options: EdgeOptions;
  readonly #origin: string;
  readonly #handler: Handler;
  readonly #server: Server;
  readonly #limits: Limits;
  readonly #open = new Set<Connection>();
  /** Those without a whole request, the longest waiting first. */
  readonly #waiting = new Set<Connection>();
  #onEmpty: (() => void) | null = null;

  constructor(options: EdgeOptions, origin: string, handler: Handler) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#origin = origin;
    this.#handler = handler;
    const limits = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 0, requireHostHeader: false };
    this.#server = new Server(limits, (message, response) => {
      void this.#answer(message, response);
    });
    // A server that does not listen closes each connection after one answer.
    Object.defineProperty(this.#server, "listening", { value: true });
    this.#server.on("clientError", (error: Error, socket: Duplex) => this.#refuse(error, socket));
  }

  enter(conn: Deno.TcpConn): void {
    const { connections = MAX_CONNECTIONS } = this.#options;
    if (this.#open.size >= connections && !this.makeRoom()) return conn.close();
    const connection = new Connection(conn);
    this.#open.add(connection);
    connection.once("close", () => {
      this.#open.delete(connection);
      this.#waiting.delete(connection);
      if (this.#open.size === 0) this.#onEmpty?.();
    });
    this.#wait(connection, this.#limits.headMs);
    this.#server.emit("connection", connection);
  }

  /** Closes the connection that has waited longest; false: none waits. */
  makeRoom(): boolean {
    const [longest] = this.#waiting;
    if (longest === undefined) return false;
    this.#waiting.delete(longest);
    longest.destroy();
    return true;
  }

  /** Resolves when all connections have ended; those that wait are closed at once. */
  async close(): Promise<void> {
    const empty = new Promise<void>((resolve) => this.#onEmpty = resolve);
    for (const connection of [...this.#waiting]) connection.destroy();
    if (this.#open.size > 0) await empty;
  }

  #wait(connection: Connection, ms: number): void {
    this.#waiting.add(connection);
    connection.closeIn(ms);
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection: unknown = message.socket;
    if (!(connection instanceof Connection)) throw new TypeError("A request came on a connection that was not let in");
    const onWholeBody = () => {
      this.#waiting.delete(connection);
      connection.closeIn(null);
    };
    if (hasBody(message)) connection.closeIn(this.#limits.bodyMs);
    else onWholeBody();
    message.once("end", onWholeBody);
    const gone = new AbortController();
    response.once("close", () => {
      message.off("end", onWholeBody);
      if (!response.writableFinished) gone.abort();
      else if (this.#onEmpty !== null) connection.destroySoon();
      else this.#wait(connection, message.complete ? this.#limits.idleMs : LINGER_MS);
    });
    const request = requestOf(message, this.#origin, gone.signal);
    if (request === null) return void response.writeHead(400, this.#plainHeaders()).end(this.#noted(400));
    const { promise: completed, resolve } = Promise.withResolvers<void>();
    try {
      await send(await this.#handler(request, { remoteAddr: connection.remoteAddr, completed }), response);
    } catch (error) {
      if (!gone.signal.aborted) this.#options.onError("An answer broke off", error);
      connection.destroy();
    }
    resolve();
  }

  #refuse(error: Error, socket: Duplex): void {
    const code = "code" in error ? error.code : null;
    if (code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const status = code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
    const text = this.#noted(status);
    const headers = Object.entries({ ...this.#plainHeaders(), connection: "close", "content-length": text.length });
    const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
    socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
  }

  #noted(status: number): string {
    this.#options.onRefused(status);
    return `${status} ${STATUS_CODES[status]}\n`;
  }

  #plainHeaders(): Record<string, string> {
    return { ...this.#options.headers, "content-type": "text/plain" };
  }
}
