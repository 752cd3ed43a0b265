/**
 * The scheduler: turns due jobs into dispatches, takes runs back from workers that have died, and deletes old history.
 *
 * It keeps no state in memory: each pass reads due jobs from the database and commits its decisions. So it may be
 * killed at any instant, and any number of schedulers may run at once.
 *
 * When the database's clock jumps, the scheduler corrects the rows that were written while the clock was ahead and
 * prunes nothing for an hour. After a jump forward, leases seem to have expired; it rescues nothing for the length of
 * a lease, so that workers can renew theirs.
 *
 * @module
 */
import { type EpochMs, epochMs } from "@jobtrigger/shared/domain";
import { earliest, runLoop } from "../loop.ts";
import type { SchedulerContext } from "./context.ts";
import { dispatchAllDue } from "./dispatching.ts";
import { heal } from "./healing.ts";
import { PRUNE_EVERY_MS, Pruning } from "./pruning.ts";
import { rescueAllLost } from "./rescuing.ts";
import { afterRest } from "./rest.ts";

/** How often to look for rows that a clock wrote while it was ahead. */
const HEAL_EVERY_MS = 3_600_000;
/** How often to look after the start and each jump, and for how long: other services measure the clock again within minutes. */
const HEAL_SOON_MS = 30_000;
const UNSETTLED_MS = 300_000;
/** When to look again at due jobs that another scheduler has locked; that scheduler may hang. */
const HELD_AGAIN_MS = 100;
/** Most events that one transaction counts, and most runs of the first count: some milliseconds of the database's time. */
const COUNT_BATCH = 100;
/** How often to count what has happened; after a rest while more is there. */
const COUNT_EVERY_MS = 5_000;

/** Runs a scheduler until `signal` aborts, then finishes the current pass. */
export async function runScheduler(context: SchedulerContext, signal: AbortSignal): Promise<void> {
  const { config, databaseClock, presence, store: { scheduling, statistics } } = context;
  const pruning = new Pruning(context);
  let jump = databaseClock.lastJump;
  let nextHeal = epochMs(0);
  let unsettledUntil: EpochMs | null = null;
  let nextPrune: EpochMs | null = null;
  let nextRescue = epochMs(0);
  let nextCount = epochMs(0);
  let isCounted = false;

  await runLoop(context, {
    signal,
    step: async (now) => {
      nextPrune ??= await pruning.firstAt(now);
      unsettledUntil ??= epochMs(now + UNSETTLED_MS);
      if (jump !== databaseClock.lastJump) {
        jump = databaseClock.lastJump;
        nextHeal = now;
        unsettledUntil = epochMs(now + UNSETTLED_MS);
        nextPrune = epochMs(now + PRUNE_EVERY_MS);
        nextRescue = epochMs(now + (jump !== null && jump.databaseMs > 0 ? config.workerOfflineMs : 0));
      }
      if (now >= nextHeal) {
        await heal(context, now);
        nextHeal = epochMs(now + (now < unsettledUntil ? HEAL_SOON_MS : HEAL_EVERY_MS));
      }
      await dispatchAllDue(context, now, signal);
      if (now >= nextRescue) {
        await rescueAllLost(context, now, signal);
        await scheduling.markOffline(epochMs(now - config.workerOfflineMs));
        // Checked between batches of due jobs too, but no more often than this: it reads all running rows.
        const found = await scheduling.nextRescueAt(config.timeoutThresholdMs);
        nextRescue = earliest(epochMs(now + config.schedulerPollMs), found);
      }
      // Due jobs come between two batches, however much there is to count.
      if (now >= nextCount) {
        const began = databaseClock.estimate();
        isCounted = await statistics.rollUp({ limit: COUNT_BATCH }) < COUNT_BATCH;
        nextCount = isCounted ? epochMs(now + COUNT_EVERY_MS) : afterRest(databaseClock, began);
      }
      // What is deleted has been counted.
      if (now >= nextPrune && isCounted) nextPrune = await pruning.batch(now);
      const due = await scheduling.nextDueAt();
      const nextLook = due !== null && due <= now ? epochMs(now + HELD_AGAIN_MS) : due;
      const nextReport = await presence.report(now);
      const at = earliest(
        epochMs(now + config.schedulerPollMs),
        nextPrune,
        nextRescue,
        nextCount,
        nextLook,
        nextReport,
      );
      return { at, topics: ["schedule"] };
    },
  });
  await presence.retire();
}
