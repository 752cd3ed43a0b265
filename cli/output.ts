import { type EpochMs, markUnseen, withoutUnseen } from "@jobtrigger/shared/domain";
import { formatInstant, isoUtc } from "@jobtrigger/shared/time";
import type { Json } from "@jobtrigger/shared/api";
import type { Io } from "./io.ts";

/** A column of a list: its heading and a row's text. */
export type Column<Row> = readonly [heading: string, text: (row: Row) => string];

/** Prints a value as one JSON text and a line break. */
export async function printJson(io: Io, value: Json): Promise<void> {
  await io.out(`${markUnseen(JSON.stringify(value))}\n`);
}

/** Prints rows: on a terminal as a table with headings, else one row a line, cells separated by tabs, without headings. */
export async function printTable<Row>(io: Io, rows: readonly Row[], columns: readonly Column<Row>[]): Promise<void> {
  const headings = io.isTerminal ? [columns.map(([heading]) => heading)] : [];
  await printLines(io, [...headings, ...rows.map((row) => columns.map(([, text]) => text(row)))]);
}

/** Prints facts of one thing, a line each: its name and its value. Facts without a value are left out. */
export async function printFacts(
  io: Io,
  facts: readonly (readonly [name: string, value: string | null])[],
): Promise<void> {
  await printLines(io, facts.filter((fact): fact is readonly [string, string] => fact[1] !== null));
}

/** An instant: in the display zone on a terminal, else ISO UTC; `-` where there is none. */
export function instantText(io: Io, at: EpochMs | null, zone: string): string {
  if (at === null) return "-";
  return io.isTerminal ? formatInstant(at, zone) : isoUtc(at);
}

/** Text for one line of a terminal. Names and messages come from people and scripts, so invisible characters become marks. */
export function oneLine(text: string): string {
  return withoutUnseen(text);
}

/** On a terminal cells are padded to columns, else separated by tabs. */
async function printLines(io: Io, lines: readonly (readonly string[])[]): Promise<void> {
  const cells = lines.map((line) => line.map(oneLine));
  if (!io.isTerminal) return await io.out(cells.map((line) => `${line.join("\t")}\n`).join(""));
  const widths = (cells[0] ?? []).map((_, index) => Math.max(...cells.map((line) => widthOf(line[index] ?? ""))));
  const padded = cells.map((line) =>
    line.map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - widthOf(cell))).join("  ").trimEnd()
  );
  await io.out(padded.map((line) => `${line}\n`).join(""));
}

/** Characters that take two columns of a terminal (Unicode, East Asian Width W and F, for the scripts in use). */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** Characters that are drawn onto the one before. */
const COMBINING = /[\p{Mn}\p{Me}\u200b-\u200d\ufe0f]/u;

function widthOf(text: string): number {
  return [...text].reduce((sum, char) => sum + (COMBINING.test(char) ? 0 : WIDE.test(char) ? 2 : 1), 0);
}
