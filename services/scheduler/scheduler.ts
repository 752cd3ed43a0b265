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
import { type EpochMs, epochMs, type Grain, type JobId, SERVICE_KEPT_MS } from "@jobtrigger/shared/domain";
import { decideDue, decideRetryOfLost } from "@jobtrigger/shared/policy";
import type { SchedulerConfig } from "@jobtrigger/shared/config";
import type { LostAttempt, Presence } from "@jobtrigger/shared/store";
import { earliest, type LoopContext, runLoop } from "../loop.ts";
import { traceDispatch } from "../tracing.ts";

/** Most jobs that one transaction dispatches. */
const DUE_BATCH = 500;
/** Most attempts that are rescued at once. */
const RESCUE_BATCH = 100;
/** Most occurrences that one transaction deletes: small, so that writers in a hurry wait only milliseconds. */
const PRUNE_BATCH = 200;
/** Most jobs that are looked at at once for more history than is kept of each. */
const SURPLUS_JOBS = 200;
/** Most events that one transaction deletes: they are small. */
const EVENT_BATCH = 1000;
/** How often to look for rows that a clock wrote while it was ahead. */
const HEAL_EVERY_MS = 3_600_000;
/** How often to look after the start and each jump, and for how long: other services measure the clock again within minutes. */
const HEAL_SOON_MS = 30_000;
const UNSETTLED_MS = 300_000;
/** When to look again at due jobs that another scheduler has locked; that scheduler may hang. */
const HELD_AGAIN_MS = 100;
/** How often to prune, and the pause after a jump: by a wrong clock, young rows may seem old. */
const PRUNE_EVERY_MS = 3_600_000;
/** Most events that one transaction counts, and most runs of the first count: some milliseconds of the database's time. */
const COUNT_BATCH = 250;
/** How often to count what has happened; again at once while more is there. */
const COUNT_EVERY_MS = 5_000;
/** How long the statistics of hours are kept. */
const HOURS_KEPT_DAYS = 8;
const DAY_MS = 86_400_000;
/** A service that was last heard of so long ago has been deleted, where schedulers work. */
const GONE_MS = SERVICE_KEPT_MS + 2 * PRUNE_EVERY_MS;

/** Runs a scheduler until `signal` aborts, then finishes the current pass. */
export async function runScheduler(
  context: LoopContext & { readonly config: SchedulerConfig; readonly presence: Presence },
  signal: AbortSignal,
): Promise<void> {
  const { config, log, databaseClock, presence } = context;
  const { scheduling, workers, services, events, statistics, sessions, tokens, guesses, audit, alerts } = context.store;
  let jump = databaseClock.lastJump;
  let nextHeal = epochMs(0);
  let unsettledUntil: EpochMs | null = null;
  let nextPrune: EpochMs | null = null;
  let surplusFrom: JobId | null = null;
  let nextRescue = epochMs(0);
  let nextCount = epochMs(0);

  await runLoop(context, {
    signal,
    step: async (now) => {
      nextPrune ??= await firstPruneAt(now);
      unsettledUntil ??= epochMs(now + UNSETTLED_MS);
      if (jump !== databaseClock.lastJump) {
        jump = databaseClock.lastJump;
        nextHeal = now;
        unsettledUntil = epochMs(now + UNSETTLED_MS);
        nextPrune = epochMs(now + PRUNE_EVERY_MS);
        nextRescue = epochMs(now + (jump !== null && jump.databaseMs > 0 ? config.workerOfflineMs : 0));
      }
      if (now >= nextHeal) {
        await heal(now);
        nextHeal = epochMs(now + (now < unsettledUntil ? HEAL_SOON_MS : HEAL_EVERY_MS));
      }
      await dispatchAllDue(now);
      if (now >= nextRescue) {
        await rescueAllLost(now);
        await scheduling.markOffline(epochMs(now - config.workerOfflineMs));
        // Checked between batches of due jobs too, but no more often than this: it reads all running rows.
        const found = await scheduling.nextRescueAt(config.timeoutThresholdMs);
        nextRescue = earliest(epochMs(now + config.schedulerPollMs), found);
      }
      // Due jobs come between two batches, however much there is to count.
      if (now >= nextCount) {
        const counted = await statistics.rollUp({ limit: COUNT_BATCH });
        nextCount = epochMs(now + (counted < COUNT_BATCH ? COUNT_EVERY_MS : 0));
      }
      // What is deleted has been counted.
      if (now >= nextPrune && nextCount > now) {
        const isDone = await pruneOnce(now);
        nextPrune = epochMs(now + (isDone ? PRUNE_EVERY_MS : 0));
      }
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

  /**
   * Prune at once, unless it may be another time than the clock says, or was until now: after a long outage, or because the clock is
   * wrong. Then some service has last been heard of long before or after now. The newest alone does not tell: it may have started by
   * the wrong clock too. Services of the past are deleted after a day, so nobody waits for their rows for ever.
   */
  async function firstPruneAt(now: EpochMs): Promise<EpochMs> {
    const beats = (await workers.list()).map(({ lastHeartbeat }) => lastHeartbeat);
    const passes = (await services.list()).map(({ lastPassAt }) => lastPassAt);
    const isOfThisTime = [...beats, ...passes].every((at) => Math.abs(now - at) <= GONE_MS) &&
      (beats.length === 0 || Math.abs(now - Math.max(...beats)) <= PRUNE_EVERY_MS);
    return epochMs(now + (isOfThisTime ? 0 : PRUNE_EVERY_MS));
  }

  async function heal(now: EpochMs): Promise<void> {
    const healed = await scheduling.heal({ now, leaseMs: config.workerOfflineMs });
    if (healed.jobs + healed.waiting + healed.running === 0) return;
    log.warn(
      "Put right what a clock that was ahead had written: the next runs of {jobs} jobs, {waiting} waiting runs, {running} running ones",
      { ...healed },
    );
  }

  async function dispatchAllDue(now: EpochMs): Promise<void> {
    for (let isDone = false; !isDone && !signal.aborted;) {
      const pass = await scheduling.dispatchDue({
        now,
        limit: DUE_BATCH,
        lockMs: config.dispatchLockMs,
        decide: (due) => decideDue({ ...due, now }),
      });
      isDone = pass.isDone;
      for (const { jobId, damage } of pass.damaged) {
        log.error("Job {job} is dispatched no more until somebody edits it: {reason}", { job: jobId, reason: damage });
      }
      // A pass after a long outage has many batches, and the scheduler is alive all the while.
      context.pulse?.turned();
      if (!isDone) await presence.report(databaseClock.estimate());
      for (const dispatched of pass.runs) {
        const { id: run, jobId: job, correlationId } = dispatched;
        traceDispatch(dispatched, now);
        log.debug("Dispatched run {run} of job {job}", { run, job, correlationId });
      }
    }
  }

  async function rescueAllLost(now: EpochMs): Promise<void> {
    const retryAt = (lost: LostAttempt) => decideRetryOfLost({ ...lost, endedAt: now }, config.maxRetries);
    for (let rescued = RESCUE_BATCH; rescued === RESCUE_BATCH && !signal.aborted;) {
      const lost = await scheduling.rescue({
        now,
        overdueMs: config.timeoutThresholdMs,
        limit: RESCUE_BATCH,
        retryAt,
      });
      for (const { dispatchId: run, jobId: job, workerId: worker, reason, correlationId } of lost) {
        log.warn("Took run {run} of job {job} from worker {worker}: {reason}", {
          run,
          job,
          worker,
          reason,
          correlationId,
        });
      }
      context.pulse?.turned();
      rescued = lost.length;
    }
  }

  /** Deletes a batch of what is more than is kept of each job. Answers whether all jobs have been looked at. */
  async function pruneSurplus(): Promise<boolean> {
    const keep = config.retentionRunsPerJob;
    if (keep === null) return true;
    const { deleted, next } = await scheduling.pruneSurplus({
      keep,
      from: surplusFrom,
      jobs: SURPLUS_JOBS,
      limit: PRUNE_BATCH,
    });
    if (deleted > 0) {
      log.info("Deleted {deleted} runs of jobs that have more than {keep}", { deleted, keep });
    }
    surplusFrom = next;
    return next === null;
  }

  async function pruneOnce(now: EpochMs): Promise<boolean> {
    const before = epochMs(now - config.retentionDays * DAY_MS);
    const pruned = await scheduling.prune({ before, limit: PRUNE_BATCH });
    if (pruned > 0) {
      log.info("Deleted {pruned} rows of history older than {days} days", { pruned, days: config.retentionDays });
    }
    const auditBefore = epochMs(now - config.auditRetentionDays * DAY_MS);
    const keptDays = {
      hour: Math.min(HOURS_KEPT_DAYS, config.statisticsRetentionDays),
      day: config.statisticsRetentionDays,
    };
    const pruneTallies = (grain: Grain) =>
      statistics.pruneTallies({ grain, before: epochMs(now - keptDays[grain] * DAY_MS), limit: EVENT_BATCH });
    const batches = [
      [pruned, PRUNE_BATCH],
      [await events.prune({ before, limit: EVENT_BATCH }), EVENT_BATCH],
      [await pruneTallies("hour"), EVENT_BATCH],
      [await pruneTallies("day"), EVENT_BATCH],
      [await alerts.prune({ before, limit: PRUNE_BATCH }), PRUNE_BATCH],
      [await sessions.prune({ now, limit: PRUNE_BATCH }), PRUNE_BATCH],
      [await tokens.prune({ before, limit: PRUNE_BATCH }), PRUNE_BATCH],
      [await services.prune({ now, limit: PRUNE_BATCH }), PRUNE_BATCH],
      [await workers.prune({ now, limit: PRUNE_BATCH }), PRUNE_BATCH],
      [await guesses.prune({ now, limit: PRUNE_BATCH }), PRUNE_BATCH],
      [await audit.prune({ before: auditBefore, limit: PRUNE_BATCH }), PRUNE_BATCH],
    ] as const;
    const isDone = await pruneSurplus();
    return isDone && batches.every(([deleted, limit]) => deleted < limit);
  }
}
