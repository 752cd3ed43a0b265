import type { EpochMs, GuessCounters } from "../../domain/mod.ts";
import { toGuessCounter } from "../account_rows.ts";
import type { GuessStore } from "../account_store.ts";
import { toNumber } from "../rows.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { instant } from "./values.ts";

// A row that is not there yet cannot be locked, so the names are: by their hashes, in one order, so that nobody waits for each other.
const LOCK = statement(`
  SELECT pg_advisory_xact_lock(hashtext('jobtrigger guesses'), hash)
  FROM (SELECT hashtext(name) AS hash FROM unnest($1::text[]) AS name ORDER BY 1) AS names`);

// Index: the primary key.
const READ = statement("SELECT * FROM guess_counters WHERE name = ANY($1::text[])");

const WRITE = statement(`
  INSERT INTO guess_counters (name, failures, failed_at, succeeded_at, keep_until)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, failed_at = excluded.failed_at,
    succeeded_at = excluded.succeeded_at, keep_until = excluded.keep_until`);

// Index: guess_counters_by_age. Rows that another transaction is writing are skipped: they are not old any more.
const PRUNE = statement(`
  WITH gone AS (
    DELETE FROM guess_counters WHERE name = ANY(ARRAY(
      SELECT name FROM guess_counters WHERE keep_until <= $1 ORDER BY keep_until LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone`);

/** Counters of failed sign-ins in PostgreSQL. */
export class PostgresGuesses implements GuessStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  read(names: readonly string[]): Promise<GuessCounters> {
    return read(this.#db, names);
  }

  change<Answer>(
    names: readonly string[],
    decide: (known: GuessCounters) => { readonly answer: Answer; readonly changed: GuessCounters },
  ): Promise<Answer> {
    return this.#db.transaction(async (tx) => {
      await tx.all(LOCK, [names]);
      const { answer, changed } = decide(await read(tx, names));
      for (const [name, { failures, failedAt, succeededAt, keepUntil }] of changed) {
        await tx.all(WRITE, [name, failures, instant(failedAt), instant(succeededAt), instant(keepUntil)]);
      }
      return answer;
    });
  }

  async prune({ now, limit }: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    const [row = {}] = await this.#db.all(PRUNE, [instant(now), limit]);
    return toNumber(row);
  }
}

async function read(db: Session, names: readonly string[]): Promise<GuessCounters> {
  return new Map((await db.all(READ, [names])).map(toGuessCounter));
}
