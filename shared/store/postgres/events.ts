/**
 * The outbox in PostgreSQL.
 *
 * Transactions commit in another order than they take ids, so the newest rows that can be seen may have a gap that is filled
 * later. A reader must not pass it. Every writer takes the table's ROW EXCLUSIVE lock before its first id and holds it until it
 * has committed, so: see how far rows go, then wait until the transactions that hold the lock now have ended, then read that far
 * once more. Other long transactions, and those of other databases on the server, hold nobody up.
 *
 * @module
 */
import { type EventId, eventId, type RunEvent } from "../../domain/mod.ts";
import { toPosition, toRunEvent } from "../event_rows.ts";
import { assertForward, type EventRange, type EventStore, type PositionMove } from "../event_store.ts";
import { toNumber } from "../rows.ts";
import type { PrunePass } from "../scheduling_store.ts";
import { type Connection, type Statement, statement } from "./connection.ts";
import { instant, text } from "./values.ts";

/** How often one call looks whether transactions that write events have ended, before it leaves their events to the next. */
const MOST_LOOKS = 10;

/** Whether the occurrence of a row of `ended` is tried again: `retried` is the part with the retries. */
export const IS_RETRIED = "root_id IN (SELECT root_id FROM retried)";

/** The event of each end: a part that needs `ended`, and expressions of its columns. */
export function insertEnds({ execution = "status", isRetried = "false" }: {
  readonly execution?: string;
  readonly isRetried?: string;
} = {}): string {
  return `
    INSERT INTO run_events (at, job_id, dispatch_id, root_id, scheduled_for, execution, is_retried)
    SELECT completed_at, job_id, id, root_id, scheduled_for, ${execution}, ${isRetried} FROM ended`;
}

/**
 * Which jobs fail since these ends: parts `begun` and `recovered` that need `ended`, and expressions of its columns.
 *
 * A job fails while its newest attempt that failed has no newer one that succeeded, by their ids, in whatever order they end. Two
 * ends of one job that are written at once do not see each other, so the failing may outlive a newer success until both events are
 * counted: {@linkcode END_OUTLIVED}. It never ends with an older success: the row is judged as its last writer left it. Rows are
 * written in the order of their jobs before any is removed, and removing waits for nobody, so batches that share jobs do not
 * deadlock. Index: job_execution_logs_by_job.
 */
export function noteFailures({ execution = "status", isRetried = "false" }: {
  readonly execution?: string;
  readonly isRetried?: string;
} = {}): string {
  return `begun AS (
      INSERT INTO failing_jobs AS f (job_id, since, dispatch_id)
      SELECT job_id, min(completed_at), max(id) FROM ended
      WHERE ${execution} IN ('FAILURE', 'ERROR', 'TIMEOUT') AND NOT ${isRetried}
        AND NOT EXISTS (
          SELECT 1 FROM ended s WHERE s.job_id = ended.job_id AND s.id > ended.id AND s.${execution} = 'SUCCESS')
        AND NOT EXISTS (
          SELECT 1 FROM job_execution_logs s
          WHERE s.job_id = ended.job_id AND s.dispatch_id > ended.id AND s.status = 'SUCCESS')
      GROUP BY job_id ORDER BY job_id
      ON CONFLICT (job_id) DO UPDATE SET dispatch_id = greatest(f.dispatch_id, excluded.dispatch_id)
      RETURNING 1
    ), recovered AS (${endFailures(`WHERE ${execution} = 'SUCCESS' AND (SELECT count(*) FROM begun) >= 0`)})`;
}

/** Removes the jobs of successful ends from the failing ones: a part that needs `ended`. */
export function endFailures(which = ""): string {
  return `
    DELETE FROM failing_jobs WHERE job_id = ANY(ARRAY(
      SELECT f.job_id FROM (SELECT job_id, max(id) AS id FROM ended ${which} GROUP BY job_id) s
        JOIN failing_jobs f ON f.job_id = s.job_id AND f.dispatch_id < s.id
      FOR UPDATE OF f SKIP LOCKED))`;
}

/**
 * Removes those of the jobs $1 that a newer success has ended. Done where events are counted: whoever reads the event of a failure
 * has waited for all ends that were written beside it. Index: job_execution_logs_by_job.
 */
export const END_OUTLIVED: Statement = statement(`
  DELETE FROM failing_jobs WHERE job_id = ANY(ARRAY(
    SELECT f.job_id FROM failing_jobs f
    WHERE f.job_id = ANY($1::bigint[]) AND f.dispatch_id < (
      SELECT max(s.dispatch_id) FROM job_execution_logs s
      WHERE s.job_id = f.job_id AND s.dispatch_id > f.dispatch_id AND s.status = 'SUCCESS')
    FOR UPDATE OF f SKIP LOCKED))`);

// Index: the primary key, as in all that follow.
const NEWEST = statement(`
  SELECT coalesce(max(id), 0) AS n FROM (SELECT id FROM run_events WHERE id > $1 ORDER BY id LIMIT $2) next`);

const WRITERS = statement(`
  SELECT DISTINCT virtualtransaction AS writer FROM pg_locks
  WHERE locktype = 'relation' AND relation = 'run_events'::regclass AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);

const READ = statement("SELECT * FROM run_events WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3");

const REGISTER = statement(`
  INSERT INTO event_consumers (name, position) SELECT $1, coalesce(max(id), 0) FROM run_events
  ON CONFLICT (name) DO UPDATE SET name = excluded.name
  RETURNING position`);

const COMMIT = statement(
  "UPDATE event_consumers SET position = $3 WHERE name = $1 AND position IN ($2, $3) RETURNING 1",
);

const FORGET = statement("DELETE FROM event_consumers WHERE name = $1");

// Events that another scheduler is deleting are passed over.
const PRUNE = statement(`
  WITH oldest AS (
    SELECT id, at FROM run_events ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM run_events WHERE id = ANY(ARRAY(
      SELECT id FROM oldest
      WHERE at < $1 OR NOT EXISTS (SELECT 1 FROM event_consumers WHERE position < oldest.id)))
    RETURNING 1
  )
  SELECT count(*) AS n FROM gone`);

/** The outbox in PostgreSQL. */
export class PostgresEvents implements EventStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async register(consumer: string): Promise<EventId> {
    const [row] = await this.#db.all(REGISTER, [text(consumer)]);
    return toPosition(row);
  }

  async read({ after, limit }: EventRange): Promise<readonly RunEvent[]> {
    const until = await settledUntil(this.#db, { after, limit });
    return until === null ? [] : (await this.#db.all(READ, [after, until, limit])).map(toRunEvent);
  }

  async commit(consumer: string, move: PositionMove): Promise<boolean> {
    assertForward(move);
    return (await this.#db.all(COMMIT, [text(consumer), move.from, move.to])).length === 1;
  }

  async forget(consumer: string): Promise<void> {
    await this.#db.all(FORGET, [text(consumer)]);
  }

  async prune({ before, limit }: PrunePass): Promise<number> {
    const [row = {}] = await this.#db.all(PRUNE, [instant(before), limit]);
    return toNumber(row);
  }
}

/**
 * How far up to `limit` events after a position go, of which no earlier one can still appear. Null: there are none, or a transaction
 * that writes events takes long.
 */
export async function settledUntil(db: Connection, { after, limit }: EventRange): Promise<EventId | null> {
  const [newest = {}] = await db.all(NEWEST, [after, limit]);
  const until = toNumber(newest);
  return until === 0 || !await haveWritersEnded(db) ? null : eventId(until);
}

/** Waits a moment for the transactions that write events now. False: one of them takes longer. */
async function haveWritersEnded(db: Connection): Promise<boolean> {
  let writing = await writersOf(db);
  for (let looks = 1; looks < MOST_LOOKS && writing.size > 0; looks++) {
    writing = writing.intersection(await writersOf(db));
  }
  return writing.size === 0;
}

async function writersOf(db: Connection): Promise<ReadonlySet<unknown>> {
  return new Set((await db.all(WRITERS)).map((row) => row["writer"]));
}
