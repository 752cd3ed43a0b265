/**
 * One connection through a network that may fail: `postgres_proxy.ts` decides when and how.
 *
 * @module
 */
import { Asked, close, type Message, messages, send, texts } from "./postgres_wire.ts";

/** What happens to a connection once the server has answered: it breaks, or stays open and carries nothing any more. */
export type Loss = "breaks" | "goes silent";

/** What may come between a client and a server. */
export interface Interference {
  /** A question is about to be passed on. Resolves when it may be. */
  onQuestion(sql: string, transcript: string): Promise<void>;
  /** The server has answered. Says what is to be done instead of passing that on. */
  onAnswer(transcript: string): Loss | null;
}

/** One client's connection: passes on what both say, a question or an answer at a time. */
export class ProxiedSession {
  /** Resolves when both sides are closed. */
  readonly ended: Promise<unknown>;
  readonly #interference: Interference;
  readonly #client: Deno.TcpConn;
  readonly #server: Deno.TcpConn;
  readonly #asked: string[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #transcript: string[] = [];
  /** The answer that is coming in; null while nothing was asked. */
  #answer: Uint8Array[] | null = null;
  #isSilent = false;

  constructor(interference: Interference, client: Deno.TcpConn, server: Deno.TcpConn) {
    this.#interference = interference;
    this.#client = client;
    this.#server = server;
    this.ended = Promise.all([this.#passQuestions(), this.#passAnswers()]);
  }

  /** Whether it has ever asked such a question. */
  hasAsked(pattern: RegExp): boolean {
    return this.#asked.some((sql) => pattern.test(sql));
  }

  /** From now on it carries nothing more, and nobody is told. */
  goSilent(): void {
    this.#isSilent = true;
  }

  /** Closes both sides. */
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
    await Promise.race([this.#interference.onQuestion(sql, this.#transcript.join("\n")), this.#closed.promise]);
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
    const loss = this.#interference.onAnswer(this.#transcript.join("\n"));
    // "I": no transaction is open any more.
    if (message.bytes.at(5) === "I".charCodeAt(0)) this.#transcript = [];
    this.#answer = null;
    if (loss === "breaks") this.close();
    else if (loss === "goes silent") this.goSilent();
    else await send(this.#client, answer);
  }
}
