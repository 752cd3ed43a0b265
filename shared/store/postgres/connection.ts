/**
 * The connections to one PostgreSQL: the only place that runs SQL.
 *
 * - No statement needs the session of another, so a pooler in transaction mode may stand in between. What a session gets when it
 *   starts (prepared statements, planner settings) only makes it faster, and is given up for good where a pooler refuses it.
 * - A plan that was made while a table was empty keeps its sequential scan for as long as the session lives; all our tables
 *   have an index for each question, so sequential scans are off.
 * - Every query has a time limit, and a connection that met an error is dropped, since its state is unknown.
 * - Heartbeats have a connection of their own, so that nothing else that is slow makes a lease run out.
 *
 * @module
 */
// @ts-types="npm:@types/pg@^8.23.1"
import pg from "pg";
import { createHash } from "node:crypto";
import { StoreUnavailable } from "../../domain/errors.ts";
import type { Row } from "../rows.ts";
import { isClosed } from "../refusals.ts";
import { sqlState, translate, UNIQUE_VIOLATION } from "./errors.ts";
import { connectionString } from "./url.ts";
import { parserOf, type Value } from "./values.ts";

/** A statement that is prepared once in each session, under a name made of its text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Names a statement. */
export function statement(text: string): Statement {
  return { name: createHash("sha256").update(text).digest("base64url").slice(0, 24), text };
}

/** Runs statements: the pool, or one transaction. */
export interface Session {
  /** The rows that a statement answers. */
  all(sql: Statement | string, values?: readonly Value[]): Promise<readonly Row[]>;
}

/** Where the database is, and how to reach it. */
export interface ConnectionOptions {
  readonly url: string;
  /** Most connections at once, besides the one for heartbeats and the one that listens. */
  readonly max: number;
  /** How long to wait for the answer to a statement, in milliseconds; default 30,000. */
  readonly queryMs?: number;
}

/** How long to wait for a connection, the server's or a free one of the pool, and for the answer to a statement. */
const CONNECT_TIMEOUT_MS = 10_000;
const QUERY_TIMEOUT_MS = 30_000;
/** How long a transaction may wait for its client, unless it says otherwise. */
const IDLE_TIMEOUT_MS = 30_000;

/** Settings of sessions, unless something between us and the server forbids them. */
const SESSION = "-c enable_seqscan=off -c DateStyle=ISO -c TimeZone=UTC -c jit=off";

/** SQLSTATEs by which a pooler is known: no such prepared statement, one of that name already, startup setting refused. */
const NO_STATEMENT = "26000";
const DUPLICATE_STATEMENT = "42P05";
const PROTOCOL_VIOLATION = "08P01";

// Without a password the driver looks for a file of passwords, and what it meets on the way (a home directory that a process
// may not know) ends the process. An empty one becomes an error of the connection instead.
pg.defaults.password = "";

/** All connections of one store. */
export class Connection implements Session {
  /** What the database is called in messages: its URL without the password. */
  readonly where: string;
  readonly #connectionString: string;
  readonly #queryMs: number;
  readonly #urgent: pg.Pool;
  readonly #pool: pg.Pool;
  #hasSession = true;
  #isClosed = false;

  /** @throws {Invalid} when the URL has a wrong setting. */
  constructor({ url, max, queryMs = QUERY_TIMEOUT_MS }: ConnectionOptions) {
    this.#queryMs = queryMs;
    this.#connectionString = connectionString(url);
    this.where = withoutSecrets(url);
    this.#pool = this.#newPool(max);
    this.#urgent = this.#newPool(1);
  }

  /** What a client needs to connect; a listener makes one of its own with it. */
  get clientConfig(): pg.ClientConfig {
    return {
      connectionString: this.#connectionString,
      application_name: "jobtrigger",
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: this.#queryMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: { getTypeParser: (oid: number) => parserOf(oid) },
      ...(this.#hasSession && { options: SESSION }),
    };
  }

  all(sql: Statement | string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#run(this.#pool, (client) => this.#query(client, sql, values));
  }

  /** As {@linkcode all}, with each row as an array: for the hottest statements. */
  arrays(sql: Statement, values: readonly Value[]): Promise<readonly (readonly unknown[])[]> {
    return this.#run(this.#pool, (client) => this.#arrays(client, sql, values));
  }

  /** As {@linkcode arrays}; null: a unique index refused the statement, which has done nothing. */
  arraysUnlessTaken(
    sql: Statement,
    values: readonly Value[],
  ): Promise<readonly (readonly unknown[])[] | null> {
    return this.#run(this.#pool, async (client) => {
      try {
        return await this.#arrays(client, sql, values);
      } catch (error) {
        // Outside a transaction, the session is as it was before.
        if (sqlState(error) === UNIQUE_VIOLATION) return null;
        throw error;
      }
    });
  }

  /** As {@linkcode all}, on the connection that is kept for heartbeats. */
  urgent(sql: Statement, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#run(this.#urgent, (client) => this.#query(client, sql, values));
  }

  /**
   * Runs `work` as one transaction; an error thrown in it undoes it all. Should this process stop in the middle, the server
   * ends it after `idleMs`. Each statement may take `queryMs`; default: as long as any other.
   */
  transaction<Result>(
    work: (session: Session) => Promise<Result>,
    { idleMs = IDLE_TIMEOUT_MS, queryMs }: { readonly idleMs?: number; readonly queryMs?: number } = {},
  ): Promise<Result> {
    return this.#run(this.#pool, async (client) => {
      await this.#query(client, `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${Math.round(idleMs)}`, []);
      const result = await work({ all: (sql, values = []) => this.#query(client, sql, values, queryMs) });
      await this.#query(client, "COMMIT", []);
      return result;
    });
  }

  /** Waits for calls under way, then closes all connections. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([this.#pool.end(), this.#urgent.end()]);
  }

  #newPool(max: number): pg.Pool {
    // Read anew for each connection: the session settings may have been given up since.
    const settings = () => this.clientConfig;
    class Client extends pg.Client {
      constructor() {
        super(settings());
      }
    }
    const pool = new pg.Pool({ Client, max, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, idleTimeoutMillis: 60_000 });
    // A connection that breaks while nobody uses it needs no report: the next query gets another, or the error.
    pool.on("error", () => {});
    return pool;
  }

  async #run<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw isClosed(this.where);
    // Of several queries that meet the pooler at once, each tries again, though the first has given the settings up for all.
    const hadSession = this.#hasSession;
    try {
      return await this.#once(pool, work);
    } catch (error) {
      if (!hadSession || !isOfPooler(error)) throw error;
    }
    // A statement that a pooler refuses has done nothing, so trying again does it once.
    this.#hasSession = false;
    return await this.#once(pool, work);
  }

  async #once<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#translated(pool.connect());
    // Between two statements of a transaction nobody waits for an answer, so that the driver could only tell here that the
    // connection has broken; without a listener, that would end the process. The next statement gets the error.
    const onBroken = () => {};
    client.on("error", onBroken);
    let isSound = false;
    try {
      const result = await work(client);
      isSound = true;
      return result;
    } finally {
      client.off("error", onBroken);
      client.release(!isSound);
    }
  }

  async #query(
    client: pg.PoolClient,
    sql: Statement | string,
    values: readonly Value[],
    queryMs?: number,
  ): Promise<readonly Row[]> {
    const statement = typeof sql === "string" ? { text: sql } : this.#named(sql);
    const query = { ...statement, values: [...values], ...(queryMs !== undefined && { query_timeout: queryMs }) };
    return (await this.#translated(client.query<Record<string, unknown>>(query))).rows;
  }

  async #arrays(
    client: pg.PoolClient,
    sql: Statement,
    values: readonly Value[],
  ): Promise<readonly (readonly unknown[])[]> {
    const query = { ...this.#named(sql), values: [...values], rowMode: "array" as const };
    return (await this.#translated(client.query<unknown[]>(query))).rows;
  }

  /** Only errors of the driver are about the database; an error of the caller's own passes through a transaction as it is. */
  async #translated<Result>(answer: Promise<Result>): Promise<Result> {
    try {
      return await answer;
    } catch (error) {
      throw translate(error, this.where);
    }
  }

  #named({ name, text }: Statement): { readonly name?: string; readonly text: string } {
    return this.#hasSession ? { name, text } : { text };
  }
}

function isOfPooler(error: unknown): boolean {
  const state = sqlState(error instanceof StoreUnavailable ? error.cause : error);
  return state === NO_STATEMENT || state === DUPLICATE_STATEMENT || state === PROTOCOL_VIOLATION;
}

function withoutSecrets(url: string): string {
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
}
