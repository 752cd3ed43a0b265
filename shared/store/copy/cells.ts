/**
 * The canonical form of values: one text for one value, whichever database holds it. Rows travel in it from one database to
 * another, and checksums are computed from it.
 *
 * | kind    | PostgreSQL                    | SQLite  | canonical text                                             |
 * | ------- | ----------------------------- | ------- | ---------------------------------------------------------- |
 * | integer | smallint, integer, bigint     | INTEGER | decimal                                                    |
 * | number  | real, double precision, numeric | REAL  | as JavaScript writes it                                    |
 * | boolean | boolean                       | INTEGER | 0 or 1                                                     |
 * | instant | timestamptz                   | INTEGER | milliseconds since 1970-01-01T00:00:00Z                    |
 * | json    | json, jsonb, arrays           | TEXT    | keys sorted, no spaces                                     |
 * | text    | text and what is written like it | TEXT | itself                                                     |
 * | bytes   | bytea                         | BLOB    | hexadecimal                                                |
 *
 * In text and JSON, NUL and halves of surrogate pairs become U+FFFD: PostgreSQL takes neither, and no store writes them.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The kinds of columns. */
export type Kind = "integer" | "number" | "boolean" | "instant" | "json" | "text" | "bytes";

/** A value in canonical form; null is NULL. */
export type Cell = string | null;

/** The type in which SQLite, which has fewer types, stores a kind. */
const KEPT_AS: Readonly<Record<Kind, Kind>> = {
  integer: "integer",
  number: "number",
  boolean: "integer",
  instant: "integer",
  json: "text",
  text: "text",
  bytes: "bytes",
};

/** The kind of a column that is `one` in one database and `other` in another: the more exact; null when they cannot be one. */
export function commonKind(one: Kind, other: Kind): Kind | null {
  if (one === other || KEPT_AS[one] === other) return one;
  return KEPT_AS[other] === one ? other : null;
}

/** The canonical form of a value of `kind` as a database wrote it in text. @throws {SyntaxError} when JSON is none. */
export function canonical(kind: Kind, value: string): string {
  switch (kind) {
    case "integer":
    case "boolean":
    case "instant":
    case "bytes":
      return value;
    case "number":
      return String(Number(value));
    case "text":
      return clean(value);
    case "json":
      return JSON.stringify(sorted(JSON.parse(value)));
  }
}

/** A checksum of rows, whatever order they come in: the sum of the rows' hashes, cut to 128 bits. */
export class Checksum {
  #sum = 0n;
  #rows = 0;

  /** How many rows were added. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds a row. */
  add(row: readonly Cell[]): void {
    const hash = createHash("sha256").update(JSON.stringify(row)).digest("hex").slice(0, 32);
    this.#sum = BigInt.asUintN(128, this.#sum + BigInt(`0x${hash}`));
    this.#rows++;
  }

  /** 32 hexadecimal digits. */
  toString(): string {
    return this.#sum.toString(16).padStart(32, "0");
  }
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

function sorted(value: unknown): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]): [string, unknown] => [clean(key), sorted(part)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
}
