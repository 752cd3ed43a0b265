import type { EpochMs } from "@jobtrigger/shared/domain";
import { formatInstant, isoUtc } from "@jobtrigger/shared/time";
import type { Json } from "./forms.ts";
import type { Io } from "./io.ts";

/** A column of a list: its heading and a row's text. */
export type Column<Row> = readonly [heading: string, text: (row: Row) => string];

/** Prints a value as one JSON text and a line break. */
export async function printJson(io: Io, value: Json): Promise<void> {
  await io.out(`${JSON.stringify(value)}\n`);
}

/** Prints rows: on a terminal as a table with headings, else one row a line, cells separated by tabs, without headings. */
export async function printTable<Row>(io: Io, rows: readonly Row[], columns: readonly Column<Row>[]): Promise<void> {
  const cells = rows.map((row) => columns.map(([, text]) => oneLine(text(row))));
  if (!io.isTerminal) return await io.out(cells.map((line) => `${line.join("\t")}\n`).join(""));
  const table = [columns.map(([heading]) => heading), ...cells];
  const widths = columns.map((_, index) => Math.max(...table.map((line) => [...line[index] ?? ""].length)));
  const padded = table.map((line) =>
    line.map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - [...cell].length)).join("  ").trimEnd()
  );
  await io.out(`${padded.join("\n")}\n`);
}

/** Prints facts of one thing, a line each. */
export async function printFacts(
  io: Io,
  facts: readonly (readonly [name: string, value: string | null])[],
): Promise<void> {
  const shown = facts.filter((fact): fact is readonly [string, string] => fact[1] !== null);
  const width = Math.max(...shown.map(([name]) => name.length));
  await io.out(shown.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}\n`).join(""));
}

/** An instant: in the display zone on a terminal, else ISO UTC; `-` where there is none. */
export function instantText(io: Io, at: EpochMs | null, zone: string): string {
  if (at === null) return "-";
  return io.isTerminal ? formatInstant(at, zone) : isoUtc(at);
}

/** Names and messages come from people and scripts: control characters, which could steer a terminal, become spaces. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
