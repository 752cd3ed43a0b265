/**
 * A network between services and PostgreSQL that can fail at an exact moment: before a question arrives, after its answer was
 * given and before it was heard, or for good without anybody being told.
 *
 * @module
 */
import { type Interference, type Loss, ProxiedSession } from "./postgres_proxied_session.ts";
import { close } from "./postgres_wire.ts";

export type { Loss };

/** How long a question may take to come before a test gives up, in milliseconds. */
const PATIENCE_MS = 60_000;

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
export class PostgresProxy implements AsyncDisposable, Interference {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #server: URL;
  readonly #sessions = new Set<ProxiedSession>();
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

  #counts(pattern: RegExp, enough: number): Promise<void> {
    const counted = this.#untilCounted(pattern, enough);
    // A test that fails elsewhere does not come to wait for it.
    counted.catch(() => {});
    return counted;
  }

  async #untilCounted(pattern: RegExp, enough: number): Promise<void> {
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

  async onQuestion(sql: string, transcript: string): Promise<void> {
    this.#questions.push(sql);
    this.#look();
    const trap = this.#spring(transcript, (does) => does === "hold");
    if (trap === null) return;
    await new Promise<void>((release) => trap.sprung.resolve({ release }));
  }

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
    // As above.
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
    const session = new ProxiedSession(this, client, server);
    this.#sessions.add(session);
    await session.ended;
    this.#sessions.delete(session);
  }
}
