/**
 * A pooler in transaction mode, as PgBouncer is one (https://www.pgbouncer.org/features.html): each transaction gets a server
 * connection that has just served another's, and nothing of a session outlives its transaction.
 *
 * @module
 */
import { KEPT } from "./database_pool.ts";
import { Asked, batches, close, type Message, message, messages, send, startupParameters } from "./postgres_wire.ts";

/** What the pooler does about the startup parameter `options`: PgBouncer refuses it, unless it was told to ignore it. */
export type OptionsPolicy = "refused" | "ignored";

/** How many server connections there are at first, so that one transaction follows another's on another one, and at most. */
const [FIRST, MOST] = [2, 3];

/** A connection to the server, with what the server said of itself when it began. */
interface ServerConnection {
  readonly conn: Deno.TcpConn;
  readonly answers: AsyncGenerator<readonly Message[]>;
  readonly parameters: readonly Uint8Array[];
}

/** The pooler of one database. */
export class PostgresPooler implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #server: URL;
  readonly #options: OptionsPolicy;
  /** In the order they were given back: the next transaction gets the one that has rested longest. */
  readonly #free: ServerConnection[] = [];
  readonly #waiting: PromiseWithResolvers<ServerConnection>[] = [];
  readonly #clients = new Set<Deno.TcpConn>();
  readonly #servers = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>;
  #size = 0;
  #swallowed = 0;
  #isClosed = false;

  /** Stands in front of the server of the database at `url`. */
  static async start(url: string, options: OptionsPolicy): Promise<PostgresPooler> {
    const pooler = new PostgresPooler(url, options);
    for (let i = 0; i < FIRST; i++) pooler.#free.push(await pooler.#connect());
    return pooler;
  }

  private constructor(url: string, options: OptionsPolicy) {
    this.#server = new URL(url);
    this.#options = options;
    this.#running = this.#accept();
  }

  /** The database's URL through the pooler. */
  get url(): string {
    const url = new URL(this.#server);
    url.port = String(this.#listener.addr.port);
    return url.href;
  }

  /** How often a client has tried to listen, in vain. */
  get swallowed(): number {
    return this.#swallowed;
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    for (const { reject } of this.#waiting) reject(new Error("The pooler has ended"));
    for (const conn of [...this.#clients, ...this.#servers]) close(conn);
    await this.#running;
  }

  async #connect(): Promise<ServerConnection> {
    this.#size++;
    const { hostname, port, username, pathname } = this.#server;
    const conn = await Deno.connect({ hostname, port: Number(port) });
    this.#servers.add(conn);
    const answers = batches(conn, "server");
    const settings = ["user", username, "database", pathname.slice(1), "application_name", KEPT];
    await send(conn, [message("", [3 << 16, ...settings, new Uint8Array(1)])]);
    const parameters: Uint8Array[] = [];
    for (let isReady = false; !isReady;) {
      const batch = await next(answers);
      parameters.push(...batch.filter(({ type }) => type === "S").map(({ bytes }) => bytes));
      isReady = batch.some(({ type }) => type === "Z");
    }
    return { conn, answers, parameters };
  }

  async #take(): Promise<ServerConnection> {
    const free = this.#free.shift();
    if (free !== undefined) return free;
    if (this.#size < MOST) return await this.#connect();
    const turn = Promise.withResolvers<ServerConnection>();
    this.#waiting.push(turn);
    return await turn.promise;
  }

  #giveBack(server: ServerConnection): void {
    const first = this.#waiting.shift();
    if (first === undefined) this.#free.push(server);
    else first.resolve(server);
  }

  async #accept(): Promise<void> {
    const serving: Promise<void>[] = [];
    try {
      for await (const client of this.#listener) serving.push(this.#serve(client));
    } finally {
      await Promise.all(serving);
    }
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    this.#clients.add(client);
    let server: ServerConnection | null = null;
    try {
      const asked = new Asked();
      let question: Uint8Array[] = [];
      for await (const said of messages(client, "client")) {
        if (said.type === "X") break;
        if (said.type === "startup") {
          if (await this.#welcome(client, said)) continue;
          break;
        }
        question.push(said.bytes);
        const sql = asked.next(said);
        if (sql === null) continue;
        if (/^(UN)?LISTEN\b/.test(sql)) {
          this.#swallowed++;
          await send(client, [message("C", ["LISTEN"]), message("Z", [new TextEncoder().encode("I")])]);
        } else {
          server ??= await this.#take();
          if (await this.#answer(client, server, question)) {
            this.#giveBack(server);
            server = null;
          }
        }
        question = [];
      }
    } catch {
      // The server has gone: so does its client.
    } finally {
      close(client);
      // What a client left open in the middle of a transaction is nobody's.
      if (server !== null) {
        close(server.conn);
        this.#size--;
        if (!this.#isClosed) await this.#connect().then((fresh) => this.#giveBack(fresh), () => {});
      }
    }
  }

  /** Lets a client in, or not. */
  async #welcome(client: Deno.TcpConn, startup: Message): Promise<boolean> {
    const parameters = startupParameters(startup);
    if (parameters?.has("options") === true && this.#options === "refused") {
      const fields = ["SFATAL", "VFATAL", "C08P01", "Munsupported startup parameter: options"];
      await send(client, [message("E", [...fields, new Uint8Array(1)])]);
      return false;
    }
    const server = await this.#take();
    this.#giveBack(server);
    const ready = [message("R", [0]), ...server.parameters, message("K", [1, 1])];
    await send(client, [...ready, message("Z", [new TextEncoder().encode("I")])]);
    return true;
  }

  /** Has a question answered. Answers whether no transaction is open after it. */
  async #answer(client: Deno.TcpConn, { conn, answers }: ServerConnection, question: Uint8Array[]): Promise<boolean> {
    await send(conn, question);
    while (true) {
      const batch = await next(answers);
      // A notification was for somebody who has long got another connection.
      await send(client, batch.filter(({ type }) => type !== "A").map(({ bytes }) => bytes));
      const end = batch.find(({ type }) => type === "Z");
      if (end !== undefined) return end.bytes.at(5) === "I".charCodeAt(0);
    }
  }
}

/** What the server says next. @throws {Error} when it has closed the connection. */
async function next(answers: AsyncGenerator<readonly Message[]>): Promise<readonly Message[]> {
  const { value, done } = await answers.next();
  if (done === true) throw new Error("The server has closed the connection");
  return value;
}
