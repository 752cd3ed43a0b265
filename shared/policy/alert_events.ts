/**
 * What the rules of jobs find in an event of the outbox.
 *
 * @module
 */
import type { AlertCondition, EndedEvent, EpochMs } from "../domain/mod.ts";
import type { Finding } from "./alerts.ts";

/** What rules know of a job from its events. */
export interface JobRecord {
  /** Occurrences that failed in a row. */
  readonly failures: number;
  /** When it last succeeded; null: not since events are read. */
  readonly succeededAt: EpochMs | null;
}

/** Nothing happened to a job yet. */
export const NO_RECORD: JobRecord = { failures: 0, succeededAt: null };

/** An end as rules see it. */
export interface JudgedEnd extends Pick<EndedEvent, "jobId" | "dispatchId" | "at" | "execution" | "isRetried"> {
  /** What the worker said of a failure; null: nothing. */
  readonly reason: string | null;
}

/**
 * The failures in a row and the last success of a job after an end. An attempt that is tried again decides nothing, nor does one that
 * was cancelled.
 */
export function recordAfter(record: JobRecord, { execution, isRetried, at }: JudgedEnd): JobRecord {
  switch (execution) {
    case "SUCCESS":
      return { failures: 0, succeededAt: at };
    case "CANCELLED":
      return record;
    case "FAILURE":
    case "ERROR":
    case "TIMEOUT":
      return isRetried ? record : { ...record, failures: record.failures + 1 };
  }
}

/** What a condition finds in an end, with the record after it; null: the end says nothing about it. */
export function findInEnd({ kind, limit }: AlertCondition, end: JudgedEnd, record: JobRecord): Finding | null {
  const { jobId, at, execution, isRetried } = end;
  const found = (isBroken: boolean, message: string): Finding => ({ jobId, isBroken, message, at, isEvent: true });
  if (execution === "SUCCESS") {
    return kind === "failures" || kind === "no_success" ? found(false, "A run succeeded.") : null;
  }
  if (kind !== "failures" || execution === "CANCELLED" || isRetried || record.failures < limit) return null;
  return found(true, failureMessage(end, record));
}

/** In a sentence that a run failed, and how often runs did. */
function failureMessage({ dispatchId, execution, reason }: JudgedEnd, { failures }: JobRecord): string {
  const how = execution === "TIMEOUT" ? "ran out of time" : execution === "ERROR" ? "could not be run" : "failed";
  const row = failures > 1 ? ` It is failure ${failures} in a row.` : "";
  const why = reason === null || reason === "" ? "." : `: ${reason.replace(/\.?$/, ".")}`;
  return `Run ${dispatchId} ${how}${why}${row}`;
}
