import type { Changes } from "../client/client.ts";
import type { Io } from "../io.ts";
import { formOf } from "./form.ts";
import type { ListFlags, Listing } from "./list_parts.ts";
import { Table } from "./table.ts";
import { oneLine } from "./text.ts";
import { jsonText, yamlText } from "./value.ts";

/** Shortest time between two reads, however much changes, in milliseconds. */
const PAUSE_MS = 1_000;
/** Longest time between two reads: the ages of heartbeats change without a change of rows. */
const LONGEST_MS = 10_000;

/** Where the cursor goes before a picture is drawn over the last one, and what clears the rest behind it. */
const [HOME, CLEAR_LINE, CLEAR_REST, CLEAR_ALL] = ["\x1b[H", "\x1b[K", "\x1b[J", "\x1b[2J"];

/**
 * Prints the first page of a list again and again, until Ctrl-C, which is the ordinary end. On a terminal each picture is drawn
 * over the last one; else, and for programs, only rows are printed that are new or have changed, as a line of JSON or a YAML
 * document each.
 */
export async function watchListing<Row>(
  io: Io,
  flags: ListFlags,
  changes: Changes,
  listing: Listing<Row>,
): Promise<void> {
  const signal = io.interruption();
  const form = formOf(flags);
  const show = io.isTerminal && (form === "text" || form === "wide")
    ? pictures(io, flags, listing)
    : appended(io, flags, listing);
  while (!signal.aborted) {
    const version = changes.version();
    const { items } = await listing.read({ limit: flags.limit });
    await show(items);
    await io.clock.sleep(PAUSE_MS, signal);
    await somethingChanges(io, changes, version, signal);
  }
}

async function somethingChanges(io: Io, changes: Changes, version: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    await Promise.race([changes.after(version, either), io.clock.sleep(LONGEST_MS - PAUSE_MS, either)]);
  } finally {
    stop.abort();
  }
}

function pictures<Row>(io: Io, flags: ListFlags, { columns }: Listing<Row>): (rows: readonly Row[]) => Promise<void> {
  let before = CLEAR_ALL;
  return async (rows) => {
    const lines = new Table(io, flags, columns).lines(rows);
    // One line stays free for the cursor, or the terminal would scroll.
    const most = Math.max(2, io.size().rows - 1);
    const shown = lines.length <= most ? lines : [...lines.slice(0, most - 1), `… ${lines.length - most + 1} more`];
    await io.out(`${before}${HOME}${shown.map((line) => `${line}${CLEAR_LINE}\n`).join("")}${CLEAR_REST}`);
    before = "";
  };
}

function appended<Row>(
  io: Io,
  flags: ListFlags,
  { columns, form, name }: Listing<Row>,
): (rows: readonly Row[]) => Promise<void> {
  const table = new Table(io, flags, columns);
  const textOf = async (row: Row): Promise<string> => {
    switch (formOf(flags)) {
      case "json":
        return `${jsonText(form(row))}\n`;
      case "yaml":
        return `---\n${await yamlText(form(row))}`;
      case "name":
      case "text":
      case "wide":
        return table.lines([row]).map((line) => `${line}\n`).join("");
    }
  };
  let shown: ReadonlyMap<string, string> = new Map();
  return async (rows) => {
    const texts = new Map(await Promise.all(rows.map(async (row) => [name(row), await textOf(row)] as const)));
    const fresh = [...texts].filter(([key, text]) => shown.get(key) !== text);
    shown = texts;
    const isNames = formOf(flags) === "name";
    await io.out(fresh.map(([key, text]) => isNames ? `${oneLine(key)}\n` : text).join(""));
  };
}
