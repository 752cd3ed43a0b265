/** Half of a surrogate pair, as an escape in JSON may spell one. */
const SURROGATE = /\\u[dD][89a-fA-F]/;

/**
 * The value of a JSON text that came from outside. Half of a surrogate pair is refused: it is no character, PostgreSQL takes none, and
 * what SQLite makes of it is another text than the one that was checked. @throws {SyntaxError} @throws {RangeError} when it is too deep.
 */
export function parseJson(text: string): unknown {
  return SURROGATE.test(text) ? JSON.parse(text, (_, value: unknown) => wellFormed(value)) : JSON.parse(text);
}

function wellFormed(value: unknown): unknown {
  if (typeof value !== "string" || value.isWellFormed()) return value;
  throw new SyntaxError("it has half of a surrogate pair, which is no character");
}
