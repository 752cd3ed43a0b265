import type { Io } from "../io.ts";
import { isColored, painted, type Tone } from "./color.ts";
import { fitted, GAP } from "./fit.ts";
import { formOf, type OutputFlags } from "./form.ts";
import { oneLine } from "./text.ts";
import { padded, shortened, widthOf } from "./width.ts";

/** A column of a list: its heading, a row's text, and how it is shown. */
export type Column<Row> = readonly [heading: string, text: (row: Row) => string, look?: Look<Row>];

/** How a column is shown. */
export interface Look<Row> {
  /** Only in a wide table. */
  readonly isWide?: boolean;
  /** Whether its cells are shortened where the terminal is too narrow. */
  readonly shrinks?: boolean;
  /** How good a row's cell is. */
  readonly tone?: (row: Row) => Tone;
}

/**
 * Writes rows: on a terminal as a table with headings, as wide as its widest rows or the terminal; else one row a line, cells
 * separated by tabs, without headings. The rows that come first decide the widths.
 */
export class Table<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #io: Io;
  readonly #hasColor: boolean;
  readonly #isWide: boolean;
  #widths: readonly number[] | null = null;

  constructor(io: Io, flags: OutputFlags, columns: readonly Column<Row>[]) {
    this.#io = io;
    this.#isWide = formOf(flags) === "wide";
    this.#columns = this.#isWide ? columns : columns.filter(([, , look]) => look?.isWide !== true);
    this.#hasColor = isColored(io, flags);
  }

  /** The lines of some more rows, with the headings before the first. */
  lines(rows: readonly Row[]): readonly string[] {
    const cells = rows.map((row) => this.#columns.map(([, text]) => oneLine(text(row))));
    if (!this.#io.isTerminal) return rows.map((row, index) => this.#painted(row, cells[index] ?? []).join("\t"));
    const headings = this.#widths === null ? [this.#columns.map(([heading]) => heading)] : [];
    const widths = this.#widths ??= this.#fitted([...headings, ...cells]);
    const aligned = (line: readonly string[]) => line.map((cell, index) => this.#cell(cell, index, widths));
    return [
      ...headings.map((line) => joined(aligned(line))),
      ...rows.map((row, index) => joined(this.#painted(row, aligned(cells[index] ?? [])))),
    ];
  }

  #fitted(lines: readonly (readonly string[])[]): readonly number[] {
    const columns = this.#columns.map(([, , look], index) => ({
      width: Math.max(...lines.map((line) => widthOf(line[index] ?? ""))),
      shrinks: look?.shrinks === true,
    }));
    return fitted(columns, this.#isWide ? Infinity : this.#io.size().columns);
  }

  #cell(text: string, index: number, widths: readonly number[]): string {
    const width = widths[index] ?? 0;
    const isShort = this.#columns[index]?.[2]?.shrinks === true && !this.#isWide;
    return padded(isShort ? shortened(text, width) : text, width);
  }

  #painted(row: Row, cells: readonly string[]): readonly string[] {
    if (!this.#hasColor) return cells;
    return cells.map((cell, index) => {
      const tone = this.#columns[index]?.[2]?.tone?.(row);
      // The spaces behind a word stay as they are: a coloured background would show them.
      return tone === undefined ? cell : cell.replace(/\S(?:.*\S)?/su, (word) => painted(word, tone));
    });
  }
}

/** Prints rows as a {@linkcode Table}. */
export async function printTable<Row>(
  io: Io,
  flags: OutputFlags,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): Promise<void> {
  await io.out(new Table(io, flags, columns).lines(rows).map((line) => `${line}\n`).join(""));
}

function joined(cells: readonly string[]): string {
  return cells.join(" ".repeat(GAP)).trimEnd();
}
