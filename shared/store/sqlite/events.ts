/**
 * The outbox in SQLite. One transaction writes at a time, so ids are in the order of commits.
 *
 * @module
 */
import type { DispatchId, EpochMs, EventId, ExecutionStatus, LedgerEntry, RunEvent } from "../../domain/mod.ts";
import { toPosition, toRunEvent } from "../event_rows.ts";
import { assertForward, type EventRange, type EventStore, type PositionMove } from "../event_store.ts";
import { toNumber } from "../rows.ts";
import type { PrunePass } from "../scheduling_store.ts";
import type { Connection } from "./connection.ts";

/** The ends that are failures. */
const FAILURES: ReadonlySet<ExecutionStatus> = new Set(["FAILURE", "ERROR", "TIMEOUT"]);

// Index: the primary key, as in all that follow.
const INSERT_ENDS = `
  INSERT INTO run_events (at, job_id, dispatch_id, root_id, scheduled_for, execution, is_retried)
  SELECT d.completed_at, d.job_id, d.id, d.root_id, d.scheduled_for, e.value ->> 1, e.value ->> 2
  FROM json_each(:ends) AS e CROSS JOIN job_dispatch d ON d.id = e.value ->> 0`;

// By their ids, in whatever order attempts end. Index: job_execution_logs_by_job.
const BEGIN_FAILING = `
  INSERT INTO failing_jobs (job_id, since, dispatch_id)
  SELECT d.job_id, d.completed_at, d.id FROM job_dispatch d
  WHERE d.id = :id AND NOT EXISTS (
    SELECT 1 FROM job_execution_logs s WHERE s.job_id = d.job_id AND s.dispatch_id > d.id AND s.status = 'SUCCESS')
  ON CONFLICT (job_id) DO UPDATE SET dispatch_id = max(dispatch_id, excluded.dispatch_id)`;

const END_FAILING = `
  DELETE FROM failing_jobs WHERE job_id IN (
    SELECT f.job_id FROM json_each(:ids) AS e CROSS JOIN job_dispatch d ON d.id = e.value
    CROSS JOIN failing_jobs f ON f.job_id = d.job_id AND f.dispatch_id < d.id)`;

const INSERT_NOT_RUN = `
  INSERT INTO run_events (at, job_id, reason, first_at, last_at, count)
  VALUES (:at, :jobId, :reason, :firstAt, :lastAt, :count)`;

const READ = "SELECT * FROM run_events WHERE id > :after ORDER BY id LIMIT :limit";

const REGISTER = `
  INSERT INTO event_consumers (name, position) SELECT :consumer, coalesce(max(id), 0) FROM run_events WHERE true
  ON CONFLICT (name) DO NOTHING`;

const POSITION = "SELECT position FROM event_consumers WHERE name = :consumer";

const COMMIT = "UPDATE event_consumers SET position = :to WHERE name = :consumer AND position IN (:from, :to)";

const FORGET = "DELETE FROM event_consumers WHERE name = :consumer";

const GONE = `
  SELECT id FROM (SELECT id, at FROM run_events ORDER BY id LIMIT :limit) oldest
  WHERE at < :before OR NOT EXISTS (SELECT 1 FROM event_consumers WHERE position < oldest.id)`;

const SOMETHING_GONE = `SELECT EXISTS (${GONE}) AS n`;
const PRUNE = `DELETE FROM run_events WHERE id IN (${GONE})`;

/** The facts of an end that its event holds and the row of its run does not. */
export interface Ended {
  readonly id: DispatchId;
  readonly execution: ExecutionStatus;
  readonly isRetried: boolean;
}

/**
 * Writes the events of attempts that have just ended, in their order, and which jobs fail since, in the caller's transaction. The
 * execution rows are written before.
 */
export function insertEnds(db: Connection, ends: readonly Ended[]): void {
  if (ends.length === 0) return;
  const rows = ends.map(({ id, execution, isRetried }) => [id, execution, isRetried ? 1 : 0]);
  db.run(INSERT_ENDS, { ends: JSON.stringify(rows) });
  for (const { id, execution, isRetried } of ends) {
    if (!isRetried && FAILURES.has(execution)) db.run(BEGIN_FAILING, { id });
  }
  const succeeded = ends.filter(({ execution }) => execution === "SUCCESS").map(({ id }) => id);
  if (succeeded.length > 0) db.run(END_FAILING, { ids: JSON.stringify(succeeded) });
}

/** Writes the event of occurrences that did not run, in the caller's transaction. */
export function insertNotRun(db: Connection, entry: LedgerEntry, at: EpochMs): void {
  const { jobId, reason, firstAt, lastAt, count } = entry;
  db.run(INSERT_NOT_RUN, { at, jobId, reason, firstAt, lastAt, count });
}

/** The outbox in SQLite. */
export class SqliteEvents implements EventStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  register(consumer: string): Promise<EventId> {
    return this.#db.write(() => {
      this.#db.run(REGISTER, { consumer });
      return toPosition(this.#db.one(POSITION, { consumer }));
    });
  }

  read({ after, limit }: EventRange): Promise<readonly RunEvent[]> {
    return this.#db.read(() => this.#db.all(READ, { after, limit }).map(toRunEvent));
  }

  async commit(consumer: string, move: PositionMove): Promise<boolean> {
    assertForward(move);
    const { from, to } = move;
    return await this.#db.write(() => this.#db.run(COMMIT, { consumer, from, to }) === 1);
  }

  async forget(consumer: string): Promise<void> {
    await this.#db.write(() => this.#db.run(FORGET, { consumer }));
  }

  async prune({ before, limit }: PrunePass): Promise<number> {
    if (await this.#db.read(() => toNumber(this.#db.one(SOMETHING_GONE, { before, limit })) === 0)) return 0;
    return await this.#db.write(() => this.#db.run(PRUNE, { before, limit }));
  }
}
