import type { EpochMs } from "./brand.ts";

/** The processes that report themselves beside the workers. */
export const SERVICE_KINDS = ["scheduler", "web", "notifier"] as const;

/** One of {@linkcode SERVICE_KINDS}. */
export type ServiceKind = typeof SERVICE_KINDS[number];

/** How often a service writes that it is alive, in milliseconds. */
export const REPORT_EVERY_MS = 10_000;

/** Silent this long, a service counts as dead, in milliseconds: two reports are missing. */
export const SERVICE_SILENT_MS = 25_000;

/** A service that died stays in the list for this long, in milliseconds. */
export const SERVICE_KEPT_MS = 86_400_000;

/** How long a scheduler keeps what has happened, by its own environment. */
export interface Retention {
  /** Finished runs, their output, the ledger and events, in days. */
  readonly historyDays: number;
  /** Most finished runs of one job; null: age alone decides. */
  readonly runsPerJob: number | null;
  /** The audit list, in days. */
  readonly auditDays: number;
  /** The statistics of days, in days. */
  readonly statisticsDays: number;
}

/** What a service writes about itself. */
export interface ServiceIdentity {
  /** Its id, new at each start. */
  readonly serviceId: string;
  /** What it does. */
  readonly kind: ServiceKind;
  /** The machine it runs on. */
  readonly hostname: string;
  /** The operating system's id of its process. */
  readonly processId: number;
  /** The version of this program that it runs. */
  readonly version: string;
  /** What it keeps: of a scheduler alone, and not of one from before schedulers said so. */
  readonly retention?: Retention;
}

/** A service as stored in `service_registration`. A service that ended in order has no row. */
export interface Service extends ServiceIdentity {
  /** When it first reported. */
  readonly startedAt: EpochMs;
  /** When it last finished a pass and reported it. */
  readonly lastPassAt: EpochMs;
}

/**
 * Whether a service has not reported for {@linkcode SERVICE_SILENT_MS}. A report later than now is as silent as an old one: a clock
 * that was ahead wrote it, and a service that is alive has written another since.
 */
export function isSilent({ lastPassAt }: Pick<Service, "lastPassAt">, now: EpochMs): boolean {
  return Math.abs(now - lastPassAt) >= SERVICE_SILENT_MS;
}
