import { commonKind } from "./cells.ts";
import { type CopiedTable, CopyFailed, type Table } from "./side.ts";

/**
 * The tables to copy, each after those it refers to.
 *
 * @throws {CopyFailed} when one side has a table or a column that the other has not, or the types of a column do not match.
 */
export function planCopy(source: readonly Table[], target: readonly Table[]): readonly CopiedTable[] {
  assertSame("table", source.map(({ name }) => name), target.map(({ name }) => name));
  return inOrder(target).map((table) => {
    const from = source.find(({ name }) => name === table.name);
    return planTable(from ?? table, table);
  });
}

function planTable(from: Table, to: Table): CopiedTable {
  // What the target computes itself is not written; the source may compute it as well or not have it.
  const written = to.columns.filter(({ isGenerated }) => !isGenerated);
  const read = from.columns.filter(({ name, isGenerated }) =>
    !isGenerated || written.some((column) => column.name === name)
  ).filter(({ name }) => !to.columns.some((column) => column.name === name && column.isGenerated));
  const path = (name: string) => `${to.name}.${name}`;
  assertSame("column", read.map(({ name }) => path(name)), written.map(({ name }) => path(name)));
  const columns = written.map(({ name, kind }) => {
    const other = read.find((column) => column.name === name)?.kind ?? kind;
    const common = commonKind(kind, other);
    if (common !== null) return { name, kind: common };
    throw new CopyFailed(`Cannot copy ${path(name)}: it is ${other} in the source and ${kind} in the target`);
  });
  return { name: to.name, key: from.key, columns };
}

function assertSame(what: string, source: readonly string[], target: readonly string[]): void {
  const only = (side: string, names: readonly string[], others: readonly string[]) =>
    names.filter((name) => !others.includes(name)).map((name) => `${name} only in the ${side}`);
  const different = [...only("source", source, target), ...only("target", target, source)];
  if (different.length === 0) return;
  throw new CopyFailed(`Cannot copy between different schemas: ${what}s ${different.join(", ")}`);
}

/** Tables after those they refer to; where they refer to each other, as they come. */
function inOrder(tables: readonly Table[]): readonly Table[] {
  const ordered = new Set<Table>();
  const visiting = new Set<Table>();
  const visit = (table: Table) => {
    if (ordered.has(table) || visiting.has(table)) return;
    visiting.add(table);
    for (const other of tables) if (table.references.includes(other.name)) visit(other);
    ordered.add(table);
  };
  tables.forEach(visit);
  return [...ordered];
}
