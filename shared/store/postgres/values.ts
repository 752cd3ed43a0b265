/**
 * How values travel between the store and PostgreSQL. Instants are milliseconds here and `timestamptz` there; JSON comes back
 * as text, to be parsed in `rows.ts`; a bigint is a number, exact up to 2^53.
 *
 * @module
 */
import type { EpochMs } from "../../domain/brand.ts";

/** A value that a parameter takes. An array becomes an array of PostgreSQL, bytes are a value in its binary form. */
export type Value = string | number | boolean | null | Uint8Array | readonly (string | number | boolean | null)[];

/** OIDs of the types that are not taken as the text they come in (pg_type.dat in PostgreSQL's sources). */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [16, (text) => text === "t"],
  [20, Number],
  [21, Number],
  [23, Number],
  [700, Number],
  [701, Number],
  [1700, Number],
  [1184, parseTimestamptz],
]);

/** Parses what a column of type `oid` holds. */
export function parserOf(oid: number): (text: string) => unknown {
  return PARSERS.get(oid) ?? ((text) => text);
}

const TIMESTAMPTZ =
  /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

/**
 * Milliseconds of a `timestamptz` in ISO style, whatever the session's time zone.
 *
 * @throws {SyntaxError} when it is in another style.
 */
export function parseTimestamptz(text: string): number {
  // What a session in UTC answers of years with four digits. With more than milliseconds, the built-in parser cuts what must be rounded.
  if (text.length <= 26 && text[10] === " " && text.endsWith("+00")) {
    const at = Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
    if (!Number.isNaN(at)) return at;
  }
  const found = TIMESTAMPTZ.exec(text);
  if (found === null) {
    throw new SyntaxError(`Cannot read the time "${text}" of PostgreSQL: expected the ISO style (DateStyle = ISO)`);
  }
  const [, year, month, day, hour, minute, second, fraction = "", sign, hours, minutes = 0, seconds = 0, era] = found;
  // The year before 1 is 1 BC there and 0 here. Date.UTC() takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(era === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  const local = date.setUTCHours(Number(hour), Number(minute), Number(second));
  const offset = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return local + Math.round(Number(`0.${fraction || 0}`) * 1000) - (sign === "-" ? -offset : offset);
}

/** An instant as a parameter. Years beyond four digits have no sign there, and those before 1 are counted back from 1 BC. */
export function instant(at: EpochMs): string;
export function instant(at: EpochMs | null): string | null;
export function instant(at: EpochMs | null): string | null {
  if (at === null) return null;
  const date = new Date(at);
  const year = date.getUTCFullYear();
  const iso = date.toISOString();
  if (year > 0 && year < 10_000) return iso;
  const rest = iso.replace(/^[+-]?\d+/, "");
  return year > 0 ? `${year}${rest}` : `${String(1 - year).padStart(4, "0")}${rest} BC`;
}

/** Whole numbers as a parameter of the type `bigint[]`: in binary form, which is made and read much faster than text. */
export function bigints(values: readonly number[]): Uint8Array {
  return binaryArray(20, values, (view, at, value) => {
    view.setInt32(at, Math.floor(value / 2 ** 32));
    view.setUint32(at + 4, value % 2 ** 32);
  });
}

/** Numbers as a parameter of the type `float8[]`, as {@linkcode bigints}. */
export function doubles(values: readonly (number | null)[]): Uint8Array {
  return binaryArray(701, values, (view, at, value) => view.setFloat64(at, value));
}

/** One dimension from index 1 on, of elements of eight bytes, each after its length, or −1 for NULL (array_recv). */
function binaryArray(
  elementOid: number,
  values: readonly (number | null)[],
  write: (view: DataView, at: number, value: number) => void,
): Uint8Array {
  const bytes = new Uint8Array(20 + 12 * values.length);
  const view = new DataView(bytes.buffer);
  [1, values.includes(null) ? 1 : 0, elementOid, values.length, 1].forEach((word, at) => view.setInt32(4 * at, word));
  let end = 20;
  for (const value of values) {
    view.setInt32(end, value === null ? -1 : 8);
    if (value !== null) write(view, end + 4, value);
    end += value === null ? 4 : 12;
  }
  return bytes.subarray(0, end);
}

/** A text as PostgreSQL takes it: NUL and halves of surrogate pairs become U+FFFD, as in SQLite. */
export function text(value: string): string;
export function text(value: string | null): string | null;
export function text(value: string | null): string | null {
  return value === null ? null : value.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** A value for a jsonb parameter. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, part) => typeof part === "string" ? text(part) : part);
}
