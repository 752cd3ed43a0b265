import { Buffer } from "node:buffer";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { z } from "zod";
import { epochMs } from "../../domain/brand.ts";
import type { Clock } from "../../time/clock.ts";
import type { Migration, OnMade } from "../migration.ts";
import { translate } from "../sqlite/errors.ts";
import { inspectPath, inspectTables } from "../sqlite/inspect.ts";
import { openFile } from "../sqlite/open.ts";
import { canonical, type Cell, type Kind } from "./cells.ts";
import {
  assertEmpty,
  assertUpToDate,
  BATCH_ROWS,
  type CopiedTable,
  CopyFailed,
  MECHANISM,
  quoted,
  selectAll,
  type Side,
  type Table,
  type Target,
  unfit,
} from "./side.ts";

/** How long to wait for a lock that another process holds. */
const BUSY_TIMEOUT_MS = 5_000;

const KINDS: Readonly<Record<string, Kind>> = {
  INT: "integer",
  INTEGER: "integer",
  REAL: "number",
  TEXT: "text",
  BLOB: "bytes",
};

const tableRows = z.array(z.object({ name: z.string() }));
const columnRows = z.array(z.object({ name: z.string(), type: z.string(), hidden: z.number(), pk: z.number() }));
const referenceRows = z.array(z.object({ table: z.string() }));
const numberRow = z.object({ n: z.number() });
const counterRows = z.array(z.object({ name: z.string(), last: z.bigint() }));

/** Options for a file. */
export interface SqliteSideOptions {
  readonly path: string;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
}

/** Runs `work` on the file as it is now, whatever others write meanwhile. @throws {Invalid} when it cannot be a source. */
export async function withSqliteSource<Result>(
  { path, migrations, clock }: SqliteSideOptions,
  work: (source: Side) => Promise<Result>,
): Promise<Result> {
  if (inspectPath(path, migrations) !== "filled") throw unfit("from", path, "it holds no data of this program");
  return await inTransaction(path, { begin: "BEGIN", isReadOnly: true }, async (db) => {
    assertUpToDate(path, inspectTables(db, path, migrations), migrations);
    return await work(new SqliteSide(db, path, clock));
  });
}

/** Runs `work` on an empty file, made and brought up to date first. @throws {Invalid} when it holds rows or is not ours. */
export async function withSqliteTarget<Result>(
  { path, migrations, clock, onMade }: SqliteSideOptions & { readonly onMade: OnMade },
  work: (target: Target) => Promise<Result>,
): Promise<Result> {
  // Checked before it is migrated, so that a database that cannot be used stays as it is.
  if (inspectPath(path, migrations) === "filled") {
    await inTransaction(
      path,
      { begin: "BEGIN", isReadOnly: true },
      (db) => assertEmpty(new SqliteSide(db, path, clock)),
    );
  }
  await (await openFile({ path, clock, busyTimeoutMs: BUSY_TIMEOUT_MS }, { migrations, onMade })).close();
  return await inTransaction(path, { begin: "BEGIN IMMEDIATE", isReadOnly: false }, async (db) => {
    // A row may refer to one that comes later.
    db.exec("PRAGMA defer_foreign_keys = ON");
    const target = new SqliteSide(db, path, clock);
    // Checked again, now that nobody else writes.
    await assertEmpty(target);
    return await work(target);
  });
}

async function inTransaction<Result>(
  path: string,
  { begin, isReadOnly }: { readonly begin: string; readonly isReadOnly: boolean },
  work: (db: DatabaseSync) => Promise<Result>,
): Promise<Result> {
  const db = new DatabaseSync(path, {
    readOnly: isReadOnly,
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
  });
  try {
    db.prepare(begin).run();
    const result = await work(db);
    db.prepare("COMMIT").run();
    return result;
  } catch (error) {
    throw translate(error, path);
  } finally {
    // An open transaction is rolled back.
    db.close();
  }
}

class SqliteSide implements Target {
  readonly where: string;
  readonly #db: DatabaseSync;
  readonly #clock: Clock;

  constructor(db: DatabaseSync, path: string, clock: Clock) {
    this.#db = db;
    this.where = path;
    this.#clock = clock;
  }

  now() {
    return Promise.resolve(epochMs(this.#clock.now()));
  }

  tables(): Promise<readonly Table[]> {
    const names = tableRows.parse(
      this.#db.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
      ).all(),
    );
    return Promise.resolve(
      names.filter(({ name }) => !MECHANISM.includes(name)).map(({ name }) => ({
        name,
        ...this.#columns(name),
        references: referenceRows.parse(
          this.#db.prepare(`SELECT DISTINCT "table" FROM pragma_foreign_key_list(?) WHERE "table" <> ?`).all(
            name,
            name,
          ),
        ).map((reference) => reference.table),
      })),
    );
  }

  #columns(table: string): Pick<Table, "columns" | "key"> {
    const rows = columnRows.parse(
      this.#db.prepare("SELECT name, type, hidden, pk FROM pragma_table_xinfo(?)").all(table),
    );
    const columns = rows.map(({ name, type, hidden }) => {
      const kind = KINDS[type.toUpperCase()];
      if (kind === undefined) throw new CopyFailed(`Cannot copy ${table}.${name}: its type ${type} is not known`);
      // 2 and 3 are generated columns (https://sqlite.org/pragma.html#pragma_table_xinfo).
      return { name, kind, isGenerated: hidden >= 2 };
    });
    const key = rows.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk).map(({ name }) => name);
    return { columns, key };
  }

  count(table: string): Promise<number> {
    return Promise.resolve(numberRow.parse(this.#db.prepare(`SELECT count(*) AS n FROM ${quoted(table)}`).get()).n);
  }

  counters(): Promise<ReadonlyMap<string, bigint>> {
    const statement = this.#db.prepare(
      "SELECT name, seq AS last FROM sqlite_sequence UNION ALL SELECT 'lease_epoch', last FROM lease_epoch",
    );
    statement.setReadBigInts(true);
    return Promise.resolve(new Map(counterRows.parse(statement.all()).map(({ name, last }) => [name, last])));
  }

  async *read(table: CopiedTable): AsyncGenerator<readonly (readonly Cell[])[]> {
    const { columns } = table;
    const statement = this.#db.prepare(selectAll(table, columns.map(({ name }) => quoted(name))));
    statement.setReadBigInts(true);
    let batch: Cell[][] = [];
    for (const row of statement.iterate()) {
      batch.push(columns.map((column) => toCell(column.kind, row[column.name])));
      if (batch.length < BATCH_ROWS) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  write({ name, columns }: CopiedTable, rows: readonly (readonly Cell[])[]): Promise<void> {
    const statement = this.#db.prepare(
      `INSERT INTO ${quoted(name)} (${columns.map((column) => quoted(column.name))}) VALUES (${
        columns.map(() => "?")
      })`,
    );
    for (const row of rows) statement.run(...columns.map(({ kind }, index) => fromCell(kind, row[index] ?? null)));
    return Promise.resolve();
  }

  moveOn(counters: ReadonlyMap<string, bigint>): Promise<void> {
    for (const [name, last] of counters) {
      if (name === "lease_epoch") this.#db.prepare("UPDATE lease_epoch SET last = max(last, ?)").run(last);
      else this.#moveIdsOn(name, last);
    }
    return Promise.resolve();
  }

  #moveIdsOn(table: string, last: bigint): void {
    const found = z.object({ sql: z.string() }).safeParse(
      this.#db.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table),
    );
    if (!found.success) throw new CopyFailed(`Cannot copy the counter ${table}: ${this.where} has none of that name`);
    // Without AUTOINCREMENT the next id is one more than the highest there is.
    if (!/\bAUTOINCREMENT\b/i.test(found.data.sql)) return;
    const { changes } = this.#db.prepare("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?").run(
      last,
      table,
    );
    if (changes === 0) this.#db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)").run(table, last);
  }
}

function toCell(kind: Kind, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  return canonical(kind, value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value));
}

function fromCell(kind: Kind, cell: Cell): SQLInputValue {
  if (cell === null) return null;
  switch (kind) {
    case "integer":
    case "boolean":
    case "instant":
      return BigInt(cell);
    case "number":
      return Number(cell);
    case "bytes":
      return Buffer.from(cell, "hex");
    case "json":
    case "text":
      return cell;
  }
}
