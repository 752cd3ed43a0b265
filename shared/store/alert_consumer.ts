/**
 * The consumer of the outbox that alerts: its position, and its row, which whoever changes incidents holds.
 *
 * @module
 */
import { type EventId, eventId } from "../domain/mod.ts";
import { ALERTS } from "./alert_store.ts";
import { rowsOf, type Work } from "./alert_work.ts";
import { toNumber } from "./rows.ts";

// It begins after the events that are there.
const REGISTER = `
  INSERT INTO event_consumers (name, position) SELECT '${ALERTS}', coalesce(max(id), 0) FROM run_events WHERE {true} = {true}
  ON CONFLICT (name) DO NOTHING`;
const HOLD = `UPDATE event_consumers SET position = position WHERE name = '${ALERTS}'`;
const POSITION = `SELECT position AS n FROM event_consumers WHERE name = '${ALERTS}'`;

/** Registers the consumer, if it is not. */
export function* register(): Work<void> {
  yield* rowsOf(REGISTER);
}

/** Holds the consumer until the transaction ends, so that what is read of incidents stays true until it is written. */
export function* hold(): Work<void> {
  yield* register();
  yield* rowsOf(HOLD);
}

/** How far the consumer has read; null: it is not registered. */
export function* readPosition(): Work<EventId | null> {
  const [row] = yield* rowsOf(POSITION);
  return row === undefined ? null : eventId(toNumber(row));
}
