/**
 * The columns of a row, checked by hand: lists read hundreds of rows, and a schema makes objects for each value of each. What is in
 * a row but cannot be read means a damaged database, and the error names the column.
 *
 * @module
 */
import { type EpochMs, epochMs } from "../domain/brand.ts";
import type { Row } from "./rows.ts";

/** A number. @throws {TypeError} */
export function numberIn(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw unreadable(row, column, "a number");
}

/** A text. @throws {TypeError} */
export function textIn(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw unreadable(row, column, "a text");
}

/** An instant. @throws {TypeError} @throws {RangeError} when it is none that a date can hold. */
export function instantIn(row: Row, column: string): EpochMs {
  return epochMs(numberIn(row, column));
}

/** A truth value, as each database has it. @throws {TypeError} */
export function flagIn(row: Row, column: string): boolean {
  const value = row[column];
  if (value === true || value === 1) return true;
  if (value === false || value === 0) return false;
  throw unreadable(row, column, "a truth value");
}

/** One of the `known` texts. @throws {TypeError} */
export function oneIn<Known extends string>(row: Row, column: string, known: readonly Known[]): Known {
  const value = row[column];
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw unreadable(row, column, `one of ${known.join(", ")}`);
}

/** What `read` answers about a column; null where the column is. */
export function orNull<Value>(row: Row, column: string, read: (row: Row, column: string) => Value): Value | null {
  return row[column] === null ? null : read(row, column);
}

function unreadable(row: Row, column: string, wanted: string): TypeError {
  return new TypeError(`Cannot read the column ${column}: found ${JSON.stringify(row[column])}, expected ${wanted}`);
}
