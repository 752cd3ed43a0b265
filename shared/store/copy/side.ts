/**
 * The two databases of a copy, the one it reads and the one it writes. Both describe themselves from their own
 * catalogue, so that a new table or column is copied without a change here.
 *
 * @module
 */
import type { Invalid } from "../../domain/errors.ts";
import type { EpochMs } from "../../domain/brand.ts";
import { unusable } from "../refusals.ts";
import type { Cell, Kind } from "./cells.ts";

/** A column of a database. */
export interface Column {
  readonly name: string;
  readonly kind: Kind;
  /** Computed by the database itself from other columns. */
  readonly isGenerated: boolean;
}

/** A table of a database. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Columns of the primary key: rows are read in their order, so that one a later one refers to comes first. */
  readonly key: readonly string[];
  /** Other tables that have to be written before. */
  readonly references: readonly string[];
}

/** A table as it is copied: columns in one order and of one kind for both sides. */
export interface CopiedTable extends Pick<Table, "name" | "key"> {
  readonly columns: readonly Pick<Column, "name" | "kind">[];
}

/** An open database in one transaction that sees one state of it. */
export interface Side {
  /** The name of the database in messages. */
  readonly where: string;
  now(): Promise<EpochMs>;
  /** The tables that hold data: all but {@linkcode MECHANISM}. */
  tables(): Promise<readonly Table[]>;
  /** How many rows a table has. */
  count(table: string): Promise<number>;
  /**
   * The last number given out by each counter: those of ids under the name of their table, others under their own. 0: none
   * was given out yet.
   */
  counters(): Promise<ReadonlyMap<string, bigint>>;
  /** All rows in batches of bounded size, cells in the order of `columns`. */
  read(table: CopiedTable): AsyncIterable<readonly (readonly Cell[])[]>;
}

/** A database that is written to. If the work in its transaction throws, nothing is kept. */
export interface Target extends Side {
  write(table: CopiedTable, rows: readonly (readonly Cell[])[]): Promise<void>;
  /** Moves counters on, never back. @throws {CopyFailed} when there is no counter of that name, which is no table's either. */
  moveOn(counters: ReadonlyMap<string, bigint>): Promise<void>;
}

/** Rows of a batch; the longest are chunks of output, at most 64 KiB each. */
export const BATCH_ROWS = 250;

/** Tables by which a database keeps track of itself: each has its own, and their rows are not copied. */
export const MECHANISM: readonly string[] = ["schema_migrations", "lease_epoch"];

/** The databases cannot be copied, or the copy was not what it should be. The target is as empty as it was. */
export class CopyFailed extends Error {
  /** The name of this class. */
  override readonly name = "CopyFailed";
}

/** The error that says why the source or the target cannot be used. */
export function unfit(side: "from" | "to", where: string, reason: string): Invalid {
  return unusable(where, reason, { field: side });
}

/** @throws {Invalid} when the source lacks steps of the schema. */
export function assertUpToDate(
  where: string,
  applied: ReadonlySet<string>,
  migrations: readonly { readonly name: string }[],
): void {
  if (applied.size === 0) throw unfit("from", where, "it holds no data of this program");
  const missing = migrations.find(({ name }) => !applied.has(name));
  if (missing === undefined) return;
  throw unfit(
    "from",
    where,
    `it is not up to date (step ${missing.name} is missing); run "deno task migrate" on it first`,
  );
}

/** @throws {Invalid} when the target holds rows. */
export async function assertEmpty(target: Side): Promise<void> {
  const filled: string[] = [];
  for (const { name } of await target.tables()) {
    const rows = await target.count(name);
    if (rows > 0) filled.push(`${name} has ${rows}`);
  }
  if (filled.length > 0) {
    throw unfit("to", target.where, `it is not empty (rows: ${filled.join(", ")}); name an empty database`);
  }
}

/** A name as SQL takes it, in both databases. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The SELECT of all rows: `expressions` stand for the columns. */
export function selectAll({ name, key }: CopiedTable, expressions: readonly string[]): string {
  const order = key.length === 0 ? "" : ` ORDER BY ${key.map(quoted).join(", ")}`;
  return `SELECT ${expressions.join(", ")} FROM ${quoted(name)}${order}`;
}
