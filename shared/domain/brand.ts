/**
 * Branded numbers and strings: the compiler refuses an id of one kind where another is meant. A brand exists for the compiler
 * alone; at run time an {@linkcode EpochMs} is a plain number.
 *
 * @module
 */
import { positive } from "./_positive.ts";

/** A `Base` that has been checked. No value has the property `~brand`. */
export type Brand<Base, Name extends string> = Base & { readonly "~brand": Name };

/** An instant: whole milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Brand<number, "EpochMs">;

/** Id of a row in `scheduled_jobs`. */
export type JobId = Brand<number, "JobId">;

/** Id of a row in `job_dispatch`, which is one attempt. */
export type DispatchId = Brand<number, "DispatchId">;

/** Id of a row in `run_events`. As a position it means: after that row. */
export type EventId = Brand<number, "EventId">;

/** Id of a worker process. Each process draws its own at random, so no two share one. */
export type WorkerId = Brand<string, "WorkerId">;

/** Largest distance from 1970 that a date can have, in milliseconds (ECMAScript, Time Values and Time Range). */
const MAX_EPOCH_MS = 8_640_000_000_000_000;

/**
 * The instant `value` milliseconds after 1970-01-01T00:00:00Z.
 *
 * @throws {RangeError} when it is not a whole number that a date can hold.
 */
export function epochMs(value: number): EpochMs {
  if (!Number.isInteger(value) || Math.abs(value) > MAX_EPOCH_MS) {
    throw new RangeError(`Cannot use ${value} as an instant: it must be whole milliseconds within ±${MAX_EPOCH_MS}`);
  }
  return value as EpochMs;
}

/** The job id `value`. @throws {RangeError} when it is not a positive whole number. */
export function jobId(value: number): JobId {
  return positive(value, "job") as JobId;
}

/** The run id `value`. @throws {RangeError} when it is not a positive whole number. */
export function dispatchId(value: number): DispatchId {
  return positive(value, "run") as DispatchId;
}

/** The event id `value`; 0 is the position before all events. @throws {RangeError} when it is not a whole number from 0. */
export function eventId(value: number): EventId {
  if (Number.isSafeInteger(value) && value >= 0) return value as EventId;
  throw new RangeError(`Cannot use ${value} as an event id: it must be a whole number from 0`);
}

/** The worker id `value`. @throws {RangeError} when it is empty. */
export function workerId(value: string): WorkerId {
  if (value === "") throw new RangeError("Cannot use an empty worker id");
  return value as WorkerId;
}
