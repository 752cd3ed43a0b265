/**
 * The part of the store's contract for consumers of events, such as alerts and chains.
 *
 * A consumer registers under a name, reads events after its position, acts, and commits the position of the last event that it has
 * acted on. If it dies in between it reads the same events again, so acting twice on one event must do no harm.
 *
 * @module
 */
import type { EventId, RunEvent } from "../domain/mod.ts";
import type { PrunePass } from "./scheduling_store.ts";

/** The outbox: events in one order for all consumers. */
export interface EventStore {
  /**
   * Enters a consumer, or finds it. A new one begins after the events that are there. Answers its position. From then on, events
   * are kept until it has committed them.
   */
  register(consumer: string): Promise<EventId>;
  /**
   * Up to `limit` events after a position, in order. No event ever appears before one that was answered: while a transaction that
   * writes events has not ended, a later call answers the events after its own.
   */
  read(range: EventRange): Promise<readonly RunEvent[]>;
  /**
   * Moves a consumer's position on. Repeating a call changes nothing and answers the same.
   * False: the consumer is not at `from` (another process of it was first), or not registered.
   * @throws {RangeError} when `to` is before `from`.
   */
  commit(consumer: string, move: PositionMove): Promise<boolean>;
  /** Forgets a consumer. No event is kept for it any more. */
  forget(consumer: string): Promise<void>;
  /**
   * Deletes events, oldest first: those that all consumers have committed (without consumers: all), and those older than `before`,
   * committed or not. Looks at no more than `limit`. Answers how many it deleted; fewer than `limit` means that none is left to
   * delete now.
   */
  prune(pass: PrunePass): Promise<number>;
}

/** A range of events. */
export interface EventRange {
  /** The position after which the range begins. */
  readonly after: EventId;
  /** Most events of the range. */
  readonly limit: number;
}

/** A move of a consumer's position. */
export interface PositionMove {
  /** The position that the consumer has. */
  readonly from: EventId;
  /** The position that it moves to; not before `from`. */
  readonly to: EventId;
}

/** @throws {RangeError} when a position would move back. */
export function assertForward({ from, to }: PositionMove): void {
  if (to < from) throw new RangeError(`Cannot move a consumer from event ${from} back to event ${to}`);
}
