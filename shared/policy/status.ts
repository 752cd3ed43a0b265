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
  type ServiceKind,
  type Worker,
} from "../domain/mod.ts";

/** A worker that last wrote this long ago is stale: several heartbeats are missing. In milliseconds. */
export const STALE_MS = 90_000;

/** The oldest run may wait this long before the queue counts as slow, in milliseconds. */
export const SLOW_QUEUE_MS = 300_000;

/** Whether a worker is at work: `stale` when heartbeats are missing, `offline` when it ended or a scheduler gave it up. */
export type WorkerPresence = "online" | "stale" | "offline";

/** Whether a worker is at work. */
export function presenceOf(
  { status, lastHeartbeat }: Pick<Worker, "status" | "lastHeartbeat">,
  now: EpochMs,
): WorkerPresence {
  if (status === "OFFLINE") return "offline";
  return now - lastHeartbeat >= STALE_MS ? "stale" : "online";
}

/** What can be wrong with the system. */
export const TROUBLE_CODES = [
  "no_scheduler",
  "scheduler_silent",
  "no_worker",
  "worker_stale",
  "jobs_late",
  "queue_slow",
] as const;
/** How bad that is: `critical` when jobs do not run because of it. */
export const TROUBLE_LEVELS = ["warning", "critical"] as const;

/** What is wrong with the system. */
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

/** What a service counts. */
export interface ServiceCount {
  /** How many report in time. */
  readonly up: number;
  /** How many stopped reporting without having ended in order. */
  readonly silent: number;
  /** The newest report of any of them; null: there is none. */
  readonly lastPassAt: EpochMs | null;
}

/** Whether the system is well. */
export interface SystemStatus {
  /** `critical`: jobs do not run. `warning`: somebody should look. */
  readonly level: "ok" | typeof TROUBLE_LEVELS[number];
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
}

/** Judges the system at `now`. Silent services count as long as they stand in the list. */
export function judgeSystem(
  { services, workers, totals, now }: {
    readonly services: readonly Service[];
    readonly workers: readonly Worker[];
    readonly totals: RunTotals;
    readonly now: EpochMs;
  },
): SystemStatus {
  const counted = {
    scheduler: countOf(services, "scheduler", now),
    web: countOf(services, "web", now),
    notifier: countOf(services, "notifier", now),
  };
  const online = workers.filter((worker) => presenceOf(worker, now) === "online");
  const stale = workers.filter((worker) => presenceOf(worker, now) === "stale");
  const troubles = [
    ...schedulerTroubles(counted.scheduler),
    ...workerTroubles(online, stale),
    ...queueTroubles(totals, now),
  ];
  return {
    level: troubles.some(({ level }) => level === "critical") ? "critical" : troubles.length > 0 ? "warning" : "ok",
    troubles,
    services: counted,
    workers: {
      online: online.length,
      stale: stale.length,
      offline: workers.length - online.length - stale.length,
      slots: online.reduce((sum, { concurrency }) => sum + concurrency, 0),
      busy: online.reduce((sum, { currentDispatchIds }) => sum + currentDispatchIds.length, 0),
    },
    totals,
  };
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

function workerTroubles(online: readonly Worker[], stale: readonly Worker[]): readonly Trouble[] {
  const lastBeat = stale.length === 0 ? null : epochMs(Math.max(...stale.map(({ lastHeartbeat }) => lastHeartbeat)));
  if (online.length === 0) {
    return [{
      code: "no_worker",
      level: "critical",
      message: "No worker is online, so no script runs.",
      since: lastBeat,
    }];
  }
  if (stale.length === 0) return [];
  const message = `${stale.length === 1 ? "A worker sends" : `${stale.length} workers send`} no heartbeats.`;
  return [{ code: "worker_stale", level: "warning", message, since: lastBeat }];
}

function queueTroubles({ late, lateSince, waiting, waitingSince }: RunTotals, now: EpochMs): readonly Trouble[] {
  const troubles: Trouble[] = [];
  if (late > 0) {
    const message = `${countWords(late, "job is", "jobs are")} due, and no scheduler has picked ${
      late === 1 ? "it" : "them"
    } up.`;
    troubles.push({ code: "jobs_late", level: "critical", message, since: lateSince });
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
