import type { Values } from "./spec.ts";

/** A word of a POSIX shell that stands for `text`. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Values as the scripts hold them: words with commas between them, `@jobs`, or nothing for anything. */
export function valuesWord(values: Values): string {
  if (values === null) return "";
  return typeof values === "string" ? `@${values}` : values.join(",");
}
