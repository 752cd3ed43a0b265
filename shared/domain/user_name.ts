/** Longest name of a user or a token, in characters. */
export const USER_NAME_MAX = 100;

/** What would break a line, a list or a filter, or look like nothing. */
const EXCLUDED = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp},"]/u;

/**
 * A name of a user, or of a token, as it is kept: in Unicode's compatibility form, so that one name is one text however it was
 * typed; single spaces. An address such as `alice@example.com` is a name too.
 *
 * @throws {RangeError} that says what was found and what would be right.
 *
 * @example
 * ```ts
 * import { parseUserName } from "@jobtrigger/shared/domain";
 *
 * parseUserName("  Alice   Example "); // "Alice Example"
 * ```
 */
export function parseUserName(text: string): string {
  const name = text.normalize("NFKC").trim().replace(/ +/g, " ");
  if (name !== "" && name.length <= USER_NAME_MAX && !EXCLUDED.test(name)) return name;
  const expected = `1 to ${USER_NAME_MAX} characters, without commas, quotation marks and control characters`;
  throw new RangeError(`found the name ${JSON.stringify(name.slice(0, USER_NAME_MAX + 1))}, expected ${expected}`);
}

/** What two names are compared by: names that differ only in case, or in how a character is composed, are the same. */
export function userNameKey(name: string): string {
  // Lower case can bring forth characters that have a compatibility form of their own.
  return name.normalize("NFKC").toLowerCase().normalize("NFKC").trim().replace(/ +/g, " ");
}
