/**
 * The part of the store's contract that workers use.
 *
 * @module
 */
import type {
  Cancel,
  DispatchId,
  EpochMs,
  ExecutionStatus,
  FinalStatus,
  JobId,
  LogChunk,
  RetryPolicy,
  WorkerId,
  WorkerStatus,
} from "../domain/mod.ts";
import type { SignAnswer } from "./worker_store.ts";

/** A claim that a worker holds: which attempt, and by which epoch. */
export interface ClaimRef {
  /** The attempt. */
  readonly dispatchId: DispatchId;
  /** The epoch of the claim. */
  readonly epoch: number;
}

/** A claimed attempt with all that a worker needs to run it. */
export interface Claim extends ClaimRef {
  /** When the lease ends unless a heartbeat renews it. */
  readonly leaseUntil: EpochMs;
  /** The job. */
  readonly jobId: JobId;
  /** The job's name. */
  readonly jobName: string;
  /** Path of the script, relative to one of the script directories. */
  readonly scriptPath: string;
  /** The run's own arguments, else the job's. */
  readonly args: readonly string[];
  /** Environment variables that the job declares. */
  readonly env: Readonly<Record<string, string>>;
  /** Time limit of the attempt; null: WORKER_JOB_TIMEOUT. */
  readonly timeoutSeconds: number | null;
  /** The job's retry policy. */
  readonly retry: RetryPolicy;
  /** The nominal time. */
  readonly scheduledFor: EpochMs;
  /** 0 for the first attempt. */
  readonly retryCount: number;
  /** Shared by all attempts of the occurrence. */
  readonly correlationId: string;
  /** The job's IANA zone. */
  readonly timezone: string;
  /** The revision of the job that these facts are from. */
  readonly jobRevision: number;
  /** Sequence number of the next log chunk: above 0 when an earlier claim was released after it had written some. */
  readonly nextLogSeq: number;
  /**
   * Why what is stored of the job cannot be read, as a sentence; arguments, environment and policies are empty then, and the run
   * must end in an error. Null: it can be read.
   */
  readonly damage: string | null;
}

/** A request to stop the script of a held attempt. */
export interface CancelRequest {
  /** The attempt. */
  readonly dispatchId: DispatchId;
  /** Why it is to be cancelled. */
  readonly cancel: Cancel;
}

/** How an attempt ended. */
export interface Outcome {
  /** The state in which the attempt ends. */
  readonly status: FinalStatus;
  /** How its execution is judged. */
  readonly execution: ExecutionStatus;
  /** The script's exit code; null when it did not exit by itself or never ran. */
  readonly exitCode: number | null;
  /** The signal that ended the script; null when none did. */
  readonly signal: string | null;
  /** Why it did not succeed; for a cancelled attempt a further remark or null, since the database has the reason. */
  readonly errorMessage: string | null;
  /** From the script's start to its end; 0 when it never started. */
  readonly durationMs: number;
  /** Bytes that the script wrote, stored or not. */
  readonly logBytes: number;
  /** Whether the middle of the output was left out. */
  readonly truncated: boolean;
}

/** The start of the script of a claim, which must end by `timeoutAt`. */
export interface Start extends ClaimRef {
  /** When the script started. */
  readonly startedAt: EpochMs;
  /** When its time limit is over. */
  readonly timeoutAt: EpochMs;
}

/** Output of the script of a claim. */
export interface Output extends ClaimRef {
  /** What the script wrote, in order. */
  readonly chunks: readonly LogChunk[];
}

/** The end of the script of a claim. */
export interface End extends ClaimRef {
  /** How it ended. */
  readonly outcome: Outcome;
  /** Null: it never ran. */
  readonly startedAt: EpochMs | null;
  /** When it ended. */
  readonly endedAt: EpochMs;
  /** When its retry becomes available; null: none. */
  readonly retryAt: EpochMs | null;
}

/** What a worker asks for when it claims. */
export interface ClaimRequest {
  /** The worker that claims. */
  readonly workerId: WorkerId;
  /** The tags that the worker has. */
  readonly tags: ReadonlySet<string>;
  /** Most claims that it takes. */
  readonly limit: number;
  /** How long the leases are. */
  readonly leaseMs: number;
  /** When they begin. */
  readonly now: EpochMs;
}

/** A sign of life of a worker. */
export interface Heartbeat {
  /** The worker that lives. */
  readonly workerId: WorkerId;
  /** All claims that the worker knows it holds. */
  readonly held: readonly ClaimRef[];
  /** What the worker does. */
  readonly status: Exclude<WorkerStatus, "OFFLINE">;
  /** How long the leases are from `now` on. */
  readonly leaseMs: number;
  /** When the worker was alive. */
  readonly now: EpochMs;
}

/** The answer to a heartbeat. */
export interface HeartbeatAnswer extends SignAnswer {
  /** The worker no longer holds these: it stops their scripts and writes nothing about them. */
  readonly lost: readonly DispatchId[];
}

/**
 * What a worker does. Every write names the epoch of its claim. One call writes about many claims, each run at most once, in a few
 * transactions, each of whole items. The answer names the runs whose lease is lost, about which nothing was written. Repeating a call
 * whose answer did not arrive changes nothing and answers the same.
 */
export interface QueueStore {
  /**
   * Takes up to `limit` available attempts that a worker with these tags may run, whose concurrency key has a free slot and whose
   * serial order lets them start: highest priority first, then longest available. Each gets a new epoch and a lease until
   * `now + leaseMs`. An idle call opens no write transaction. Under load, a higher priority may be noticed a second late.
   * A call that fails holds nothing: if some attempts are claimed when an error comes, they are answered, and the next call meets
   * the error if it persists; attempts that cannot be answered are released.
   */
  claim(request: ClaimRequest): Promise<readonly Claim[]>;
  /** When the earliest attempt that waits for its time, which is after `now`, becomes available; null when none does. */
  nextAvailableAt(now: EpochMs): Promise<EpochMs | null>;
  /** Notes which scripts run. Answers the lost runs. */
  markStarted(starts: readonly Start[]): Promise<readonly DispatchId[]>;
  /**
   * Appends output. A chunk whose number is stored already, or stands earlier in the same output, is passed over: the first stands.
   * Answers the lost runs, those without chunks included.
   * @throws {RangeError} when chunks leave a gap, in a call or after what is stored; nothing was written then.
   */
  appendLogs(outputs: readonly Output[]): Promise<readonly DispatchId[]>;
  /**
   * Notes that the worker lives, renews exactly the claims in `held`, and releases the other claims that the database has of this
   * worker: their answer was lost. The caller has no claim under way meanwhile.
   */
  heartbeat(beat: Heartbeat): Promise<HeartbeatAnswer>;
  /** Which of `held` are to be cancelled, and why. */
  cancelRequested(held: readonly ClaimRef[]): Promise<readonly CancelRequest[]>;
  /**
   * Ends attempts: the state, the one execution row, the retry (none when `retryAt` is null, when a cancel was asked for, or
   * when the job is deleted) and the worker's count. Answers the lost runs.
   */
  finish(ends: readonly End[]): Promise<readonly DispatchId[]>;
  /** Releases claims: their attempts wait again, available at once, which counts as no retry. Lost claims are passed over. */
  release(refs: readonly ClaimRef[], now: EpochMs): Promise<void>;
}
