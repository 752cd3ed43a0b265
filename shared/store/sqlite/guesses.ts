import type { EpochMs, GuessCounters } from "../../domain/mod.ts";
import { toGuessCounter } from "../account_rows.ts";
import type { GuessStore } from "../account_store.ts";
import type { Connection } from "./connection.ts";

// Index: the primary key.
const READ = "SELECT * FROM guess_counters WHERE name IN (SELECT value FROM json_each(:names))";

const WRITE = `
  INSERT INTO guess_counters (name, failures, failed_at, succeeded_at, keep_until)
  VALUES (:name, :failures, :failedAt, :succeededAt, :keepUntil)
  ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, failed_at = excluded.failed_at,
    succeeded_at = excluded.succeeded_at, keep_until = excluded.keep_until`;

// Index: guess_counters_by_age.
const OLD = "SELECT name FROM guess_counters WHERE keep_until <= :now ORDER BY keep_until LIMIT :limit";
const PRUNE = `DELETE FROM guess_counters WHERE name IN (${OLD})`;

/** Counters of failed sign-ins in SQLite. */
export class SqliteGuesses implements GuessStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  read(names: readonly string[]): Promise<GuessCounters> {
    return this.#db.read(() => this.#read(names));
  }

  change<Answer>(
    names: readonly string[],
    decide: (known: GuessCounters) => { readonly answer: Answer; readonly changed: GuessCounters },
  ): Promise<Answer> {
    return this.#db.write(() => {
      const { answer, changed } = decide(this.#read(names));
      for (const [name, counter] of changed) this.#db.run(WRITE, { name, ...counter });
      return answer;
    });
  }

  async prune({ now, limit }: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    if (await this.#db.read(() => this.#db.get(OLD, { now, limit }) === undefined)) return 0;
    return await this.#db.write(() => this.#db.run(PRUNE, { now, limit }));
  }

  #read(names: readonly string[]): GuessCounters {
    return new Map(this.#db.all(READ, { names: JSON.stringify(names) }).map(toGuessCounter));
  }
}
