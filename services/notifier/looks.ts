/**
 * What rules find by the clock: each look reads live rows only, or a step of all jobs.
 *
 * @module
 */
import {
  ALERT_CONDITIONS,
  type AlertRule,
  describeDuration,
  type EpochMs,
  epochMs,
  GRAIN_MS,
  periodOf,
  quantileOf,
  sizeOf,
} from "@jobtrigger/shared/domain";
import { lostServices, mayServe, presenceOf } from "@jobtrigger/shared/policy";
import {
  type Look,
  type LookFinding,
  MOST_FINDINGS,
  MOST_IDS,
  type Store,
  SWEEP_STEP,
  type WatchedJob,
} from "@jobtrigger/shared/store";

/** Runs of the last days that a median is made of, and how many it takes at least. */
const MEDIAN_DAYS = 14;
const LEAST_RUNS = 5;
/** Most queue groups with tags that are looked at. */
const MOST_GROUPS = 200;

/** How often a database is asked for its size: a server looks at each of its files. */
const SIZE_EVERY_MS = 60_000;

/** What looks take. */
export interface LookContext {
  /** The store. */
  readonly store: Store;
  /** How many bytes are free on the disk of the database; null: the database is elsewhere. */
  readonly freeBytes: (() => Promise<number>) | null;
}

/** Looks by the clock. It remembers how far the steps through all jobs are, and how large the database was. */
export class Looks {
  readonly #context: LookContext;
  #bytes = 0;
  #sizedAt = epochMs(0);
  readonly #swept = new Map<AlertRule["id"], number>();

  /** Looks at what `context` has. */
  constructor(context: LookContext) {
    this.#context = context;
  }

  /** What all rules find now. */
  async take(rules: readonly AlertRule[], now: EpochMs): Promise<readonly Look[]> {
    const looks: Look[] = [];
    for (const rule of rules.filter(({ isEnabled }) => isEnabled)) {
      const look = await this.#look(rule, now);
      if (look !== null) looks.push(look);
    }
    return looks;
  }

  async #look(rule: AlertRule, now: EpochMs): Promise<Look | null> {
    const { kind, limit } = rule.condition;
    const before = epochMs(now - (ALERT_CONDITIONS[kind].unit === "seconds" ? limit * 1000 : 0));
    switch (kind) {
      case "failures":
      case "every_run":
      case "heartbeat":
        return null;
      case "runs_over":
        return await this.#watch(rule, { what: "running", before }, now, "A run has taken");
      case "not_started":
        return await this.#watch(rule, { what: "waiting", before }, now, "It was due and has not started for");
      case "runs_over_median":
        return await this.#overMedian(rule, now);
      case "no_worker":
        return await this.#withoutWorker(rule, before, now);
      case "no_success":
        return await this.#withoutSuccess(rule, before, now);
      case "scheduler_silent":
        return ofSystem(rule, await this.#schedulerSilentSince(before), now);
      case "worker_silent":
        return ofSystem(rule, await this.#workerSilentSince(before, now), now);
      case "outbox_behind":
        return ofSystem(rule, await this.#outboxBehind(before, now), now);
      case "disk_low":
        return ofSystem(rule, await this.#diskLow(limit), now);
      case "database_over":
        return ofSystem(rule, await this.#databaseOver(limit, now), now);
    }
  }

  async #watch(
    rule: AlertRule,
    query: { readonly what: "running" | "waiting"; readonly before: EpochMs },
    now: EpochMs,
    words: string,
  ): Promise<Look> {
    const found = await this.#context.store.alerts.watch({ ...query, scope: rule.scope, limit: MOST_FINDINGS });
    const findings = found.map((job) => findingOf(job, `${words} ${since(job.since, now)}.`));
    return { rule, findings, isWhole: found.length < MOST_FINDINGS };
  }

  async #overMedian(rule: AlertRule, now: EpochMs): Promise<Look> {
    const { alerts, statistics } = this.#context.store;
    const found = await alerts.watch({ what: "running", before: now, scope: rule.scope, limit: MOST_IDS });
    const until = periodOf(epochMs(now + GRAIN_MS.day), "day");
    const from = epochMs(until - MEDIAN_DAYS * GRAIN_MS.day);
    const jobIds = found.map(({ jobId }) => jobId);
    const tallies = jobIds.length === 0 ? [] : await statistics.ofJobs({ grain: "day", from, until, jobIds });
    const medians = new Map(
      tallies.filter(({ durations }) => sizeOf(durations) >= LEAST_RUNS)
        .map(({ jobId, durations }) => [jobId, quantileOf(durations, 0.5)]),
    );
    const findings = found.flatMap((job) => {
      const median = medians.get(job.jobId) ?? null;
      if (median === null || now - job.since <= median * rule.condition.limit / 100) return [];
      const usual = describeDuration(Math.max(1, Math.round(median / 1000)));
      return [findingOf(job, `A run has taken ${since(job.since, now)}; half of its runs take less than ${usual}.`)];
    });
    return { rule, findings, isWhole: found.length < MOST_IDS };
  }

  async #withoutWorker(rule: AlertRule, before: EpochMs, now: EpochMs): Promise<Look> {
    const { store } = this.#context;
    const query = { what: "waiting", before, scope: rule.scope, limit: MOST_FINDINGS } as const;
    const waiting = await store.alerts.watch(query);
    const workers = waiting.length === 0 ? [] : await store.workers.list();
    const online = workers.filter((worker) => presenceOf(worker, now) === "online" && worker.status !== "DRAINING");
    const say = (job: WatchedJob) =>
      findingOf(job, `It has waited ${since(job.since, now)}, and no online worker may run it.`);
    if (online.length === 0 || waiting.length === 0) {
      return { rule, findings: waiting.map(say), isWhole: waiting.length < MOST_FINDINGS };
    }
    const groups = await store.runs.taggedGroups(MOST_GROUPS);
    const unserved = groups.filter((group) => !online.some(({ tags }) => mayServe(group, new Set(tags))));
    if (unserved.length === 0) return { rule, findings: [], isWhole: true };
    const { items } = await store.runs.queue({ now, when: "now", groups: unserved, visible: "all", limit: MOST_IDS });
    const stuck = new Set(items.map(({ jobId }) => jobId));
    return {
      rule,
      findings: waiting.filter(({ jobId }) => stuck.has(jobId)).map(say),
      isWhole: waiting.length < MOST_FINDINGS && items.length < MOST_IDS,
    };
  }

  /** A rule of one job or a label is looked at whole where its jobs are few; one for all jobs a step at a time. */
  async #withoutSuccess(rule: AlertRule, before: EpochMs, now: EpochMs): Promise<Look> {
    const after = this.#swept.get(rule.id) ?? 0;
    const query = { what: "no_success", before, after, scope: rule.scope, limit: SWEEP_STEP } as const;
    const found = await this.#context.store.alerts.watch(query);
    const last = await this.#context.store.alerts.lastJob();
    this.#swept.set(rule.id, after + SWEEP_STEP >= last ? 0 : after + SWEEP_STEP);
    const findings = found.map((job) => findingOf(job, `No run has succeeded for ${since(job.since, now)}.`));
    return { rule, findings, isWhole: after === 0 && last <= SWEEP_STEP };
  }

  async #schedulerSilentSince(before: EpochMs): Promise<string | null> {
    const schedulers = (await this.#context.store.services.list()).filter(({ kind }) => kind === "scheduler");
    if (schedulers.some(({ lastPassAt }) => lastPassAt > before)) return null;
    return schedulers.length === 0
      ? "No scheduler is running."
      : "No scheduler gives a sign of life, so no job starts.";
  }

  async #workerSilentSince(before: EpochMs, now: EpochMs): Promise<string | null> {
    const workers = await this.#context.store.workers.list();
    const lost = lostServices({ services: [], workers, now }).workers.filter(({ lastHeartbeat }) =>
      lastHeartbeat < before
    );
    const isAlive = workers.some((worker) => presenceOf(worker, now) !== "offline" && worker.lastHeartbeat >= before);
    if (!isAlive) return "No worker is online, so no script runs.";
    const hosts = [...new Set(lost.map(({ hostname }) => hostname))].toSorted().slice(0, 5);
    return hosts.length === 0 ? null : `Workers give no sign of life: ${hosts.join(", ")}.`;
  }

  async #outboxBehind(before: EpochMs, now: EpochMs): Promise<string | null> {
    const { uncountedSince } = await this.#context.store.statistics.progress();
    if (uncountedSince === null || uncountedSince >= before) return null;
    return `The oldest event that nobody has counted is ${since(uncountedSince, now)} old.`;
  }

  async #diskLow(megabytes: number): Promise<string | null> {
    const { freeBytes } = this.#context;
    if (freeBytes === null) return null;
    const free = megabytesOf(await freeBytes());
    return free >= megabytes ? null : `${free} MB are free on the disk of the database.`;
  }

  async #databaseOver(megabytes: number, now: EpochMs): Promise<string | null> {
    if (now - this.#sizedAt >= SIZE_EVERY_MS) {
      this.#bytes = (await this.#context.store.diagnostics.facts()).bytes;
      this.#sizedAt = now;
    }
    const size = megabytesOf(this.#bytes);
    return size <= megabytes ? null : `The database takes ${size} MB.`;
  }
}

function megabytesOf(bytes: number): number {
  return Math.floor(bytes / 1_000_000);
}

function ofSystem(rule: AlertRule, message: string | null, now: EpochMs): Look {
  const finding = { jobId: null, jobName: null, isBroken: true, message: message ?? "", at: now, isEvent: false };
  return { rule, findings: message === null ? [] : [finding], isWhole: true };
}

function findingOf({ jobId, jobName, since }: WatchedJob, message: string): LookFinding {
  return { jobId, jobName, isBroken: true, message, at: since, isEvent: false };
}

function since(at: EpochMs, now: EpochMs): string {
  return describeDuration(Math.max(0, Math.round((now - at) / 1000)));
}
