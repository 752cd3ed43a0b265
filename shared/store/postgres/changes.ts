/**
 * Receives changes through LISTEN on a connection of its own.
 *
 * Notifications may not arrive: a pooler takes the LISTEN and forgets it, a half-open connection stays silent forever. So the
 * listener sends itself a message through the pool when it starts and every half minute after. Until the first arrives, and after
 * one is lost, it presumes a change at every fallback poll, and makes a new connection.
 *
 * It begins when somebody first asks for a version or waits for a change: a command that reads a list needs no such connection.
 *
 * Changes for people alone (output, ends of runs, heartbeats) are announced outside the transactions that write them, at most ten
 * times a second: a NOTIFY in every small transaction would make all of them commit one after the other.
 *
 * @module
 */
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import type { Clock } from "../../time/clock.ts";
import { ChangeCounter, type Changes, type Topic, TOPICS } from "../store.ts";
import { CHANNEL } from "./attempts.ts";
import { type Connection, statement } from "./connection.ts";

const NOTIFY = statement(`SELECT pg_notify('${CHANNEL}', $1)::text AS notified`);
// Nothing is lost with it when the server fails, so it does not wait for the disk, where it would delay commits that must.
const ANNOUNCE = statement(
  `SELECT set_config('synchronous_commit', 'off', true), pg_notify('${CHANNEL}', 'runs')::text AS notified`,
);

const ANNOUNCE_EVERY_MS = 100;
const TEST_EVERY_MS = 30_000;
/** How long the answer to a test may take. */
const TEST_WITHIN_MS = 5_000;
const RECONNECT_MS = { first: 250, last: 10_000 } as const;

/** The changes of one PostgreSQL. */
export class ListenedChanges implements Changes {
  readonly #db: Connection;
  readonly #clock: Clock;
  readonly #pollMs: number;
  readonly #closing = new AbortController();
  readonly #counter = new ChangeCounter();
  readonly #tests = new Map<string, () => void>();
  #running: Promise<unknown> | null = null;
  #isHearing = false;
  #announcing: Promise<void> | null = null;
  #isAnnouncementDue = false;

  constructor(db: Connection, { clock, pollMs }: { readonly clock: Clock; readonly pollMs: number }) {
    this.#db = db;
    this.#clock = clock;
    this.#pollMs = pollMs;
  }

  /** Whether notifications arrive. */
  get isHearing(): boolean {
    return this.#isHearing;
  }

  version(topic?: Topic): number {
    this.#start();
    return this.#counter.version(topic);
  }

  after(since: number, signal: AbortSignal, topic?: Topic): Promise<void> {
    this.#start();
    return this.#counter.after(since, signal, topic);
  }

  /** Notifies pages that there is something new for people to see. Returns at once; may be lost. */
  announce(): void {
    this.#isAnnouncementDue = true;
    this.#announcing ??= this.#announceAll().finally(() => this.#announcing = null);
  }

  /** Ends listening. Calls that wait for a change end. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#counter.end();
    await this.#announcing;
    await this.#running;
  }

  #start(): void {
    this.#running ??= Promise.all([this.#listenOn(), this.#pollOn()]);
  }

  async #announceAll(): Promise<void> {
    while (this.#isAnnouncementDue && !this.#closing.signal.aborted) {
      this.#isAnnouncementDue = false;
      // The next announcement or poll shows what this one misses.
      await this.#db.all(ANNOUNCE).catch(() => {});
      await this.#clock.sleep(ANNOUNCE_EVERY_MS, this.#closing.signal);
    }
  }

  /** While nothing is heard, everything may have changed at each poll. */
  async #pollOn(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#clock.sleep(this.#pollMs, this.#closing.signal);
      if (!this.#isHearing) this.#counter.count(TOPICS);
    }
  }

  async #listenOn(): Promise<void> {
    const { signal } = this.#closing;
    let pause: number = RECONNECT_MS.first;
    while (!signal.aborted) {
      const hasHeard = await this.#listenOnce().catch(() => false);
      this.#isHearing = false;
      if (signal.aborted) return;
      pause = hasHeard ? RECONNECT_MS.first : Math.min(pause * 2, RECONNECT_MS.last);
      await this.#clock.sleep(pause * (0.5 + Math.random() / 2), signal);
    }
  }

  /** Listens until the connection fails or a test does. Answers whether it ever worked. */
  async #listenOnce(): Promise<boolean> {
    const client = new pg.Client(this.#db.clientConfig);
    const over = new AbortController();
    const end = () => over.abort();
    const onClosing = () => end();
    this.#closing.signal.addEventListener("abort", onClosing, { once: true });
    client.on("error", end);
    client.on("end", end);
    client.on("notification", ({ payload = "" }) => this.#heard(payload));
    let hasHeard = false;
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      while (!over.signal.aborted) {
        if (!await this.#test(over.signal)) break;
        hasHeard = true;
        if (!this.#isHearing) {
          this.#isHearing = true;
          // Something may have come between the last connection and this one.
          this.#counter.count(TOPICS);
        }
        await this.#clock.sleep(TEST_EVERY_MS, over.signal);
      }
      return hasHeard;
    } finally {
      this.#closing.signal.removeEventListener("abort", onClosing);
      // Its goodbye may never be answered, where the connection is half-open.
      const farewell = new AbortController();
      const ended = client.end().catch(() => {}).finally(() => farewell.abort());
      await Promise.race([ended, this.#clock.sleep(TEST_WITHIN_MS, farewell.signal)]);
      if (!farewell.signal.aborted) client.connection.stream.destroy();
    }
  }

  /** Sends a message that only this listener knows. Answers whether it has come back in time. */
  async #test(signal: AbortSignal): Promise<boolean> {
    const token = crypto.randomUUID();
    const answered = new AbortController();
    this.#tests.set(token, () => answered.abort());
    try {
      await this.#db.all(NOTIFY, [token]);
      await this.#clock.sleep(TEST_WITHIN_MS, AbortSignal.any([signal, answered.signal]));
      return answered.signal.aborted;
    } finally {
      this.#tests.delete(token);
    }
  }

  #heard(payload: string): void {
    const test = this.#tests.get(payload);
    if (test !== undefined) test();
    else if (payload === "runs") this.#counter.count([]);
    else {
      const topic = TOPICS.find((known) => known === payload);
      if (topic !== undefined) this.#counter.count([topic]);
    }
  }
}
