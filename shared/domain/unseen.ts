/**
 * Invisible characters that change how the text around them looks: controls, line separators, and marks that reverse the
 * direction of writing (Unicode, Cc and Bidi_Control).
 *
 * @module
 */

const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;
const DIRECTIONS = /\p{Bidi_Control}+/gu;
const UNSEEN = /[\p{Cc}\u2028\u2029\p{Bidi_Control}]/gu;

/** `text` as one line without invisible characters: controls and line breaks become a space, marks of direction are left out. */
export function withoutUnseen(text: string): string {
  return text.replace(DIRECTIONS, "").replace(CONTROLS, " ");
}

/**
 * `text` with its invisible characters as escapes that people can read, the same as in JSON; those in `except` stay.
 *
 * ```ts
 * import { markUnseen } from "@jobtrigger/shared/domain";
 *
 * markUnseen("a\u202Eb"); // "a\\u202eb"
 * ```
 */
export function markUnseen(text: string, except = ""): string {
  return text.replace(
    UNSEEN,
    (char) => except.includes(char) ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
