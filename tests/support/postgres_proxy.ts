/**
 * A network between services and PostgreSQL that can fail at an exact moment: before a question arrives, after its answer was
 * given and before it was heard, or for good without anybody being told.
 *
 * @module
 */
import { Asked, close, type Message, messages, send, texts } from "./postgres_wire.ts";

/** How long a question may take to come before a test gives up, in milliseconds. */
const PATIENCE_MS = 60_000;

/** What happens to a connection once the server has answered: it breaks, or stays open and carries nothing any more. */
export type Loss = "breaks" | "goes silent";

/** A question that was caught before the server got it. */
export interface Held {
  /** Lets it go on. */
  release(): void;
}

/** Waits for its moment. `pattern` is compared with the transcript of a transaction, as {@linkcode PostgresProxy} says. */
interface Trap {
  readonly pattern: RegExp;
  readonly does: Loss | "hold" | "tell";
  readonly sprung: PromiseWithResolvers<Held>;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * The network. Traps are compared with a transcript of each transaction: the SQL of its questions so far and, each in a line of
 * its own after an arrow, what the server says it did (`→ UPDATE 1`). Each is sprung once.
 */
export class PostgresProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #server: URL;
  readonly #sessions = new Set<Session>();
  readonly #traps = new Set<Trap>();
  readonly #questions: string[] = [];
  readonly #looking = new Set<() => void>();
  readonly #running: Promise<void>;
  #gate = Promise.resolve();
  #openGate = () => {};

  /** Stands in front of the server of the database at `url`. */
  constructor(url: string) {
    this.#server = new URL(url);
    this.#running = this.#accept();
  }

  /** The database's URL through this network. */
  get url(): string {
    const url = new URL(this.#server);
    url.hostname = "127.0.0.1";
    url.port = String(this.#listener.addr.port);
    return url.href;
  }

  /**
   * Loses the answer to the first question whose transcript matches when it is answered. Resolves when that has happened.
   * Rejects when none came within a minute: whoever changes a statement is told which test waits for its text.
   */
  loseAnswer(pattern: RegExp, loss: Loss): Promise<unknown> {
    return this.#trap(pattern, loss);
  }

  /** Holds the first question whose transcript matches when it is asked. Rejects as {@linkcode loseAnswer} does. */
  hold(pattern: RegExp): Promise<Held> {
    return this.#trap(pattern, "hold");
  }

  /** Resolves when the first question whose transcript matches is answered; the answer goes on its way. Rejects likewise. */
  answered(pattern: RegExp): Promise<unknown> {
    return this.#trap(pattern, "tell");
  }

  /** Resolves when the connections that have ever asked such a question have ended, and all the server said is passed on. */
  async ended(pattern: RegExp): Promise<void> {
    await Promise.all([...this.#sessions].filter((session) => session.hasAsked(pattern)).map(({ ended }) => ended));
  }

  /** How many questions have matched so far. A connection that was let in counts as the question `connect`. */
  count(pattern: RegExp): number {
    return this.#questions.filter((sql) => pattern.test(sql)).length;
  }

  /** Resolves when a question has matched, now or before. Rejects when none has within a minute. */
  hasSeen(pattern: RegExp): Promise<void> {
    return this.#counts(pattern, 1);
  }

  /** Resolves when `more` questions have matched from now on. Rejects when they have not within a minute. */
  grows(pattern: RegExp, more: number): Promise<void> {
    return this.#counts(pattern, this.count(pattern) + more);
  }

  async #counts(pattern: RegExp, enough: number): Promise<void> {
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.#look();
    }, PATIENCE_MS);
    try {
      while (this.count(pattern) < enough) {
        if (isOver) throw this.#neverCame(pattern);
        await new Promise<void>((resolve) => this.#looking.add(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lets the connections that have ever asked such a question stay open and carry nothing any more. Answers how many. */
  silence(pattern: RegExp): number {
    const silenced = [...this.#sessions].filter((session) => session.hasAsked(pattern));
    for (const session of silenced) session.goSilent();
    return silenced.length;
  }

  /** Breaks all connections, and lets no new one through until it is opened. */
  shut(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    [this.#gate, this.#openGate] = [promise, resolve];
    for (const session of this.#sessions) session.close();
  }

  /** Lets connections through again. */
  open(): void {
    this.#openGate();
  }

  /** Called by sessions: a question is about to be passed on. Resolves when it may be. */
  async onQuestion(sql: string, transcript: string): Promise<void> {
    this.#questions.push(sql);
    this.#look();
    const trap = this.#spring(transcript, (does) => does === "hold");
    if (trap === null) return;
    await new Promise<void>((release) => trap.sprung.resolve({ release }));
  }

  /** Called by sessions: the server has answered. Says what is to be done instead of passing that on. */
  onAnswer(transcript: string): Loss | null {
    const trap = this.#spring(transcript, (does) => does !== "hold");
    trap?.sprung.resolve({ release: () => {} });
    return trap?.does === "breaks" || trap?.does === "goes silent" ? trap.does : null;
  }

  /** Breaks everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.open();
    for (const { timer } of this.#traps) clearTimeout(timer);
    const sessions = [...this.#sessions];
    for (const session of sessions) session.close();
    await Promise.all([this.#running, ...sessions.map(({ ended }) => ended)]);
  }

  #trap(pattern: RegExp, does: Trap["does"]): Promise<Held> {
    const sprung = Promise.withResolvers<Held>();
    const timer = setTimeout(() => sprung.reject(this.#neverCame(pattern)), PATIENCE_MS);
    this.#traps.add({ pattern, does, sprung, timer });
    // A test that fails elsewhere does not come to wait for it.
    sprung.promise.catch(() => {});
    return sprung.promise;
  }

  #look(): void {
    for (const look of this.#looking) look();
    this.#looking.clear();
  }

  #neverCame(pattern: RegExp): Error {
    const last = this.#questions.slice(-5).join("\n");
    return new Error(
      `${PATIENCE_MS / 1000} s have passed without a question that matches ${pattern}; the last were:\n${last}`,
    );
  }

  #spring(transcript: string, isMeant: (does: Trap["does"]) => boolean): Trap | null {
    const trap = [...this.#traps].find(({ pattern, does }) => isMeant(does) && pattern.test(transcript));
    if (trap === undefined) return null;
    this.#traps.delete(trap);
    clearTimeout(trap.timer);
    return trap;
  }

  async #accept(): Promise<void> {
    const entering: Promise<void>[] = [];
    try {
      for await (const client of this.#listener) entering.push(this.#enter(client));
    } finally {
      await Promise.all(entering);
    }
  }

  async #enter(client: Deno.TcpConn): Promise<void> {
    await this.#gate;
    const { hostname, port } = this.#server;
    const server = await Deno.connect({ hostname, port: Number(port) }).catch(() => null);
    if (server === null) return close(client);
    const session = new Session(this, client, server);
    this.#sessions.add(session);
    await session.ended;
    this.#sessions.delete(session);
  }
}

/** One client's connection. */
class Session {
  /** Resolves when both sides are closed. */
  readonly ended: Promise<unknown>;
  readonly #proxy: PostgresProxy;
  readonly #client: Deno.TcpConn;
  readonly #server: Deno.TcpConn;
  readonly #asked: string[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #transcript: string[] = [];
  /** The answer that is coming in; null while nothing was asked. */
  #answer: Uint8Array[] | null = null;
  #isSilent = false;

  constructor(proxy: PostgresProxy, client: Deno.TcpConn, server: Deno.TcpConn) {
    this.#proxy = proxy;
    this.#client = client;
    this.#server = server;
    this.ended = Promise.all([this.#passQuestions(), this.#passAnswers()]);
  }

  hasAsked(pattern: RegExp): boolean {
    return this.#asked.some((sql) => pattern.test(sql));
  }

  goSilent(): void {
    this.#isSilent = true;
  }

  close(): void {
    this.#closed.resolve();
    close(this.#client);
    close(this.#server);
  }

  async #passQuestions(): Promise<void> {
    const asked = new Asked();
    let question: Uint8Array[] = [];
    for await (const message of messages(this.#client, "client")) {
      question.push(message.bytes);
      const sql = message.type === "startup" ? "connect" : asked.next(message);
      if (sql === null && message.type !== "X") continue;
      if (sql !== null) await this.#ask(sql);
      if (!this.#isSilent) await send(this.#server, question);
      question = [];
    }
    // The server of a half-open connection learns nothing of the client's end either.
    if (!this.#isSilent) this.close();
    else close(this.#client);
  }

  async #ask(sql: string): Promise<void> {
    this.#asked.push(sql);
    this.#transcript.push(sql);
    await Promise.race([this.#proxy.onQuestion(sql, this.#transcript.join("\n")), this.#closed.promise]);
    this.#answer = [];
  }

  async #passAnswers(): Promise<void> {
    for await (const message of messages(this.#server, "server")) {
      if (this.#isSilent) continue;
      if (this.#answer === null) await send(this.#client, [message.bytes]);
      else await this.#collect(message, this.#answer);
    }
    if (this.#isSilent) return close(this.#server);
    await send(this.#client, this.#answer ?? []);
    this.close();
  }

  async #collect(message: Message, answer: Uint8Array[]): Promise<void> {
    answer.push(message.bytes);
    if (message.type === "C") this.#transcript.push(`→ ${texts(message, 1)}`);
    if (message.type !== "Z") return;
    const loss = this.#proxy.onAnswer(this.#transcript.join("\n"));
    // "I": no transaction is open any more.
    if (message.bytes.at(5) === "I".charCodeAt(0)) this.#transcript = [];
    this.#answer = null;
    if (loss === "breaks") this.close();
    else if (loss === "goes silent") this.goSilent();
    else await send(this.#client, answer);
  }
}
