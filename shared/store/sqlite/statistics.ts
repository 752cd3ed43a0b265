/**
 * The count of statistics in SQLite. One transaction writes at a time, so ids of events are in the order of commits, and no attempt
 * ends while the consumer begins.
 *
 * @module
 */
import { type CountProgress, eventId } from "../../domain/mod.ts";
import { toPosition } from "../event_rows.ts";
import type { LoadLists } from "../lists.ts";
import { type Row, toInstant, toNumber } from "../rows.ts";
import { StatisticsReader } from "../statistics_reader.ts";
import { added, tallied, TALLY_COLUMNS, valuesOf } from "../statistics_rows.ts";
import { STATISTICS, type StatisticsStore, type TallyPass } from "../statistics_store.ts";
import type { Connection } from "./connection.ts";

const POSITION = `SELECT position FROM event_consumers WHERE name = '${STATISTICS}'`;
const BEFORE = "SELECT before AS n FROM statistics_fill";

// All that the consumer needs to begin, when the outbox does not know it.
const BEGIN = [
  "DELETE FROM run_statistics",
  "DELETE FROM statistics_open",
  "DELETE FROM statistics_fill",
  `INSERT INTO event_consumers (name, position) VALUES ('${STATISTICS}', 0) ON CONFLICT (name) DO UPDATE SET position = 0`,
  // Index: job_dispatch_unfinished, all of it.
  "INSERT INTO statistics_open (dispatch_id) SELECT id FROM job_dispatch WHERE completed_at IS NULL",
  `INSERT INTO statistics_open (dispatch_id) SELECT DISTINCT dispatch_id FROM run_events WHERE dispatch_id IS NOT NULL
    ON CONFLICT DO NOTHING`,
  `INSERT INTO statistics_fill (id, before)
    SELECT 1, CASE WHEN max(dispatch_id) IS NULL THEN 0 ELSE max(dispatch_id) + 1 END FROM job_execution_logs`,
];

// The facts of an attempt, beside its execution `l`. Indexes: the primary keys.
const FACTS = `
  d.started_at, d.available_at, l.duration_ms, coalesce(w.hostname, d.worker_id) AS host`;

const EVENTS = `
  SELECT e.id, e.at, e.job_id, e.execution, e.count AS skipped, ${FACTS}
  FROM run_events e LEFT JOIN job_dispatch d ON d.id = e.dispatch_id LEFT JOIN job_execution_logs l ON l.dispatch_id = e.dispatch_id
    LEFT JOIN worker_registration w ON w.worker_id = d.worker_id
  WHERE e.id > :after ORDER BY e.id LIMIT :limit`;

// Those in statistics_open are read as well, so that each batch moves on.
const ENDED = `
  SELECT l.dispatch_id AS id, l.run_time AS at, l.job_id, l.status AS execution, NULL AS skipped, ${FACTS},
    EXISTS (SELECT 1 FROM statistics_open o WHERE o.dispatch_id = l.dispatch_id) AS is_open
  FROM job_execution_logs l JOIN job_dispatch d ON d.id = l.dispatch_id
    LEFT JOIN worker_registration w ON w.worker_id = d.worker_id
  WHERE l.dispatch_id < :before ORDER BY l.dispatch_id DESC LIMIT :limit`;

const MOVE = `UPDATE event_consumers SET position = :to WHERE name = '${STATISTICS}' AND position = :from`;
const MOVE_FILL = "UPDATE statistics_fill SET before = :to WHERE before = :from";
const CLOSE_FILL = "DELETE FROM statistics_open";

const PRESENT = `
  SELECT s.* FROM json_each(:keys) k CROSS JOIN run_statistics s
    ON s.grain = k.value ->> 0 AND s.job_id = k.value ->> 1 AND s.host = k.value ->> 2 AND s.at = k.value ->> 3`;

const WRITE = `
  INSERT INTO run_statistics (${TALLY_COLUMNS.join(", ")})
  SELECT ${TALLY_COLUMNS.map((_, index) => `value ->> ${index}`).join(", ")} FROM json_each(:rows) WHERE true
  ON CONFLICT (grain, job_id, host, at) DO UPDATE SET
    ${TALLY_COLUMNS.slice(4).map((column) => `${column} = excluded.${column}`).join(", ")}`;

// Index: run_statistics_by_time.
const OLD = "SELECT grain, job_id, host, at FROM run_statistics WHERE grain = :grain AND at < :before LIMIT :limit";
const SOMETHING_OLD = `SELECT EXISTS (${OLD}) AS n`;
const PRUNE = `DELETE FROM run_statistics WHERE (grain, job_id, host, at) IN (${OLD})`;

const UNCOUNTED = `
  SELECT (SELECT at FROM run_events WHERE id > coalesce((${POSITION}), 0) ORDER BY id LIMIT 1) AS at`;

/** Statistics in SQLite. */
export class SqliteStatistics extends StatisticsReader implements StatisticsStore {
  readonly #db: Connection;

  constructor(db: Connection, lists: LoadLists) {
    super(lists, ({ sql, parameters }) => db.read(() => db.all(sql, parameters)));
    this.#db = db;
  }

  async rollUp({ limit }: { readonly limit: number }): Promise<number> {
    await this.#begin();
    return await this.#countEvents(limit) + await this.#countEnded(limit);
  }

  async pruneTallies(pass: TallyPass): Promise<number> {
    const { grain, before, limit } = pass;
    if (await this.#db.read(() => toNumber(this.#db.one(SOMETHING_OLD, { grain, before, limit })) === 0)) return 0;
    return await this.#db.write(() => this.#db.run(PRUNE, { grain, before, limit }));
  }

  progress(): Promise<CountProgress> {
    return this.#db.read(() => {
      const fill = this.#db.get(BEFORE);
      const hasBegun = this.#db.get(POSITION) !== undefined && fill !== undefined;
      return {
        hasBegun,
        isFilled: hasBegun && toNumber(fill) === 0,
        uncountedSince: toInstant(this.#db.one(UNCOUNTED)),
      };
    });
  }

  async #begin(): Promise<void> {
    const hasBegun = () => this.#db.get(POSITION) !== undefined && this.#db.get(BEFORE) !== undefined;
    if (await this.#db.read(hasBegun)) return;
    await this.#db.write(() => {
      if (!hasBegun()) { for (const sql of BEGIN) this.#db.run(sql); }
    });
  }

  async #countEvents(limit: number): Promise<number> {
    const { from, rows } = await this.#db.read(() => {
      const from = toPosition(this.#db.one(POSITION));
      return { from, rows: this.#db.all(EVENTS, { after: from, limit }) };
    });
    const last = rows.at(-1);
    if (last === undefined) return 0;
    const to = eventId(idOf(last));
    return await this.#db.write(() => this.#db.run(MOVE, { from, to }) === 1 && this.#add(rows)) ? rows.length : 0;
  }

  async #countEnded(limit: number): Promise<number> {
    const { from, rows } = await this.#db.read(() => {
      const from = toNumber(this.#db.one(BEFORE));
      return { from, rows: from === 0 ? [] : this.#db.all(ENDED, { before: from, limit }) };
    });
    if (from === 0) return 0;
    const last = rows.at(-1);
    const to = last === undefined ? 0 : idOf(last);
    return await this.#db.write(() => {
        if (this.#db.run(MOVE_FILL, { from, to }) !== 1) return false;
        if (to === 0) this.#db.run(CLOSE_FILL);
        return this.#add(rows.filter((row) => row["is_open"] === 0));
      })
      ? rows.length
      : 0;
  }

  /** Adds what happened to the rows, in the caller's transaction. */
  #add(facts: readonly Row[]): true {
    const tallies = tallied(facts);
    const keys = tallies.map(({ grain, jobId, host, at }) => [grain, jobId, host, at]);
    const present = this.#db.all(PRESENT, { keys: JSON.stringify(keys) });
    this.#db.run(WRITE, { rows: JSON.stringify(added(tallies, present).map(valuesOf)) });
    return true;
  }
}

function idOf(row: Row): number {
  return toNumber({ n: row["id"] });
}
