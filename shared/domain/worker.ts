import type { DispatchId, EpochMs, WorkerId } from "./brand.ts";

/** What a worker is doing. It writes this itself, but for `OFFLINE`, which schedulers write when it has been silent too long. */
export const WORKER_STATUSES = ["IDLE", "BUSY", "DRAINING", "OFFLINE"] as const;

/** One of {@linkcode WORKER_STATUSES}. */
export type WorkerStatus = typeof WORKER_STATUSES[number];

/** A worker that ended or died stays in the list for this long, in milliseconds. */
export const WORKER_KEPT_MS = 86_400_000;

/** What a worker writes about itself when it starts. */
export interface WorkerIdentity {
  /** Its id, new at each start. */
  readonly workerId: WorkerId;
  /** The machine it runs on. */
  readonly hostname: string;
  /** Operating system and processor, such as `linux x86_64`. */
  readonly platform: string;
  /** The operating system's id of its process. */
  readonly processId: number;
  /** The version of this program that it runs. */
  readonly version: string;
  /** Its tags (WORKER_TAGS): sorted, each once. */
  readonly tags: readonly string[];
  /** How many scripts it runs at once. */
  readonly concurrency: number;
}

/** A worker as stored in `worker_registration`. */
export interface Worker extends WorkerIdentity {
  /** What it is doing. */
  readonly status: WorkerStatus;
  /** When it started. */
  readonly startedAt: EpochMs;
  /** When it last wrote that it is alive. */
  readonly lastHeartbeat: EpochMs;
  /** Attempts it has finished, whatever their end. */
  readonly jobsProcessed: number;
  /** Attempts it holds now, oldest claim first. */
  readonly currentDispatchIds: readonly DispatchId[];
  /** When somebody asked it to drain, which it obeys at its next sign of life; null: nobody did, or it was resumed. */
  readonly drainRequestedAt: EpochMs | null;
  /** When it said that it ends; null: it lives, or it died. */
  readonly endedAt: EpochMs | null;
}
