/**
 * A consumer of the outbox: reads events and commits its position. It may die at any moment; the next one of its name continues.
 *
 * @module
 */
import { type EventId, StoreUnavailable } from "../../shared/domain/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import type { Clock } from "../../shared/time/mod.ts";
import type { Random } from "../support/random.ts";
import type { Outbox } from "./outbox.ts";

/** Its registered name. */
export const CONSUMER = "consumer";

/** Reads until `signal` aborts. */
export async function runConsumer(
  { store, clock, random, outbox }: {
    readonly store: Store;
    readonly clock: Clock;
    readonly random: Random;
    readonly outbox: Outbox;
  },
  signal: AbortSignal,
): Promise<void> {
  let position: EventId | null = null;
  while (!signal.aborted) {
    try {
      position = await readOn(position ?? await store.events.register(CONSUMER));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      position = null;
    }
    await clock.sleep(random.int(0, 5_000), signal);
  }

  /** Answers the new position; null: another consumer of the name committed first. */
  async function readOn(from: EventId): Promise<EventId | null> {
    const events = await store.events.read({ after: from, limit: random.int(1, 10) });
    outbox.wasRead(from, events);
    const to = events.at(-1)?.id ?? from;
    return await store.events.commit(CONSUMER, { from, to }) ? to : null;
  }
}
