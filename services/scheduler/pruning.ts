import { type EpochMs, epochMs, type Grain, type JobId, SERVICE_KEPT_MS } from "@jobtrigger/shared/domain";
import type { SchedulerContext } from "./context.ts";
import { afterRest } from "./rest.ts";

/** How often to prune, and the pause after a jump of the clock: by a wrong clock, young rows may seem old. */
export const PRUNE_EVERY_MS = 3_600_000;

/** Most occurrences that one transaction deletes: small, so that writers in a hurry wait only milliseconds. */
const PRUNE_BATCH = 50;
/** Most jobs that are looked at at once for more history than is kept of each. */
const SURPLUS_JOBS = 200;
/** Most events that one transaction deletes: they are small. */
const EVENT_BATCH = 1000;
/** How long the statistics of hours are kept. */
const HOURS_KEPT_DAYS = 8;
const DAY_MS = 86_400_000;
/** A service that was last heard of so long ago has been deleted, where schedulers work. */
const GONE_MS = SERVICE_KEPT_MS + 2 * PRUNE_EVERY_MS;

/** Deletes what is older, or more, than is kept: a batch of each kind of row at a time. */
export class Pruning {
  readonly #context: SchedulerContext;
  /** The job with which the search for more history than is kept goes on; null: from the first. */
  #surplusFrom: JobId | null = null;

  constructor(context: SchedulerContext) {
    this.#context = context;
  }

  /**
   * When to begin: at once, unless it may be another time than the clock says, or was until now: after a long outage, or because
   * the clock is wrong. Then some service was last heard of long before or after now. The newest alone does not tell, because it
   * may have started by the wrong clock too. Services of the past are deleted after a day, so nobody waits for their rows for ever.
   */
  async firstAt(now: EpochMs): Promise<EpochMs> {
    const { workers, services } = this.#context.store;
    const beats = (await workers.list()).map(({ lastHeartbeat }) => lastHeartbeat);
    const passes = (await services.list()).map(({ lastPassAt }) => lastPassAt);
    const isOfThisTime = [...beats, ...passes].every((at) => Math.abs(now - at) <= GONE_MS) &&
      (beats.length === 0 || Math.abs(now - Math.max(...beats)) <= PRUNE_EVERY_MS);
    return epochMs(now + (isOfThisTime ? 0 : PRUNE_EVERY_MS));
  }

  /** Deletes a batch of each kind of row that is kept no longer. Answers when to go on. */
  async batch(now: EpochMs): Promise<EpochMs> {
    const { store, config, log, databaseClock } = this.#context;
    const began = databaseClock.estimate();
    const { scheduling, workers, services, events, statistics, sessions, tokens, guesses, audit, alerts } = store;
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
    const isDone = await this.#pruneSurplus() && batches.every(([deleted, limit]) => deleted < limit);
    return isDone ? epochMs(now + PRUNE_EVERY_MS) : afterRest(databaseClock, began);
  }

  /** Deletes a batch of what is more than is kept of each job. Answers whether all jobs have been looked at. */
  async #pruneSurplus(): Promise<boolean> {
    const { store: { scheduling }, config, log } = this.#context;
    const keep = config.retentionRunsPerJob;
    if (keep === null) return true;
    const { deleted, next } = await scheduling.pruneSurplus({
      keep,
      from: this.#surplusFrom,
      jobs: SURPLUS_JOBS,
      limit: PRUNE_BATCH,
    });
    if (deleted > 0) {
      log.info("Deleted {deleted} runs of jobs that have more than {keep}", { deleted, keep });
    }
    this.#surplusFrom = next;
    return next === null;
  }
}
