/**
 * The part of the store's contract that those use who act on what has happened: alerts, chains.
 *
 * A consumer registers under a name, reads events after its position, acts, and commits the position of the last event that it
 * has dealt with. One that dies in between meets the same events again, so acting twice on one event must do no harm.
 *
 * @module
 */
import type { EventId, RunEvent } from "../domain/mod.ts";
import type { PrunePass } from "./scheduling_store.ts";

/** The outbox: what has happened, in one order for all. */
export interface EventStore {
  /**
   * Enters a consumer, or finds it. A new one begins after the events that are there. Answers its position. From then on, events
   * are kept until it has committed them.
   */
  register(consumer: string): Promise<EventId>;
  /**
   * Up to `limit` events after a position, in order. No event ever appears before one that was answered: where an event may
   * still appear, because a transaction that writes here has not ended, what comes after it is left to a later call.
   */
  read(range: EventRange): Promise<readonly RunEvent[]>;
  /**
   * Moves a consumer's position on. Saying the same again changes nothing and answers the same.
   * False: it is not at `from` (another process of the same consumer was first), or not registered.
   * @throws {RangeError} when `to` is before `from`.
   */
  commit(consumer: string, move: PositionMove): Promise<boolean>;
  /** Forgets a consumer: nothing is kept for it any more. */
  forget(consumer: string): Promise<void>;
  /**
   * Deletes events, oldest first: what all consumers have committed (where there is none: all), and what is older than `before`,
   * committed or not. Looks at no more than `limit`. Answers how many went; fewer than `limit` means that no more will go now.
   */
  prune(pass: PrunePass): Promise<number>;
}

/** A range of events. */
export interface EventRange {
  readonly after: EventId;
  readonly limit: number;
}

/** A move of a consumer's position. */
export interface PositionMove {
  readonly from: EventId;
  readonly to: EventId;
}

/** @throws {RangeError} when a position would move back. */
export function assertForward({ from, to }: PositionMove): void {
  if (to < from) throw new RangeError(`Cannot move a consumer from event ${from} back to event ${to}`);
}
