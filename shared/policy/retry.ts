/**
 * When a failed attempt is tried again.
 *
 * A failure, a timeout and the loss of a worker are retried. A script that could not be run at all is not, because nothing would
 * change, and neither is a cancelled run. A second loss ends the occurrence: a script that kills its worker would otherwise kill
 * one worker after the other.
 *
 * @module
 */
import type { EpochMs, JobId } from "../domain/brand.ts";
import { epochMs } from "../domain/brand.ts";
import type { ExecutionStatus } from "../domain/dispatch.ts";
import type { RetryPolicy } from "../domain/job.ts";
import { unitHash } from "./_hash.ts";

/** The jitter lengthens or shortens a delay by at most this part of it. */
const RETRY_JITTER = 0.2;

/** After this many losses of its worker an occurrence is not tried again, however many retries it has left. */
export const MOST_LOSSES = 2;

/** What the decision needs to know of an attempt that ended. */
export interface EndedAttempt {
  /** The job. */
  readonly jobId: JobId;
  /** The nominal time of the occurrence. */
  readonly scheduledFor: EpochMs;
  /** 0 for the first attempt. */
  readonly retryCount: number;
  /** How the attempt ended. */
  readonly execution: ExecutionStatus;
  /** The job's policy. */
  readonly retry: RetryPolicy;
  /** When the attempt ended. */
  readonly endedAt: EpochMs;
}

/** When the next attempt may start; null when there is none. `defaultMax` is MAX_RETRY_ATTEMPTS. */
export function decideRetry(attempt: EndedAttempt, defaultMax: number): EpochMs | null {
  const retriable = attempt.execution === "FAILURE" || attempt.execution === "TIMEOUT";
  if (!retriable || attempt.retryCount >= (attempt.retry.max ?? defaultMax)) return null;
  return epochMs(attempt.endedAt + retryDelayMs(attempt, attempt.retryCount + 1));
}

/**
 * When the attempt after a lost one may start; null when there is none. `losses` counts the attempts of the occurrence that
 * were taken from their workers, this one included. `defaultMax` is MAX_RETRY_ATTEMPTS.
 */
export function decideRetryOfLost(
  { losses, ...attempt }: Omit<EndedAttempt, "execution"> & { readonly losses: number },
  defaultMax: number,
): EpochMs | null {
  return losses >= MOST_LOSSES ? null : decideRetry({ ...attempt, execution: "TIMEOUT" }, defaultMax);
}

/**
 * Delay before retry `n` (from 1): `min(cap, base × 2^(n−1))`, moved by up to 20 % either way. The jitter is a hash of the job,
 * the occurrence and `n`: jobs that failed together do not return together, and the same retry always gets the same delay.
 *
 * ```ts
 * import { DEFAULT_POLICIES, epochMs, jobId } from "@jobtrigger/shared/domain";
 * import { retryDelayMs } from "@jobtrigger/shared/policy";
 * const { retry } = DEFAULT_POLICIES;
 * const delay = retryDelayMs({ jobId: jobId(1), scheduledFor: epochMs(0), retry }, 3);
 * if (delay < 32_000 || delay > 48_000) throw new Error("40 s ± 20 %");
 * ```
 */
export function retryDelayMs(
  { jobId, scheduledFor, retry }: Pick<EndedAttempt, "jobId" | "scheduledFor" | "retry">,
  n: number,
): number {
  const delay = 1000 * Math.min(retry.capSeconds, retry.baseSeconds * 2 ** (n - 1));
  return Math.round(delay * (1 + RETRY_JITTER * (2 * unitHash(`${jobId}/${scheduledFor}/${n}`) - 1)));
}
