import type { Cancel } from "./cancel.ts";
import type { DispatchId, EpochMs, JobId, WorkerId } from "./brand.ts";
import type { ConcurrencyPolicy } from "./job.ts";
import type { RunWebhook } from "./webhook.ts";

/** What can cause a dispatch. */
export const TRIGGERS = ["schedule", "manual", "api", "webhook", "retry", "backfill", "chain"] as const;

/** One of {@linkcode TRIGGERS}. */
export type Trigger = typeof TRIGGERS[number];

/** The right of one worker to run one attempt. */
export interface Lease {
  /** The worker that has it. */
  readonly workerId: WorkerId;
  /** New at each claim and never used again. Every write of the worker about the attempt names it. */
  readonly epoch: number;
  /** It ends here unless a heartbeat renews it. */
  readonly until: EpochMs;
}

/** The four ends of an attempt. */
export const FINAL_STATUSES = ["COMPLETED", "FAILED", "TIMEOUT", "CANCELLED"] as const;

/** One of {@linkcode FINAL_STATUSES}. */
export type FinalStatus = typeof FINAL_STATUSES[number];

/** All states, in the order an attempt passes through them. See the diagram in `docs/architecture.md`. */
export const DISPATCH_STATUSES: readonly ["PENDING", "IN_PROGRESS", ...typeof FINAL_STATUSES] = [
  "PENDING",
  "IN_PROGRESS",
  ...FINAL_STATUSES,
];

/** One of {@linkcode DISPATCH_STATUSES}. */
export type DispatchStatus = typeof DISPATCH_STATUSES[number];

/** What an attempt carries in each state; a lease exists only while it is running. */
export type DispatchState =
  | {
    readonly status: "PENDING";
    /** Not claimed before this instant: the due time of a first attempt, the end of the delay of a retry. */
    readonly availableAt: EpochMs;
  }
  | {
    readonly status: "IN_PROGRESS";
    readonly lease: Lease;
    readonly claimedAt: EpochMs;
    /** When the script was started; null until it is. */
    readonly startedAt: EpochMs | null;
    /** When somebody asked for it to be cancelled; null if nobody did. */
    readonly cancelRequestedAt: EpochMs | null;
    /** Why it is to be cancelled; null when nobody asked for it. */
    readonly cancel: Cancel | null;
  }
  | {
    readonly status: FinalStatus;
    /** The worker that ran it last; null when no worker ever claimed it. */
    readonly workerId: WorkerId | null;
    readonly claimedAt: EpochMs | null;
    readonly startedAt: EpochMs | null;
    readonly completedAt: EpochMs;
    /** The script's exit code; null when it did not exit by itself or never ran. */
    readonly exitCode: number | null;
    /** The signal that ended the script, such as `SIGKILL`; null when none did. */
    readonly signal: string | null;
    /** In a sentence why it did not succeed; null when it did. */
    readonly errorMessage: string | null;
    /** Why it was cancelled, or should have been when it ended otherwise; null when nobody asked for it. */
    readonly cancel: Cancel | null;
  };

/** Whether an occurrence runs on time, or late by which misfire policy. */
export const DECISION_TIMINGS = ["on_time", "run_latest", "run_all"] as const;

/** The overlap policies by which an occurrence can run although earlier runs have not ended. */
export const DECISION_OVERLAPS = ["queue_one", "queue_all", "cancel_running", "allow"] as const;

/** By which policies an occurrence became a dispatch. */
export interface Decision {
  /** Whether it was on time, else the misfire policy by which it runs late. */
  readonly timing: typeof DECISION_TIMINGS[number];
  /** Null: no earlier run was unfinished. */
  readonly overlap: typeof DECISION_OVERLAPS[number] | null;
}

/** A request to run the occurrences of a past range. */
export interface Backfill {
  /** Its runs have this id, and no others. */
  readonly id: string;
  /** How many of its runs may run at once. */
  readonly atOnce: number;
}

/** What a waiting run needs besides a worker with a free slot. Runs with the same needs wait in one queue group. */
export interface QueueGroup {
  /** Tags that the worker must have: sorted, each once. */
  readonly tags: readonly string[];
  /** The concurrency key of which it needs a slot; null: none. */
  readonly concurrency: ConcurrencyPolicy | null;
  /** The order in which it starts; null: it waits for no other run, and no other run waits for it. */
  readonly serial: SerialOrder | null;
}

/** Runs that start in the order in which they were dispatched; a retry keeps the position of its first attempt. */
export interface SerialOrder {
  /** Names the runs that wait for one another, such as `job/7`. */
  readonly group: string;
  /** How many of them may run at once; null: this run was forced and does not wait, but others may wait for it. */
  readonly width: number | null;
}

/** One attempt of one occurrence of a job: a row of `job_dispatch`. People know it as a run. */
export interface Dispatch {
  /** Its id. */
  readonly id: DispatchId;
  /** The job that it runs. */
  readonly jobId: JobId;
  /** The job's name as it is now, even when it has been deleted since. */
  readonly jobName: string;
  /** The nominal time: what the schedule said, however late it starts. For a manual run, when it was asked for. */
  readonly scheduledFor: EpochMs;
  /** What caused it. */
  readonly trigger: Trigger;
  /** 0 for the first attempt. */
  readonly retryCount: number;
  /** Id of the first attempt of this occurrence; its own id when it is the first. */
  readonly rootId: DispatchId;
  /** Arguments given for this run in place of the job's; null: the job's. */
  readonly args: readonly string[] | null;
  /** The job's revision when this attempt was claimed; while it waits, when it was dispatched. */
  readonly jobRevision: number;
  /** Shared by all attempts of one occurrence; also in the script's environment. */
  readonly correlationId: string;
  /** When the row was written. */
  readonly createdAt: EpochMs;
  /** Waiting runs with a higher priority are claimed first. */
  readonly priority: number;
  /** What it needs, or needed, to be claimed. */
  readonly needs: QueueGroup;
  /** The policies by which an occurrence of the schedule became this run; null: another trigger, or a retry. */
  readonly decision: Decision | null;
  /** The request it belongs to; null: none. */
  readonly backfill: Backfill | null;
  /** The webhook that started it; null: none did. */
  readonly webhook: RunWebhook | null;
  /** How far it has come. */
  readonly state: DispatchState;
}

/** How a finished attempt is judged, finer than its state: `ERROR` is a script that could not be run at all. */
export const EXECUTION_STATUSES = ["SUCCESS", "FAILURE", "ERROR", "TIMEOUT", "CANCELLED"] as const;

/** One of {@linkcode EXECUTION_STATUSES}. */
export type ExecutionStatus = typeof EXECUTION_STATUSES[number];

/** The facts of one finished attempt: a row of `job_execution_logs`. */
export interface Execution {
  /** The attempt. */
  readonly dispatchId: DispatchId;
  /** The job that it ran. */
  readonly jobId: JobId;
  /** When the attempt ended. */
  readonly runTime: EpochMs;
  /** How it is judged. */
  readonly status: ExecutionStatus;
  /** The script's exit code; null when it did not exit by itself or never ran. */
  readonly exitCode: number | null;
  /** From the script's start to its end; 0 when it never started. */
  readonly durationMs: number;
  /** Bytes the script wrote on both streams, stored or not. */
  readonly logBytes: number;
  /** Whether the middle of the output was left out because of LOG_MAX_BYTES. */
  readonly truncated: boolean;
}

/** Where output comes from. In `system` the worker itself says something, for example where output was cut. */
export const LOG_STREAMS = ["stdout", "stderr", "system"] as const;

/** One of {@linkcode LOG_STREAMS}. */
export type LogStream = typeof LOG_STREAMS[number];

/** A chunk of output, as the worker read it. */
export interface LogChunk {
  /** From 0, without gap, within one attempt. */
  readonly seq: number;
  /** Where it comes from. */
  readonly stream: LogStream;
  /** When the worker read it. */
  readonly at: EpochMs;
  /** Text as written, ANSI sequences kept; bytes that are not UTF-8, and NUL, have become U+FFFD. */
  readonly data: string;
}
