/**
 * How many columns of a terminal a text takes, and texts cut to that.
 *
 * @module
 */

/** Characters that take two columns of a terminal (Unicode, East Asian Width W and F, for the scripts in use). */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** Characters that are drawn onto the one before. */
const COMBINING = /[\p{Mn}\p{Me}\u200b-\u200d\ufe0f]/u;

/** Columns that `text` takes. */
export function widthOf(text: string): number {
  return [...text].reduce((sum, char) => sum + widthOfChar(char), 0);
}

/** `text` in at most `width` columns; what is cut off is marked with `…`. */
export function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let [kept, taken] = ["", 0];
  for (const char of text) {
    taken += widthOfChar(char);
    if (taken > width - 1) break;
    kept += char;
  }
  return `${kept.trimEnd()}…`;
}

/** `text` with spaces up to `width` columns. */
export function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

function widthOfChar(char: string): number {
  return COMBINING.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}
