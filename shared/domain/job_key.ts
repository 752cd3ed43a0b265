/** Longest key of a job, in characters. */
const JOB_KEY_MAX = 100;

const KEY = /^[a-z0-9][a-z0-9._-]*$/;

/**
 * A job's key, without the space around it.
 *
 * @throws {RangeError} when it is empty, too long, has other characters than lower-case letters, digits, `-`, `_` and `.`, does not
 * begin with a letter or a digit, or is digits alone, which would be an id.
 *
 * @example
 * ```ts
 * import { parseJobKey } from "@jobtrigger/shared/domain";
 *
 * parseJobKey(" nightly-backup "); // "nightly-backup"
 * ```
 */
export function parseJobKey(text: string): string {
  const key = text.trim();
  if (/^\d+$/.test(key)) {
    throw new RangeError(`found "${key}", which would be an id: expected a key with a letter in it`);
  }
  if (key.length <= JOB_KEY_MAX && KEY.test(key)) return key;
  throw new RangeError(
    `found "${text}", expected 1 to ${JOB_KEY_MAX} lower-case letters, digits, "-", "_" and ".", the first a letter or a digit`,
  );
}
