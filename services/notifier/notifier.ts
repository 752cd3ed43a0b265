/**
 * The notifier: judges what happens by the alert rules, and carries what is to be said.
 *
 * It keeps nothing in memory that another could not find in the database, so it may be killed at any instant, and any number may run
 * at once. Judging and carrying are two loops: a receiver that does not answer holds no judgement up.
 *
 * @module
 */
import { type AlertRule, type EpochMs, epochMs } from "@jobtrigger/shared/domain";
import type { Presence } from "@jobtrigger/shared/store";
import { earliest, Nudge, runLoop } from "../loop.ts";
import { type CarryContext, carryDeliveries } from "./carry.ts";
import { type LookContext, Looks } from "./looks.ts";
import { Signals } from "./signals.ts";

/** Most events that one transaction judges. */
const EVENT_BATCH = 250;
/** Most incidents that one transaction wakes. */
const WAKE_BATCH = 100;
/** How often rules look by the clock, and how often events are looked for. */
const LOOK_EVERY_MS = 5_000;

/** What a notifier works with. */
export interface NotifierContext extends CarryContext, LookContext {
  /** How it shows that it is alive. */
  readonly presence: Presence;
}

/** Runs a notifier until `signal` aborts; ends what is under way. */
export async function runNotifier(context: NotifierContext, signal: AbortSignal): Promise<void> {
  const { presence, log } = context;
  const { alerts } = context.store;
  const looks = new Looks(context);
  const signals = new Signals(context.store);
  const carrying = new Nudge();
  let nextLook = epochMs(0);
  let rules: readonly AlertRule[] = [];
  const judging = runLoop(context, {
    signal,
    step: async (now) => {
      const isLook = now >= nextLook;
      if (isLook) rules = await alerts.rules();
      // Before the ends: a run that has ended since has no start to be said.
      await signals.starts(rules, now);
      await takeAllEvents(now);
      if (isLook) {
        await alerts.settle(await looks.take(rules, now), now);
        await signals.beats(rules, now);
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
