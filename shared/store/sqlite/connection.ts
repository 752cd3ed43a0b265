/**
 * One connection to one SQLite file: the only place that runs SQL.
 *
 * - A statement is prepared once, at its first use.
 * - A write transaction is one synchronous piece of work between BEGIN IMMEDIATE and COMMIT, so within a process none is
 *   ever interrupted by another, and no lock is held over an `await`.
 * - SQLite's lock is not fair: whoever writes without pause starves the rest. So transactions queue up, and after each the lock
 *   is left alone for a moment, or if others want it for as long as it was held; the first after a while starts at once. Work
 *   with many items is done in as many transactions as it takes for none to be long.
 * - While another process holds the lock, a writer tries again every few milliseconds without blocking this process; a
 *   heartbeat tries far more often, and so is the first to find the lock free.
 * - Before each read or transaction the path is compared with the files that were opened. A database, or a `-wal`, that was
 *   deleted, moved or replaced is reported, not written on unseen.
 * - Now and then a transaction changes the mark, by which a `-wal` that does not belong to its file is known: `mark.ts`.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailable } from "../../domain/errors.ts";
import type { Clock } from "../../time/clock.ts";
import type { Row } from "../rows.ts";
import { isClosed } from "../refusals.ts";
import { isBusy, translate } from "./errors.ts";
import { OpenFiles } from "./files.ts";
import { nextMark } from "./mark.ts";
import { type Parameters, Statement, type Value } from "./statement.ts";

/** Options of a {@linkcode Connection}. */
export interface ConnectionOptions {
  readonly path: string;
  readonly clock: Clock;
  /** How long to try for a lock that another process holds. */
  readonly busyTimeoutMs: number;
}

/** How long a writer at least leaves the lock to others between two transactions. */
const YIELD_MS = 1;
/** How long a transaction goes on to a next item. */
const SLICE_MS = 5;
/** How long the lock counts as wanted by others after one of them has held it. */
const CONTENDED_MS = 1000;
/** Longest pause of an ordinary writer before it tries for the lock again. */
const RETRY_MS = 8;
/** How often a transaction changes the mark while the `-wal` is in use. */
const MARK_EVERY_MS = 10_000;

/** An open file. */
export class Connection {
  readonly #db: DatabaseSync;
  readonly #options: ConnectionOptions;
  readonly #files: OpenFiles;
  readonly #onClosed: () => void;
  readonly #statements = new Map<string, Statement>();
  #queue: Promise<unknown> = Promise.resolve();
  /** When the next transaction may start, by the monotonic clock. */
  #nextWrite = -Infinity;
  /** When another process last held the lock while this one wanted it, by the same clock. */
  #lastBusy = -Infinity;
  /** When a transaction last changed the mark, by the same clock. */
  #lastMark = -Infinity;
  /** Bytes in the `-wal`, as last seen. */
  #walSize = 0;
  #commits = 0;
  #closed = false;

  /** Called after each commit that changed something. */
  onCommit: () => void = () => {};

  /** Takes over `db`, which is open on `options.path` and has been read from, and calls `onClosed` when it has been closed. */
  constructor(db: DatabaseSync, options: ConnectionOptions, onClosed: () => void = () => {}) {
    this.#onClosed = onClosed;
    this.#db = db;
    this.#options = options;
    this.#files = new OpenFiles(options.path);
  }

  /** How many commits of this connection have changed something. */
  get commits(): number {
    return this.#commits;
  }

  /** Every row that `sql` answers. As all that run a statement, for use in {@linkcode read} and {@linkcode write}. */
  all(sql: string, parameters: Parameters = []): Row[] {
    return this.#prepare(sql).all(parameters);
  }

  /** The first row that `sql` answers. */
  get(sql: string, parameters: Parameters = []): Row | undefined {
    return this.#prepare(sql).get(parameters);
  }

  /** The row that `sql` always answers. */
  one(sql: string, parameters: Parameters = []): Row {
    const row = this.get(sql, parameters);
    if (row === undefined) throw new Error(`No row from ${sql}`);
    return row;
  }

  /** The rows that `sql` answers, read one by one while `each` says true. */
  scan(sql: string, parameters: Readonly<Record<string, Value>>, each: (row: Row) => boolean): void {
    for (const row of this.#prepare(sql).each(parameters)) if (!each(row)) break;
  }

  /** Runs `sql`, a statement that writes, and answers how many rows it changed. */
  run(sql: string, parameters: Readonly<Record<string, Value>> = {}): number {
    return this.#prepare(sql).run(parameters);
  }

  /** Changes whenever another connection has committed. Takes about 10 µs. */
  dataVersion(): unknown {
    return this.#guarded(() => this.one("PRAGMA data_version")["data_version"]);
  }

  /** Runs `work`, which only reads. */
  read<Result>(work: () => Result): Promise<Result> {
    return this.#patiently(() => ({ result: work() }), pauseOfMany);
  }

  /** Runs `work` as one write transaction, after those that queue already. An error thrown in it undoes it all. */
  write<Result>(work: () => Result): Promise<Result> {
    const written = this.#queue.then(async () => {
      const pauseMs = this.#nextWrite - this.#options.clock.monotonic();
      if (pauseMs > 0) await this.#options.clock.sleep(pauseMs);
      return await this.#patiently(() => this.#locked(work), pauseOfMany);
    });
    this.#queue = written.catch(() => {});
    return written;
  }

  /**
   * Writes about each of `items`, in their order and in as many transactions as it takes for none to be long; `conclude` writes
   * the rest of each transaction.
   */
  async writeEach<Item, Result>(
    items: readonly Item[],
    write: (item: Item) => Result,
    conclude: () => void = () => {},
  ): Promise<readonly Result[]> {
    const { clock } = this.#options;
    const results: Result[] = [];
    while (results.length < items.length) {
      const rest = items.slice(results.length);
      results.push(
        ...await this.write(() => {
          const until = clock.monotonic() + SLICE_MS;
          const written: Result[] = [];
          for (const item of rest) {
            written.push(write(item));
            if (clock.monotonic() >= until) break;
          }
          conclude();
          return written;
        }),
      );
    }
    return results;
  }

  /** As {@linkcode write}, ahead of all that queue: for heartbeats, which are rare and must not be late. */
  writeNow<Result>(work: () => Result): Promise<Result> {
    return this.#patiently(() => this.#locked(work), () => 0);
  }

  /**
   * Writes all that the `-wal` holds into the file, and empties it. False: somebody else is reading or writing just now, so it
   * was not emptied.
   */
  checkpoint(): boolean {
    return this.#guarded(() => {
      if (this.#walSize === 0) return true;
      try {
        return this.one("PRAGMA wal_checkpoint(TRUNCATE)")["busy"] === 0;
      } catch (error) {
        if (isBusy(error)) return false;
        throw error;
      }
    });
  }

  /** Waits for the transactions under way, then closes the file. Idempotent. */
  async close(): Promise<void> {
    await this.#queue;
    if (this.#closed) return;
    // SQLite empties the -wal for the last connection that closes. A process that has written empties it without waiting for that.
    if (this.#commits > 0) this.#checkpointAtEnd();
    this.#closed = true;
    this.#statements.clear();
    this.#db.close();
    this.#onClosed();
  }

  #checkpointAtEnd(): void {
    try {
      this.checkpoint();
    } catch (error) {
      // The file is gone or unusable: all that was committed is in the -wal.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }

  /** Repeats `work` while another process holds the lock, which it needs before it does anything. */
  async #patiently<Result>(work: () => { readonly result: Result }, pauseMs: () => number): Promise<Result> {
    const { clock, busyTimeoutMs } = this.#options;
    const deadline = clock.now() + busyTimeoutMs;
    while (true) {
      const isLast = clock.now() >= deadline;
      const answer = this.#guarded(() => {
        try {
          return work();
        } catch (error) {
          if (isBusy(error) && !isLast) return null;
          throw error;
        }
      });
      if (answer !== null) return answer.result;
      await clock.sleep(pauseMs());
    }
  }

  #locked<Result>(work: () => Result): { readonly result: Result } {
    const { clock } = this.#options;
    this.#begin();
    const from = clock.monotonic();
    try {
      return { result: this.#transact(work) };
    } finally {
      const to = clock.monotonic();
      const isContended = to - this.#lastBusy < CONTENDED_MS;
      this.#nextWrite = to + (isContended ? Math.max(YIELD_MS, to - from) : YIELD_MS);
    }
  }

  #begin(): void {
    try {
      this.#prepare("BEGIN IMMEDIATE").step();
    } catch (error) {
      this.#lastBusy = this.#options.clock.monotonic();
      throw error;
    }
  }

  #transact<Result>(work: () => Result): Result {
    const before = this.#totalChanges();
    let result: Result;
    let hasChanged = false;
    try {
      result = work();
      hasChanged = this.#totalChanges() !== before;
      if (hasChanged) this.#mark();
      this.#prepare("COMMIT").step();
    } catch (error) {
      // Some errors, such as a full disk, have rolled back already.
      if (this.#db.isTransaction) this.#prepare("ROLLBACK").step();
      throw error;
    }
    if (hasChanged) {
      this.#commits++;
      this.onCommit();
    }
    return result;
  }

  #mark(): void {
    const now = this.#options.clock.monotonic();
    if (this.#walSize > 0 && now - this.#lastMark < MARK_EVERY_MS) return;
    const before = Number(this.one("PRAGMA user_version")["user_version"]);
    this.#db.exec(`PRAGMA user_version = ${nextMark(before)}`);
    this.#lastMark = now;
  }

  #totalChanges(): unknown {
    return this.one("SELECT total_changes() AS changes")["changes"];
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = new Statement(this.#db.prepare(sql));
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Runs `work` on files that are still those opened, and throws errors of the contract. */
  #guarded<Result>(work: () => Result): Result {
    const { path } = this.#options;
    if (this.#closed) throw isClosed(path);
    this.#walSize = this.#files.walSize();
    try {
      return work();
    } catch (error) {
      throw translate(error, path);
    }
  }
}

/** A random pause, so that of several waiting processes none always comes just after another. */
function pauseOfMany(): number {
  return YIELD_MS + Math.random() * (RETRY_MS - YIELD_MS);
}
