/**
 * Lists, page by page: one page with where it ends; with `--all` every page, each printed before the next is read; with `--watch`
 * what changes.
 *
 * @module
 */
import type { Changes } from "../client/client.ts";
import type { Io } from "../io.ts";
import { formOf, type OutputFlags } from "./form.ts";
import type { ListFlags, Listing } from "./list_parts.ts";
import { Table } from "./table.ts";
import { oneLine } from "./text.ts";
import { jsonText, yamlText } from "./value.ts";
import { watchListing } from "./watch.ts";

/** Most rows of a page. */
export const PAGE_MAX = 200;

/** Prints a list as flags ask for. */
export async function printListing<Row>(
  io: Io,
  flags: ListFlags,
  changes: Changes,
  listing: Listing<Row>,
): Promise<void> {
  if (flags.watch) return await watchListing(io, flags, changes, listing);
  const printer = printerOf(io, flags, listing);
  let cursor = flags.cursor;
  while (true) {
    const limit = flags.all ? PAGE_MAX : flags.limit;
    const { items, next } = await listing.read({ limit, ...(cursor !== undefined && { cursor }) });
    await io.out(await printer.rows(items));
    if (next === null || !flags.all) {
      await io.out(printer.end());
      if (next !== null) await io.err(`There are more: --cursor ${next}\n`);
      return;
    }
    cursor = next;
  }
}

/** Writes the rows of all pages as one text. */
interface Printer<Row> {
  rows(rows: readonly Row[]): string | Promise<string>;
  end(): string;
}

function printerOf<Row>(io: Io, flags: OutputFlags, { columns, form, name }: Listing<Row>): Printer<Row> {
  let isFirst = true;
  const between = () => isFirst ? (isFirst = false, "[") : ",";
  switch (formOf(flags)) {
    case "json":
      return {
        rows: (rows) => rows.map((row) => between() + jsonText(form(row))).join(""),
        end: () => isFirst ? "[]\n" : "]\n",
      };
    case "yaml":
      return {
        rows: async (rows) => {
          isFirst &&= rows.length === 0;
          return (await Promise.all(rows.map((row) => yamlText([form(row)])))).join("");
        },
        end: () => isFirst ? "[]\n" : "",
      };
    case "name":
      return { rows: (rows) => rows.map((row) => `${oneLine(name(row))}\n`).join(""), end: () => "" };
    case "text":
    case "wide": {
      const table = new Table(io, flags, columns);
      return { rows: (rows) => table.lines(rows).map((line) => `${line}\n`).join(""), end: () => "" };
    }
  }
}
