import { z } from "zod";
import { type EpochMs, epochMs } from "../../domain/brand.ts";
import type { Migration } from "../migration.ts";
import { Connection, type Session } from "../postgres/connection.ts";
import { inspect, migrate } from "../postgres/migrate.ts";
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
} from "./side.ts";

/** How long one side may wait for the other before the server gives the copy up. */
const IDLE_MS = 600_000;

/** Catalogue names of types; an array is any type of category A, an enum is written like text. */
const KINDS: Readonly<Record<string, Kind>> = {
  int2: "integer",
  int4: "integer",
  int8: "integer",
  float4: "number",
  float8: "number",
  numeric: "number",
  bool: "boolean",
  timestamptz: "instant",
  json: "json",
  jsonb: "json",
  text: "text",
  varchar: "text",
  bpchar: "text",
  uuid: "text",
  bytea: "bytes",
};

/** The tables that hold rows themselves, parts of others aside. */
const OURS = `c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`;

const TABLES = `
  SELECT c.relname AS name,
    to_json(ARRAY(SELECT DISTINCT r.relname FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND r.oid <> c.oid)::text[])::text AS references,
    to_json(ARRAY(SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
      WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum))::text[])::text AS key
  FROM pg_class c
  WHERE ${OURS}
  ORDER BY c.relname`;

const COLUMNS = `
  SELECT c.relname AS "table", a.attname AS name, t.typname AS base, format_type(a.atttypid, a.atttypmod) AS type,
    t.typcategory::text AS category, a.attgenerated <> '' AS is_generated,
    pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  WHERE ${OURS}
  ORDER BY c.relname, a.attnum`;

/** Sequences that belong to no column. */
const SEQUENCES = `
  SELECT c.relname AS name FROM pg_class c
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'S'
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i'))`;

const texts = z.string().transform((json) => z.array(z.string()).parse(JSON.parse(json)));
const tableRows = z.array(z.object({ name: z.string(), references: texts, key: texts }));
const columnRows = z.array(z.object({
  table: z.string(),
  name: z.string(),
  base: z.string(),
  type: z.string(),
  category: z.string(),
  is_generated: z.boolean(),
  sequence: z.string().nullable(),
}));
const nameRows = z.array(z.object({ name: z.string() }));
const numberRow = z.tuple([z.object({ n: z.number() })]);
const sequenceRow = z.tuple([z.object({ last: z.string().transform(BigInt), is_called: z.boolean() })]);
const cellRows = z.array(z.record(z.string(), z.string().nullable()));

/** A column as PostgreSQL knows it. */
type CatalogueColumn = z.infer<typeof columnRows>[number];

/** Options for a database. */
export interface PostgresSideOptions {
  readonly url: string;
  readonly migrations: readonly Migration[];
}

/** Runs `work` on the database as it is now, whatever others write meanwhile. @throws {Invalid} when it cannot be a source. */
export async function withPostgresSource<Result>(
  { url, migrations }: PostgresSideOptions,
  work: (source: Side) => Promise<Result>,
): Promise<Result> {
  return await withConnection(url, (connection) =>
    connection.transaction(async (session) => {
      await session.all("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      await session.all("SET LOCAL TimeZone = 'UTC'");
      assertUpToDate(connection.where, await inspect(connection, session, migrations), migrations);
      return await work(await PostgresSide.of(connection.where, session));
    }, { idleMs: IDLE_MS }));
}

/** Runs `work` on an empty database, brought up to date first. @throws {Invalid} when it holds rows or is not ours. */
export async function withPostgresTarget<Result>(
  { url, migrations }: PostgresSideOptions,
  work: (target: Target) => Promise<Result>,
): Promise<Result> {
  return await withConnection(url, async (connection) => {
    // Checked before it is migrated, so that a database that cannot be used stays as it is.
    const applied = await inspect(connection, connection, migrations);
    if (applied.size > 0) await assertEmpty(await PostgresSide.of(connection.where, connection));
    await migrate(connection, migrations);
    const result = await connection.transaction(async (session) => {
      await session.all("SET LOCAL TimeZone = 'UTC'");
      const target = await PostgresSide.of(connection.where, session);
      await target.lock();
      // Checked again, now that nobody else writes.
      await assertEmpty(target);
      return await work(target);
    }, { idleMs: IDLE_MS });
    // Until the server has looked at the rows, it plans for empty tables.
    await connection.all("ANALYZE");
    return result;
  });
}

async function withConnection<Result>(url: string, work: (connection: Connection) => Promise<Result>): Promise<Result> {
  const connection = new Connection({ url, max: 1 });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

class PostgresSide implements Target {
  readonly where: string;
  readonly #session: Session;
  readonly #columns: readonly CatalogueColumn[];

  private constructor(where: string, session: Session, columns: readonly CatalogueColumn[]) {
    this.where = where;
    this.#session = session;
    this.#columns = columns;
  }

  static async of(where: string, session: Session): Promise<PostgresSide> {
    return new PostgresSide(where, session, columnRows.parse(await session.all(COLUMNS)));
  }

  async now(): Promise<EpochMs> {
    const [row] = numberRow.parse(
      await this.#session.all("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS n"),
    );
    return epochMs(row.n);
  }

  async tables(): Promise<readonly Table[]> {
    const tables = tableRows.parse(await this.#session.all(TABLES)).filter(({ name }) => !MECHANISM.includes(name));
    return tables.map((table) => ({
      ...table,
      columns: this.#columns.filter((column) => column.table === table.name).map((column) => ({
        name: column.name,
        kind: kindOf(column),
        isGenerated: column.is_generated,
      })),
    }));
  }

  async count(table: string): Promise<number> {
    const [row] = numberRow.parse(await this.#session.all(`SELECT count(*) AS n FROM ${quoted(table)}`));
    return row.n;
  }

  /** Keeps others from writing, not from reading, until the end of the transaction. */
  async lock(): Promise<void> {
    const names = (await this.tables()).map(({ name }) => quoted(name));
    await this.#session.all(`LOCK TABLE ${names.join(", ")} IN EXCLUSIVE MODE`);
  }

  async counters(): Promise<ReadonlyMap<string, bigint>> {
    const counters = new Map<string, bigint>();
    for (const [name, sequence] of await this.#sequences()) {
      const [{ last, is_called }] = sequenceRow.parse(
        await this.#session.all(`SELECT last_value::text AS last, is_called FROM ${sequence}`),
      );
      counters.set(name, is_called ? last : last - 1n);
    }
    return counters;
  }

  async *read(table: CopiedTable): AsyncGenerator<readonly (readonly Cell[])[]> {
    const { columns } = table;
    const expressions = columns.map(({ name, kind }, index) => `${this.#written(table.name, name, kind)} AS c${index}`);
    await this.#session.all(`DECLARE copied NO SCROLL CURSOR FOR ${selectAll(table, expressions)}`);
    while (true) {
      const rows = cellRows.parse(await this.#session.all(`FETCH ${BATCH_ROWS} FROM copied`));
      if (rows.length === 0) break;
      yield rows.map((row) => columns.map(({ kind }, index) => toCell(kind, row[`c${index}`] ?? null)));
    }
    await this.#session.all("CLOSE copied");
  }

  async write(table: CopiedTable, rows: readonly (readonly Cell[])[]): Promise<void> {
    const names = table.columns.map(({ name }) => quoted(name));
    const arrays = table.columns.map((_, index) => `$${index + 1}::text[]`);
    const cells = table.columns.map((_, index) => `c${index}`);
    const values = table.columns.map(({ name, kind }, index) => this.#parsed(table.name, name, kind, `c${index}`));
    await this.#session.all(
      `INSERT INTO ${quoted(table.name)} (${names.join(", ")}) OVERRIDING SYSTEM VALUE
      SELECT ${values.join(", ")} FROM unnest(${arrays.join(", ")}) AS r (${cells.join(", ")})`,
      table.columns.map((_, index) => rows.map((row) => row[index] ?? null)),
    );
  }

  async moveOn(counters: ReadonlyMap<string, bigint>): Promise<void> {
    const own = await this.counters();
    const sequences = await this.#sequences();
    for (const [name, last] of counters) {
      const sequence = sequences.get(name);
      if (sequence === undefined && !this.#columns.some(({ table }) => table === name)) {
        throw new CopyFailed(`Cannot copy the counter ${name}: ${this.where} has none of that name`);
      }
      if (sequence === undefined || last <= (own.get(name) ?? 0n)) continue;
      await this.#session.all("SELECT setval($1::regclass, $2::bigint)::text", [sequence, String(last)]);
    }
  }

  /** Sequences as SQL names them, by the name of their counter. */
  async #sequences(): Promise<ReadonlyMap<string, string>> {
    const free = nameRows.parse(await this.#session.all(SEQUENCES));
    return new Map([
      ...this.#columns.flatMap(({ table, sequence }): [string, string][] =>
        sequence === null ? [] : [[table, sequence]]
      ),
      ...free.map(({ name }): [string, string] => [name, quoted(name)]),
    ]);
  }

  #typeOf(table: string, name: string): CatalogueColumn {
    const found = this.#columns.find((column) => column.table === table && column.name === name);
    if (found === undefined) throw new CopyFailed(`Cannot copy ${table}.${name}: ${this.where} has no such column`);
    return found;
  }

  /** SQL that writes a column as text, which {@linkcode canonical} makes canonical. */
  #written(table: string, name: string, kind: Kind): string {
    const column = quoted(name);
    switch (kind) {
      case "boolean":
        return `${column}::int::text`;
      case "instant":
        return `(extract(epoch FROM ${column}) * 1000)::bigint::text`;
      case "json":
        return this.#typeOf(table, name).category === "A" ? `to_jsonb(${column})::text` : `${column}::text`;
      case "bytes":
        return `encode(${column}, 'hex')`;
      case "integer":
      case "number":
      case "text":
        return `${column}::text`;
    }
  }

  /** SQL that makes a column's value of the canonical text `cell`. */
  #parsed(table: string, name: string, kind: Kind, cell: string): string {
    const { type, category } = this.#typeOf(table, name);
    switch (kind) {
      case "boolean":
        return `${cell} = '1'`;
      case "instant":
        // Days and seconds apart: as one number of seconds, instants far from 1970 would lose their milliseconds.
        return `timestamptz 'epoch' + make_interval(days => (${cell}::bigint / 86400000)::int,
          secs => (${cell}::bigint % 86400000) / 1000.0)`;
      case "json":
        if (category !== "A") return `${cell}::${type}`;
        return `CASE WHEN ${cell} IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(${cell}::jsonb))::${type} END`;
      case "bytes":
        return `decode(${cell}, 'hex')`;
      case "integer":
      case "number":
      case "text":
        return `${cell}::${type}`;
    }
  }
}

function kindOf({ table, name, base, type, category }: CatalogueColumn): Kind {
  const kind = category === "A" ? "json" : category === "E" ? "text" : KINDS[base];
  if (kind === undefined) throw new CopyFailed(`Cannot copy ${table}.${name}: its type ${type} is not known`);
  return kind;
}

function toCell(kind: Kind, value: string | null): Cell {
  return value === null ? null : canonical(kind, value);
}
