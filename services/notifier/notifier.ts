/**
 * The notifier: judges what happens by the alert rules, and carries what is to be said.
 *
 * It keeps nothing in memory that another could not find in the database, so it may be killed at any instant, and any number may run
 * at once. Judging and carrying are two loops: a receiver that does not answer holds no judgement up.
 *
 * @module
 */
import { type EpochMs, epochMs } from "@jobtrigger/shared/domain";
import type { Presence } from "@jobtrigger/shared/store";
import { earliest, Nudge, runLoop } from "../loop.ts";
import { type CarryContext, carryDeliveries } from "./carry.ts";
import { Looks } from "./looks.ts";

/** Most events that one transaction judges. */
const EVENT_BATCH = 250;
/** Most incidents that one transaction wakes. */
const WAKE_BATCH = 100;
/** How often rules look by the clock, and how often events are looked for. */
const LOOK_EVERY_MS = 5_000;

/** What a notifier works with. */
export interface NotifierContext extends CarryContext {
  /** How it shows that it is alive. */
  readonly presence: Presence;
  /** The file of a SQLite database; null: the database is elsewhere. */
  readonly databasePath: string | null;
}

/** Runs a notifier until `signal` aborts; ends what is under way. */
export async function runNotifier(context: NotifierContext, signal: AbortSignal): Promise<void> {
  const { presence, log } = context;
  const { alerts } = context.store;
  const looks = new Looks(context);
  const carrying = new Nudge();
  let nextLook = epochMs(0);
  const judging = runLoop(context, {
    signal,
    step: async (now) => {
      await takeAllEvents(now);
      if (now >= nextLook) {
        await alerts.settle(await looks.take(await alerts.rules(), now), now);
        nextLook = epochMs(now + LOOK_EVERY_MS);
      }
      while (!signal.aborted && await alerts.wake({ now, limit: WAKE_BATCH }) >= WAKE_BATCH);
      carrying.give();
      const nextReport = await presence.report(now);
      return { at: earliest(nextLook, nextReport), topics: ["queue"] };
    },
  });
  // The pulse is that of judging.
  const { pulse: _, ...carryingContext } = context;
  await Promise.all([judging, carryDeliveries(carryingContext, signal, carrying)]);
  await presence.retire();

  async function takeAllEvents(now: EpochMs): Promise<void> {
    for (let taken = 1; taken > 0 && !signal.aborted;) {
      taken = await alerts.takeEvents({ now, limit: EVENT_BATCH });
      if (taken > 0) log.debug("Judged {taken} events", { taken });
      carrying.give();
      await presence.report(context.databaseClock.estimate());
      context.pulse?.turned();
    }
  }
}
