/**
 * When a failed attempt is tried again.
 *
 * Retried are failure, timeout and loss of the worker; never a script that could not be run at all (nothing would change),
 * and never what a person cancelled.
 *
 * @module
 */
import type { EpochMs, JobId } from "../domain/brand.ts";
import { epochMs } from "../domain/brand.ts";
import type { ExecutionStatus } from "../domain/dispatch.ts";

/** Delay before the first retry. */
export const RETRY_BASE_MS = 10_000;
/** No delay is longer, before its jitter. */
export const RETRY_CAP_MS = 3_600_000;
/** The jitter is at most this part of the delay, either way. */
export const RETRY_JITTER = 0.2;

/** An attempt that ended, as far as the decision needs it. */
export interface EndedAttempt {
  readonly jobId: JobId;
  readonly scheduledFor: EpochMs;
  /** 0 for the first attempt. */
  readonly retryCount: number;
  readonly execution: ExecutionStatus;
  /** Retries granted to the occurrence in all. */
  readonly maxRetries: number;
  readonly endedAt: EpochMs;
}

/** When the next attempt may start; null when there is none. */
export function decideRetry(attempt: EndedAttempt): EpochMs | null {
  const retriable = attempt.execution === "FAILURE" || attempt.execution === "TIMEOUT";
  if (!retriable || attempt.retryCount >= attempt.maxRetries) return null;
  return epochMs(attempt.endedAt + retryDelayMs(attempt.jobId, attempt.scheduledFor, attempt.retryCount + 1));
}

/**
 * Delay before retry `n` (from 1): `min(cap, base × 2^(n−1))`, moved by up to 20 % either way. The jitter is a hash of the job,
 * the occurrence and `n`: jobs that failed together do not return together, and the same retry always gets the same delay.
 *
 * ```ts
 * import { jobId, epochMs } from "@jobtrigger/shared/domain";
 * import { retryDelayMs } from "@jobtrigger/shared/policy";
 * const delay = retryDelayMs(jobId(1), epochMs(0), 3);
 * if (delay < 32_000 || delay > 48_000) throw new Error("40 s ± 20 %");
 * ```
 */
export function retryDelayMs(jobId: JobId, scheduledFor: EpochMs, n: number): number {
  const delay = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (n - 1));
  const unit = hash(`${jobId}/${scheduledFor}/${n}`) / 0xffff_ffff;
  return Math.round(delay * (1 + RETRY_JITTER * (2 * unit - 1)));
}

/** FNV-1a over UTF-16 units, finished with a 32-bit mix so that near texts spread (Murmur3's finaliser). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
