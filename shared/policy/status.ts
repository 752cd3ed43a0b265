/**
 * Whether the whole system is well, judged from what its services last wrote and from a few numbers.
 *
 * @module
 */
import {
  type EpochMs,
  epochMs,
  isSilent,
  MOST_COUNTED,
  type RunTotals,
  type Service,
  SERVICE_SILENT_MS,
  type ServiceKind,
  type Worker,
} from "../domain/mod.ts";

/** A worker that last wrote this long ago is stale: several heartbeats are missing. In milliseconds. */
export const STALE_MS = 90_000;

/** The oldest run may wait this long before the queue counts as slow, in milliseconds. */
export const SLOW_QUEUE_MS = 300_000;

/**
 * Whether a worker is at work: `silent` when two reports are missing, `stale` when it has been silent for long, `offline` when it
 * ended or a scheduler gave it up.
 */
export type WorkerPresence = "online" | "silent" | "stale" | "offline";

/** Whether a worker is at work. */
export function presenceOf(
  { status, lastHeartbeat }: Pick<Worker, "status" | "lastHeartbeat">,
  now: EpochMs,
): WorkerPresence {
  if (status === "OFFLINE") return "offline";
  const silentMs = now - lastHeartbeat;
  return silentMs >= STALE_MS ? "stale" : silentMs >= SERVICE_SILENT_MS ? "silent" : "online";
}

/** Whether a worker is offline without having said goodbye. */
export function hasDied({ status, endedAt }: Pick<Worker, "status" | "endedAt">): boolean {
  return status === "OFFLINE" && endedAt === null;
}

/** What can be wrong with the system. */
export const TROUBLE_CODES = [
  "no_scheduler",
  "scheduler_silent",
  "no_worker",
  "worker_stale",
  "worker_lost",
  "notifier_silent",
  "jobs_failing",
  "runs_stuck",
  "jobs_late",
  "queue_slow",
] as const;
/** How bad that is: `critical` when jobs do not run because of it. */
export const TROUBLE_LEVELS = ["warning", "critical"] as const;

/** A fault of the system. */
export interface Trouble {
  /** Its kind, for programs. */
  readonly code: typeof TROUBLE_CODES[number];
  /** `critical`: jobs do not run because of it. */
  readonly level: typeof TROUBLE_LEVELS[number];
  /** A sentence. Instants stand beside it: `since`. */
  readonly message: string;
  /** Since when; null: nobody knows. */
  readonly since: EpochMs | null;
}

/** Waiting runs that no online worker may run, because of their tags. */
export interface StuckRuns {
  /** How many. */
  readonly runs: number;
  /** Since when the oldest of them has waited; null: there is none. */
  readonly since: EpochMs | null;
  /** The tags that no online worker has; empty: each is there, but no worker has all that a run needs. */
  readonly missing: readonly string[];
}

/** Nothing is stuck. */
export const NO_STUCK_RUNS: StuckRuns = { runs: 0, since: null, missing: [] };

/** The answer to "is everything all right?", in one word and one colour. */
export interface Sign {
  /** `bad`: something fails or is dead. `late`: something is late or waits for what is not there. */
  readonly tone: "ok" | "late" | "bad";
  /** How many jobs, runs and services need attention. */
  readonly count: number;
  /** The same for people: `All is well`, `1 late`, `5 need attention`. */
  readonly text: string;
}

/** What a service counts. */
export interface ServiceCount {
  /** How many report in time. */
  readonly up: number;
  /** How many stopped reporting without having ended in order, and no later one of their host took their place. */
  readonly silent: number;
  /** The newest report of any of them; null: there is none. */
  readonly lastPassAt: EpochMs | null;
}

/** Whether the system is well. */
export interface SystemStatus {
  /** `critical`: jobs do not run. `warning`: somebody should look. */
  readonly level: "ok" | typeof TROUBLE_LEVELS[number];
  /** What the sign of every page says. */
  readonly sign: Sign;
  /** All troubles. */
  readonly troubles: readonly Trouble[];
  /** The services of each kind. */
  readonly services: Readonly<Record<ServiceKind, ServiceCount>>;
  /** The workers by presence, and their slots. */
  readonly workers: Readonly<Record<WorkerPresence, number>> & {
    /** How many scripts the online ones run at once. */
    readonly slots: number;
    /** How many of these slots are taken. */
    readonly busy: number;
  };
  /** The numbers of runs and jobs. */
  readonly totals: RunTotals;
  /** Waiting runs that no online worker may run. */
  readonly stuck: StuckRuns;
}

/** What the system is judged from. */
export interface SystemFacts {
  /** Schedulers, portals and notifiers. */
  readonly services: readonly Service[];
  /** All workers. */
  readonly workers: readonly Worker[];
  /** The numbers of runs and jobs. */
  readonly totals: RunTotals;
  /** Default: none. */
  readonly stuck?: StuckRuns;
  /** The time of the judgement. */
  readonly now: EpochMs;
}

/** Services and workers that have died and stand for it: no later one of their host took their place. */
export function lostServices(
  { services, workers, now }: Pick<SystemFacts, "services" | "workers" | "now">,
): { readonly schedulers: readonly Service[]; readonly workers: readonly Worker[] } {
  const schedulers = services.filter(({ kind }) => kind === "scheduler");
  const alive = schedulers.filter((service) => !isSilent(service, now));
  const atWork = workers.filter((worker) => presenceOf(worker, now) === "online");
  return {
    schedulers: schedulers.filter((service) =>
      isSilent(service, now) && !isReplaced(service.hostname, service.lastPassAt, alive)
    ),
    workers: workers.filter((worker) => {
      const presence = presenceOf(worker, now);
      return presence !== "online" && (presence !== "offline" || hasDied(worker)) &&
        !isReplaced(worker.hostname, worker.lastHeartbeat, atWork);
    }),
  };
}

function isReplaced(
  host: string,
  lastSeenAt: EpochMs,
  others: readonly { readonly hostname: string; readonly startedAt: EpochMs }[],
): boolean {
  return others.some(({ hostname, startedAt }) => hostname === host && startedAt >= lastSeenAt);
}

/** Judges the system at `now`. */
export function judgeSystem({ services, workers, totals, stuck = NO_STUCK_RUNS, now }: SystemFacts): SystemStatus {
  const lost = lostServices({ services, workers, now });
  const counted = {
    scheduler: { ...countOf(services, "scheduler", now), silent: lost.schedulers.length },
    web: countOf(services, "web", now),
    notifier: countOf(services, "notifier", now),
  };
  const having = (presence: WorkerPresence) => workers.filter((worker) => presenceOf(worker, now) === presence);
  const online = having("online");
  const troubles = [
    ...schedulerTroubles(counted.scheduler),
    ...workerTroubles(online, lost.workers),
    ...notifierTroubles(counted.notifier),
    ...jobTroubles(totals),
    ...queueTroubles(totals, stuck, now),
  ];
  const bad = totals.failing + Math.max(counted.scheduler.up === 0 ? 1 : 0, lost.schedulers.length) +
    Math.max(online.length === 0 ? 1 : 0, lost.workers.length) + notifierTroubles(counted.notifier).length;
  return {
    level: troubles.some(({ level }) => level === "critical") ? "critical" : troubles.length > 0 ? "warning" : "ok",
    sign: signOf({ bad, late: totals.late, others: stuck.runs }),
    troubles,
    services: counted,
    workers: {
      online: online.length,
      silent: having("silent").length,
      stale: having("stale").length,
      offline: having("offline").length,
      slots: online.reduce((sum, { concurrency }) => sum + concurrency, 0),
      busy: online.reduce((sum, { currentDispatchIds }) => sum + currentDispatchIds.length, 0),
    },
    totals,
    stuck,
  };
}

function signOf({ bad, late, others }: { readonly bad: number; readonly late: number; readonly others: number }): Sign {
  const count = bad + late + others;
  if (count === 0) return { tone: "ok", count, text: "All is well" };
  const text = count === late ? `${count} late` : count === 1 ? "1 needs attention" : `${count} need attention`;
  return { tone: bad > 0 ? "bad" : "late", count, text };
}

function countOf(services: readonly Service[], kind: ServiceKind, now: EpochMs): ServiceCount {
  const some = services.filter((service) => service.kind === kind);
  const silent = some.filter((service) => isSilent(service, now)).length;
  const passes = some.map(({ lastPassAt }) => lastPassAt);
  return { up: some.length - silent, silent, lastPassAt: passes.length === 0 ? null : epochMs(Math.max(...passes)) };
}

function schedulerTroubles({ up, silent, lastPassAt }: ServiceCount): readonly Trouble[] {
  if (up === 0) {
    const message = "No scheduler is running, so no job starts by its schedule.";
    return [{ code: "no_scheduler", level: "critical", message, since: lastPassAt }];
  }
  if (silent === 0) return [];
  const message = `${
    silent === 1 ? "A scheduler has" : `${silent} schedulers have`
  } stopped without having ended in order.`;
  return [{ code: "scheduler_silent", level: "warning", message, since: null }];
}

function workerTroubles(online: readonly Worker[], lost: readonly Worker[]): readonly Trouble[] {
  const since = lost.length === 0 ? null : epochMs(Math.max(...lost.map(({ lastHeartbeat }) => lastHeartbeat)));
  if (online.length === 0) {
    return [{ code: "no_worker", level: "critical", message: "No worker is online, so no script runs.", since }];
  }
  const died = lost.filter(hasDied).length;
  const silent = lost.length - died;
  const troubles: Trouble[] = [];
  if (silent > 0) {
    const message = `${silent === 1 ? "A worker gives" : `${silent} workers give`} no sign of life.`;
    troubles.push({ code: "worker_stale", level: "warning", message, since });
  }
  if (died > 0) {
    const message = `${died === 1 ? "A worker has" : `${died} workers have`} stopped without having ended in order.`;
    troubles.push({ code: "worker_lost", level: "warning", message, since });
  }
  return troubles;
}

/** Whoever needs no alerts runs no notifier; one that died is missed for as long as its row is kept. */
function notifierTroubles({ up, silent, lastPassAt }: ServiceCount): readonly Trouble[] {
  if (up > 0 || silent === 0) return [];
  const message = "No notifier is alive, so no alert is sent.";
  return [{ code: "notifier_silent", level: "warning", message, since: lastPassAt }];
}

function jobTroubles({ failing, failingSince, late, lateSince }: RunTotals): readonly Trouble[] {
  const troubles: Trouble[] = [];
  if (failing > 0) {
    const message = `${countWords(failing, "job fails", "jobs fail")}: the last run did not succeed.`;
    troubles.push({ code: "jobs_failing", level: "warning", message, since: failingSince });
  }
  if (late > 0) {
    const message = `${countWords(late, "job is", "jobs are")} due, and no scheduler has picked ${
      late === 1 ? "it" : "them"
    } up.`;
    troubles.push({ code: "jobs_late", level: "critical", message, since: lateSince });
  }
  return troubles;
}

function queueTroubles(
  { waiting, waitingSince }: RunTotals,
  { runs, since, missing }: StuckRuns,
  now: EpochMs,
): readonly Trouble[] {
  const troubles: Trouble[] = [];
  if (runs > 0) {
    const tags = missing.length === 0
      ? "all the tags that they need"
      : `the ${missing.length === 1 ? "tag" : "tags"} ${missing.join(", ")}`;
    const message = `${countWords(runs, "run waits", "runs wait")}, and no online worker has ${tags}.`;
    troubles.push({ code: "runs_stuck", level: "warning", message, since });
  }
  if (waitingSince !== null && now - waitingSince >= SLOW_QUEUE_MS) {
    const message = `${countWords(waiting, "run waits", "runs wait")} for a worker.`;
    troubles.push({ code: "queue_slow", level: "warning", message, since: waitingSince });
  }
  return troubles;
}

function countWords(count: number, one: string, many: string): string {
  return `${count}${count >= MOST_COUNTED ? " or more" : ""} ${count === 1 ? one : many}`;
}
