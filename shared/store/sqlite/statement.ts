import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { Row } from "../rows.ts";

/** A value that a parameter takes; a boolean becomes 1 or 0. */
export type Value = string | number | boolean | null;

/** Parameters by name (`:name` in the SQL) or by position. */
export type Parameters = Readonly<Record<string, Value>> | readonly Value[];

/**
 * A prepared statement. It has the driver answer rows as arrays and names their columns itself: an object from the driver has a
 * hidden class of its own, which stays in memory until the next full collection of garbage, and is slow to read.
 */
export class Statement {
  readonly #statement: StatementSync;
  #names: readonly string[] = [];

  /** Takes over a statement that has just been prepared. */
  constructor(statement: StatementSync) {
    statement.setReturnArrays(true);
    this.#statement = statement;
  }

  /** Every row. */
  all(parameters: Parameters): Row[] {
    const rows: readonly unknown[] = isList(parameters)
      ? this.#statement.all(...parameters.map(bind))
      : this.#statement.all(bindAll(parameters));
    return rows.map((values) => this.#named(values));
  }

  /** The first row. */
  get(parameters: Parameters): Row | undefined {
    const values: unknown = isList(parameters)
      ? this.#statement.get(...parameters.map(bind))
      : this.#statement.get(bindAll(parameters));
    return values === undefined ? undefined : this.#named(values);
  }

  /** The rows, read one by one. */
  *each(parameters: Parameters): Generator<Row> {
    const rows: Iterable<unknown> = isList(parameters)
      ? this.#statement.iterate(...parameters.map(bind))
      : this.#statement.iterate(bindAll(parameters));
    for (const values of rows) yield this.#named(values);
  }

  /** Runs it, and answers how many rows it changed. */
  run(parameters: Parameters): number {
    return Number(
      (isList(parameters) ? this.#statement.run(...parameters.map(bind)) : this.#statement.run(bindAll(parameters)))
        .changes,
    );
  }

  /** Runs one that answers nothing, such as COMMIT. */
  step(): void {
    this.#statement.get();
  }

  #named(values: unknown): Row {
    if (!Array.isArray(values)) throw new TypeError("Cannot read a row: the driver answered no array");
    // SQLite prepares a statement anew after a migration, which may have added columns.
    if (values.length !== this.#names.length) this.#names = this.#statement.columns().map(({ name }) => name);
    const row: Record<string, unknown> = {};
    for (let i = 0; i < this.#names.length; i++) row[this.#names[i] ?? ""] = values[i];
    return row;
  }
}

function isList(parameters: Parameters): parameters is readonly Value[] {
  return Array.isArray(parameters);
}

function bindAll(parameters: Readonly<Record<string, Value>>): Record<string, SQLInputValue> {
  const bound: Record<string, SQLInputValue> = {};
  for (const [name, value] of Object.entries(parameters)) bound[name] = bind(value);
  return bound;
}

/** SQLite has no booleans, and its text ends at the first NUL when read back: a NUL becomes U+FFFD, as it does in output. */
function bind(value: Value): SQLInputValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value;
}
