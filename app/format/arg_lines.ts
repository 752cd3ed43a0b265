/**
 * A list of texts in a text area: one item a line. An item that a plain line cannot hold (it is empty, has line breaks or outer
 * spaces, or starts with a double quote) is written as a JSON text in double quotes.
 *
 * @module
 */

/** What is wrong with a line that {@linkcode readItem} does not read. */
export const UNREADABLE = 'a line that starts with a double quote must be a JSON text, such as "two\\nlines"';

/** An item as a line. */
export function writeItem(item: string): string {
  return item === "" || item !== item.trim() || /[\n\r]|^"/.test(item) ? JSON.stringify(item) : item;
}

/** The item of a line without outer spaces; null when it cannot be read. */
export function readItem(line: string): string | null {
  if (!line.startsWith('"')) return line;
  try {
    const item: unknown = JSON.parse(line);
    return typeof item === "string" ? item : null;
  } catch {
    return null;
  }
}

/** The items of a text, each null where its line cannot be read; blank lines are nothing. */
export function readItems(text: string): readonly { readonly line: number; readonly item: string | null }[] {
  return text.split("\n").map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter(({ text }) => text !== "")
    .map(({ line, text }) => ({ line, item: readItem(text) }));
}

/** What a script gets for a text of arguments: an array in JSON, or which line cannot be read. */
export function passedWords(text: string): string {
  const items = readItems(text);
  const wrong = items.find(({ item }) => item === null);
  return wrong === undefined ? JSON.stringify(items.map(({ item }) => item)) : `line ${wrong.line}: ${UNREADABLE}`;
}
