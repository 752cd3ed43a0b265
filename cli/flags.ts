/**
 * Flags that several commands take, and the checks of their texts. A wrong text is a usage error, exit code 2.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import { type DispatchId, dispatchId, type EpochMs, epochMs, type JobId, jobId } from "@jobtrigger/shared/domain";

/** Adds `value` to what a repeated flag has gathered. */
export function gather(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...before ?? [], value];
}

/** `NAME=value` of a repeated flag. */
export function gatherPair(
  pair: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const at = pair.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected NAME=value.");
  return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) };
}

/** A job's id. */
export function jobIdFlag(text: string): JobId {
  return jobId(whole(text, 1, Number.MAX_SAFE_INTEGER));
}

/** A run's id. */
export function runIdFlag(text: string): DispatchId {
  return dispatchId(whole(text, 1, Number.MAX_SAFE_INTEGER));
}

/** A count of at most `max`. */
export function countFlag(max: number): (text: string) => number {
  return (text) => whole(text, 1, max);
}

/** An instant in ISO 8601 with `Z` or an offset. */
export function instantFlag(text: string): EpochMs {
  const at = parseInstant(text);
  if (at === null) throw new InvalidArgumentError(INSTANT_EXPECTED);
  return at;
}

/** What is said to a text that is no instant. */
export const INSTANT_EXPECTED =
  "Expected an instant in ISO 8601 with Z or an offset, such as 2026-11-24T09:00:00+08:00.";

/** An instant in ISO 8601 with `Z` or an offset; null when `text` is none. */
export function parseInstant(text: string): EpochMs | null {
  try {
    return epochMs(Temporal.Instant.from(text).epochMilliseconds);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function whole(text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
}
