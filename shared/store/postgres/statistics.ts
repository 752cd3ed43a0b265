/**
 * The count of statistics in PostgreSQL.
 *
 * Who counts locks the consumer's row first, by moving its position or for the first count alone. So one transaction at a time adds to
 * the rows, and reads them before.
 *
 * When the consumer begins, the table of runs is locked for a moment: all ends that are under way have committed then, and all later
 * ones make events that are kept. If the lock is not free within a second, a later call begins.
 *
 * @module
 */
import { type CountProgress, StoreUnavailable } from "../../domain/mod.ts";
import { toPosition } from "../event_rows.ts";
import type { LoadLists } from "../lists.ts";
import { type Row, toInstant, toNumber } from "../rows.ts";
import { StatisticsReader } from "../statistics_reader.ts";
import { added, type KeyedTally, tallied, TALLY_COLUMNS, valuesOf } from "../statistics_rows.ts";
import { STATISTICS, type StatisticsStore, type TallyPass } from "../statistics_store.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { sqlState } from "./errors.ts";
import { END_OUTLIVED, settledUntil } from "./events.ts";
import { instant, text } from "./values.ts";

/** SQLSTATE of a lock that was not free in time. */
const LOCK_NOT_AVAILABLE = "55P03";

const POSITION = statement(`SELECT position FROM event_consumers WHERE name = '${STATISTICS}'`);
const BEFORE = statement("SELECT before AS n FROM statistics_fill");

// The outbox keeps events from here on. Whatever an earlier count left goes.
const ENTER = statement(`
  WITH entered AS (
    INSERT INTO event_consumers (name, position) VALUES ('${STATISTICS}', 0) ON CONFLICT DO NOTHING RETURNING 1
  ), counted AS (DELETE FROM run_statistics WHERE EXISTS (SELECT 1 FROM entered)
  ), open AS (DELETE FROM statistics_open WHERE EXISTS (SELECT 1 FROM entered))
  DELETE FROM statistics_fill WHERE EXISTS (SELECT 1 FROM entered)`);

// Nobody writes runs meanwhile, and no other scheduler begins: SHARE alone would let two of them in.
const LOCK = "SET LOCAL lock_timeout = 1000; LOCK TABLE job_dispatch IN SHARE ROW EXCLUSIVE MODE";

// Indexes: job_dispatch_waiting and job_dispatch_running, all of both.
const OPEN = statement(`
  INSERT INTO statistics_open (dispatch_id)
  SELECT id FROM job_dispatch WHERE status = 'PENDING' UNION ALL SELECT id FROM job_dispatch WHERE status = 'IN_PROGRESS'`);

// Waits for who deletes events and began before the consumer entered.
const OPEN_BY_EVENT = statement(`
  INSERT INTO statistics_open (dispatch_id)
  SELECT dispatch_id FROM (SELECT dispatch_id FROM run_events WHERE dispatch_id IS NOT NULL FOR SHARE) e
  ON CONFLICT DO NOTHING`);

const BEGIN_FILL = statement(`
  INSERT INTO statistics_fill (id, before) SELECT 1, coalesce(max(dispatch_id) + 1, 0) FROM job_execution_logs
  ON CONFLICT DO NOTHING`);

// The facts of an attempt, beside its execution `l`. Indexes: the primary keys.
const FACTS = `
  d.started_at, d.available_at, l.duration_ms, coalesce(w.hostname, d.worker_id) AS host`;

const EVENTS = statement(`
  SELECT e.id, e.at, e.job_id, e.execution, e.count AS skipped, ${FACTS}
  FROM run_events e LEFT JOIN job_dispatch d ON d.id = e.dispatch_id LEFT JOIN job_execution_logs l ON l.dispatch_id = e.dispatch_id
    LEFT JOIN worker_registration w ON w.worker_id = d.worker_id
  WHERE e.id > $1 AND e.id <= $2 ORDER BY e.id`);

// Those in statistics_open are read as well, so that each batch moves on.
const ENDED = statement(`
  SELECT l.dispatch_id AS id, l.run_time AS at, l.job_id, l.status AS execution, NULL::bigint AS skipped, ${FACTS},
    EXISTS (SELECT 1 FROM statistics_open o WHERE o.dispatch_id = l.dispatch_id) AS is_open
  FROM (SELECT * FROM job_execution_logs WHERE dispatch_id < $1 ORDER BY dispatch_id DESC LIMIT $2) l
    JOIN job_dispatch d ON d.id = l.dispatch_id LEFT JOIN worker_registration w ON w.worker_id = d.worker_id
  ORDER BY l.dispatch_id DESC`);

const MOVE = statement(`
  UPDATE event_consumers SET position = $2 WHERE name = '${STATISTICS}' AND position = $1 RETURNING 1`);

const LOCK_CONSUMER = statement(`SELECT 1 FROM event_consumers WHERE name = '${STATISTICS}' FOR UPDATE`);
const MOVE_FILL = statement("UPDATE statistics_fill SET before = $2 WHERE before = $1 RETURNING 1");
const CLOSE_FILL = statement("DELETE FROM statistics_open");

const KEYS = "$1::text[], $2::bigint[], $3::text[], $4::float8[]";
const PRESENT = statement(`
  SELECT s.* FROM unnest(${KEYS}) AS k (grain, job_id, host, at) JOIN run_statistics s
    ON s.grain = k.grain AND s.job_id = k.job_id AND s.host = k.host AND s.at = to_timestamp(k.at / 1000)`);

const NUMBER_ARRAYS = TALLY_COLUMNS.slice(4, -2).map((_, index) => `$${index + 5}::bigint[]`).join(", ");
const WRITE = statement(`
  INSERT INTO run_statistics (${TALLY_COLUMNS.join(", ")})
  SELECT grain, job_id, host, to_timestamp(at / 1000), ${
  TALLY_COLUMNS.slice(4, -2).join(", ")
}, durations::jsonb, delays::jsonb
  FROM unnest(${KEYS}, ${NUMBER_ARRAYS}, $12::text[], $13::text[]) AS v (${TALLY_COLUMNS.join(", ")})
  ON CONFLICT (grain, job_id, host, at) DO UPDATE SET
    ${TALLY_COLUMNS.slice(4).map((column) => `${column} = excluded.${column}`).join(", ")}`);

// Index: run_statistics_by_time.
const PRUNE = statement(`
  WITH gone AS (
    DELETE FROM run_statistics WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM run_statistics WHERE grain = $1 AND at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED))
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone`);

const UNCOUNTED = statement(`
  SELECT (SELECT at FROM run_events
    WHERE id > coalesce((SELECT position FROM event_consumers WHERE name = '${STATISTICS}'), 0) ORDER BY id LIMIT 1) AS at`);

/** Statistics in PostgreSQL. */
export class PostgresStatistics extends StatisticsReader implements StatisticsStore {
  readonly #db: Connection;

  constructor(db: Connection, lists: LoadLists) {
    super(lists, ({ sql, parameters }) => db.all(sql, parameters));
    this.#db = db;
  }

  async rollUp({ limit }: { readonly limit: number }): Promise<number> {
    if (!await this.#hasBegun()) return 0;
    return await this.#countEvents(limit) + await this.#countEnded(limit);
  }

  async pruneTallies({ grain, before, limit }: TallyPass): Promise<number> {
    const [row = {}] = await this.#db.all(PRUNE, [grain, instant(before), limit]);
    return toNumber(row);
  }

  async progress(): Promise<CountProgress> {
    const [position] = await this.#db.all(POSITION);
    const [fill] = await this.#db.all(BEFORE);
    const [uncounted = {}] = await this.#db.all(UNCOUNTED);
    const hasBegun = position !== undefined && fill !== undefined;
    return { hasBegun, isFilled: hasBegun && toNumber(fill) === 0, uncountedSince: toInstant(uncounted) };
  }

  /** Begins, where nobody has. False: not yet. */
  async #hasBegun(): Promise<boolean> {
    if ((await this.#db.all(POSITION)).length === 0) await this.#db.all(ENTER);
    if ((await this.#db.all(BEFORE)).length > 0) return true;
    try {
      await this.#db.transaction(async (tx) => {
        await tx.all(LOCK);
        if ((await tx.all(BEFORE)).length > 0) return;
        await tx.all(OPEN);
        await tx.all(OPEN_BY_EVENT);
        await tx.all(BEGIN_FILL);
      });
      return true;
    } catch (error) {
      if (error instanceof StoreUnavailable && sqlState(error.cause) === LOCK_NOT_AVAILABLE) return false;
      throw error;
    }
  }

  async #countEvents(limit: number): Promise<number> {
    const [consumer] = await this.#db.all(POSITION);
    const from = toPosition(consumer);
    const to = await settledUntil(this.#db, { after: from, limit });
    if (to === null) return 0;
    const rows = await this.#db.all(EVENTS, [from, to]);
    const isOurs = await this.#db.transaction(async (tx) => {
      if ((await tx.all(MOVE, [from, to])).length === 0) return false;
      await add(tx, rows);
      await tx.all(END_OUTLIVED, [[...new Set(rows.map((row) => toNumber({ n: row["job_id"] })))]]);
      return true;
    });
    return isOurs ? rows.length : 0;
  }

  async #countEnded(limit: number): Promise<number> {
    const [fill] = await this.#db.all(BEFORE);
    const from = fill === undefined ? 0 : toNumber(fill);
    if (from === 0) return 0;
    const rows = await this.#db.all(ENDED, [from, limit]);
    const last = rows.at(-1);
    const to = last === undefined ? 0 : toNumber({ n: last["id"] });
    const isOurs = await this.#db.transaction(async (tx) => {
      await tx.all(LOCK_CONSUMER);
      if ((await tx.all(MOVE_FILL, [from, to])).length === 0) return false;
      if (to === 0) await tx.all(CLOSE_FILL);
      await add(tx, rows.filter((row) => row["is_open"] === false));
      return true;
    });
    return isOurs ? rows.length : 0;
  }
}

/** Adds what happened to the rows, in the transaction that has locked the consumer. */
async function add(tx: Session, facts: readonly Row[]): Promise<void> {
  const tallies = tallied(facts);
  if (tallies.length === 0) return;
  const present = await tx.all(PRESENT, keysOf(tallies));
  const rows = added(tallies, present).map(valuesOf);
  const columns = TALLY_COLUMNS.map((_, index) => rows.map((row) => cell(row[index])));
  await tx.all(WRITE, columns);
}

function keysOf(tallies: readonly KeyedTally[]): readonly (readonly (string | number)[])[] {
  return [
    tallies.map(({ grain }) => grain),
    tallies.map(({ jobId }) => jobId),
    tallies.map(({ host }) => text(host)),
    tallies.map(({ at }) => at),
  ];
}

function cell(value: string | number | undefined): string | number | null {
  return typeof value === "string" ? text(value) : value ?? null;
}
