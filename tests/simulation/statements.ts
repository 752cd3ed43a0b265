/**
 * Orders the statements of many PostgreSQL connections by the seed, one at a time, so that calls interleave between any two of
 * them, with real locks and real snapshots.
 *
 * A statement is an event. It ends when the server has answered or the statement waits for a lock. The statements that it
 * releases, such as those that waited for its transaction's lock, belong to the same event. So nothing depends on speed.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { StoreUnavailable } from "../../shared/domain/mod.ts";
import { Connection, type Session, type Statement } from "../../shared/store/postgres/connection.ts";
import type { Value } from "../../shared/store/postgres/values.ts";
import type { Row } from "../../shared/store/rows.ts";
import { systemClock } from "../../shared/time/mod.ts";
import type { Timeline } from "./timeline.ts";
import type { Machine } from "./machine.ts";
import type { Watch } from "./referee.ts";

/** A call of the store that is carried out statement by statement. */
export interface Gate {
  readonly machine: Machine;
  readonly label: string;
  readonly watch: Watch;
  /** Answers the fault before each statement, which count from 1. */
  trouble(statement: number): "none" | "cut" | "crash" | "freeze";
  /** Called when statements of these calls have been executed. */
  look(watches: readonly Watch[]): Promise<void>;
  crash(): Promise<void>;
  freeze(): void;
}

/** The call that runs now. */
export const gates: AsyncLocalStorage<Gate> = new AsyncLocalStorage();

/** A statement that was sent. */
interface Flight {
  readonly gate: Gate;
  /** Whether its answer can mean that something was committed. */
  readonly mayCommit: boolean;
  readonly answered: Promise<void>;
  /** Passes the answer on; null: there is none yet. */
  pass: (() => void) | null;
}

/** A transaction that has begun. */
interface Open {
  readonly backend: number;
  readonly abort: () => void;
}

/**
 * Counts the sessions that wait for a lock until another session of the simulation continues. A session stops counting when it
 * gets the lock, even before it wakes. Locks that another database or the server holds do not count, because they are released
 * without an event. All databases of a server share the lock that commits with a NOTIFY take.
 */
export const BLOCKED = `
  WITH sessions AS (
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
  ), waiting AS (
    SELECT DISTINCT pid, pg_blocking_pids(pid) AS blockers FROM pg_locks JOIN sessions USING (pid) WHERE NOT granted
  )
  SELECT count(*) AS n FROM waiting
  WHERE blockers <> '{}' AND NOT EXISTS (SELECT FROM unnest(blockers) AS pid WHERE pid NOT IN (SELECT pid FROM sessions))`;

/** All statements on one database. */
export class Statements {
  readonly #timeline: Timeline;
  readonly #admin: Connection;
  readonly #patienceMs: number;
  #flights: Flight[] = [];
  #transactions = 0;
  #hasNews = true;

  /**
   * `patienceMs`: how long statements are given before the server is asked which of them wait for a lock. Nearly all are answered
   * by then, and asking costs several times as much as they do. No history depends on it.
   */
  constructor(timeline: Timeline, admin: Connection, patienceMs: number) {
    this.#timeline = timeline;
    this.#admin = admin;
    this.#patienceMs = patienceMs;
  }

  /** Transactions that have begun and not ended, on all connections. */
  count(change: 1 | -1): void {
    this.#transactions += change;
  }

  /** Whether anything may have been committed since the last call. */
  takeNews(): boolean {
    const hasNews = this.#hasNews;
    this.#hasNews = false;
    return hasNews;
  }

  /**
   * Calls `send` when the seed chooses it. `backend` is the session of its transaction; null: it is in none. `mayCommit`: false for
   * a statement that leaves its transaction open.
   */
  step<Answer>(
    send: () => Promise<Answer>,
    { backend, mayCommit }: { readonly backend: number | null; readonly mayCommit: boolean },
  ): Promise<Answer> {
    const gate = gates.getStore();
    if (gate !== undefined) return this.#turn(gate, counted(gate), { send, backend, mayCommit });
    return send().finally(() => this.#hasNews ||= mayCommit);
  }

  /** Ends a session from outside; resolves when it and its locks are gone. */
  async end(backend: number): Promise<void> {
    await this.#admin.all("SELECT pg_terminate_backend($1, 5000) AS gone", [backend]);
  }

  /** Ends the transaction of a session that is silent for `ms`. The answer is a function that prevents it. */
  endAfter(ms: number, { backend }: Open): () => void {
    const run = async () => {
      await this.end(backend);
      await this.#settle();
    };
    return this.#timeline.after(ms, { actor: null, what: `a silent transaction is ended`, run });
  }

  #turn<Answer>(
    gate: Gate,
    number: number,
    { send, backend, mayCommit }: {
      readonly send: () => Promise<Answer>;
      readonly backend: number | null;
      readonly mayCommit: boolean;
    },
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { machine } = gate;
      const what = `${gate.label}, statement ${number}`;
      const go = () => this.#fly({ gate, mayCommit }, send, { resolve, reject });
      const run = async () => {
        switch (gate.trouble(number)) {
          case "none":
            return await go();
          case "crash":
            await gate.crash();
            return await this.#settle();
          case "freeze":
            gate.freeze();
            return void this.#timeline.after(0, { actor: machine, what, run: go });
          case "cut":
            if (backend === null) return reject(new StoreUnavailable("Cannot use the database: simulated, cut off"));
            await this.end(backend);
            return await go();
        }
      };
      this.#timeline.after(0, { actor: machine, what, run });
    });
  }

  async #fly<Answer>(
    call: Pick<Flight, "gate" | "mayCommit">,
    send: () => Promise<Answer>,
    { resolve, reject }: { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void },
  ): Promise<void> {
    const flight: Flight = {
      ...call,
      pass: null,
      answered: send().then((answer) => {
        flight.pass = () => resolve(answer);
      }, (error) => {
        flight.pass = () => reject(error);
      }),
    };
    this.#flights.push(flight);
    await this.#settle();
  }

  /** Waits until each statement that was sent is answered or waits for a lock; passes the answers on, first sent first. */
  async #settle(): Promise<void> {
    if (this.#transactions === 0) await Promise.all(this.#flights.map(({ answered }) => answered));
    while (this.#pending > 0) {
      const pending = this.#pending;
      const waiting = this.#flights.filter(({ pass }) => pass === null);
      if (this.#patienceMs > 0) await oneOf(waiting.map(({ answered }) => answered), this.#patienceMs);
      if (this.#pending < pending) continue;
      const [row] = await this.#admin.all(BLOCKED);
      if (this.#pending === pending && Number(row?.["n"]) === pending) break;
    }
    const [answered, waiting] = [
      this.#flights.filter(({ pass }) => pass !== null),
      this.#flights.filter(({ pass }) => pass === null),
    ];
    this.#flights = waiting;
    this.#hasNews ||= answered.some(({ mayCommit }) => mayCommit);
    for (const { gate, pass } of answered) {
      const run = () => pass?.();
      this.#timeline.after(0, { actor: gate.machine, what: `${gate.label} goes on`, run });
    }
    await answered[0]?.gate.look(answered.map(({ gate }) => gate.watch));
  }

  get #pending(): number {
    return this.#flights.filter(({ pass }) => pass === null).length;
  }
}

/** Resolves when one of the statements is answered, or after `ms`. */
async function oneOf(answers: readonly Promise<void>[], ms: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([...answers, systemClock.sleep(ms, over.signal)]).finally(() => over.abort());
}

/** How a statement outside a transaction steps, and how the first of one does. */
const ALONE = { backend: null, mayCommit: true };
const BEGIN = { backend: null, mayCommit: false };

const numbers = new WeakMap<Gate, number>();

function counted(gate: Gate): number {
  const number = (numbers.get(gate) ?? 0) + 1;
  numbers.set(gate, number);
  return number;
}

/** A connection whose statements wait until the seed chooses them. */
export class SteppedConnection extends Connection {
  readonly #statements: Statements;
  readonly #open = new Set<Open>();

  constructor(url: string, statements: Statements) {
    super({ url, max: 4 });
    this.#statements = statements;
  }

  override all(sql: Statement | string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.#statements.step(() => super.all(sql, values), ALONE);
  }

  override arrays(sql: Statement, values: readonly Value[]): Promise<readonly (readonly unknown[])[]> {
    return this.#statements.step(() => super.arrays(sql, values), ALONE);
  }

  override arraysUnlessTaken(
    ...values: Parameters<Connection["arraysUnlessTaken"]>
  ): ReturnType<Connection["arraysUnlessTaken"]> {
    return this.#statements.step(() => super.arraysUnlessTaken(...values), ALONE);
  }

  override urgent(sql: Statement, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#statements.step(() => super.urgent(sql, values), ALONE);
  }

  override async transaction<Result>(
    work: (session: Session) => Promise<Result>,
    { idleMs = 30_000 }: { readonly idleMs?: number } = {},
  ): Promise<Result> {
    const begun = Promise.withResolvers<{ readonly session: Session; readonly open: Open }>();
    const done = Promise.withResolvers<() => Result>();
    const fail = (error: unknown) => () => {
      throw error;
    };
    let takeBack = () => {};
    const abort = () => {
      takeBack();
      done.resolve(fail(new StoreUnavailable("The machine has died")));
    };
    let ended: Promise<Result> | undefined;
    const begin = () => {
      ended = super.transaction(async (session) => {
        const [row] = await session.all("SELECT pg_backend_pid() AS backend");
        // Note the transaction before the answer arrives: the machine may die in between, and the transaction is rolled back all the same.
        const open: Open = { backend: Number(row?.["backend"]), abort };
        this.#open.add(open);
        this.#statements.count(1);
        begun.resolve({ session, open });
        return (await done.promise)();
      });
      ended.catch(begun.reject);
      return begun.promise;
    };
    const { session, open } = await this.#statements.step(begin, BEGIN);
    const { backend } = open;
    takeBack = this.#statements.endAfter(idleMs, open);
    const inTurn = <Answer>(send: () => Promise<Answer>): Promise<Answer> =>
      this.#statements.step(() => {
        takeBack();
        return send().finally(() => takeBack = this.#statements.endAfter(idleMs, open));
      }, { backend, mayCommit: false });
    const finish = async (how: () => Result): Promise<Result> => {
      takeBack();
      this.#open.delete(open);
      done.resolve(how);
      try {
        return await (ended ?? Promise.reject(new Error("It never began")));
      } catch (error) {
        // Its session ends by itself, but at an unknown moment.
        await this.#statements.end(backend);
        throw error;
      } finally {
        takeBack();
        this.#statements.count(-1);
      }
    };
    const result = await work({ all: (sql, values) => inTurn(() => session.all(sql, values)) }).catch((error) =>
      this.#statements.step(() => finish(fail(error)), { backend, mayCommit: true })
    );
    return await this.#statements.step(() => finish(() => result), { backend, mayCommit: true });
  }

  /** Rolls back the transaction, because the machine has died. */
  async abandon(): Promise<void> {
    for (const { backend, abort } of this.#open) {
      abort();
      await this.#statements.end(backend);
      this.#statements.count(-1);
    }
    this.#open.clear();
  }
}
