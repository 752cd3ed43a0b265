import type { Io } from "../io.ts";
import { isColored, painted, type Tone } from "./color.ts";
import type { OutputFlags } from "./form.ts";
import { oneLine } from "./text.ts";
import { padded, widthOf } from "./width.ts";

/** A fact of one thing: its name, its value, and how good that is. */
export type Fact = readonly [name: string, value: string | null, tone?: Tone];

/** Prints facts of one thing, a line each: its name and its value. Facts without a value are left out. */
export async function printFacts(io: Io, flags: OutputFlags, facts: readonly Fact[]): Promise<void> {
  const lines = facts.flatMap(([name, value, tone]) => value === null ? [] : [{ name, value: oneLine(value), tone }]);
  const width = Math.max(0, ...lines.map(({ name }) => widthOf(name)));
  const hasColor = isColored(io, flags);
  await io.out(
    lines.map(({ name, value, tone }) => {
      const text = hasColor && tone !== undefined ? painted(value, tone) : value;
      return io.isTerminal ? `${padded(name, width)}  ${text}\n` : `${name}\t${text}\n`;
    }).join(""),
  );
}
