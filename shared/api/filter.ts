/**
 * The grammar of filters, the same in the portal, jobctl and the API: `status:failed job:backup* label:nightly,eu since:24h`.
 *
 * Terms are separated by spaces, and all of them must hold. `field:value` narrows by a field, and of values with commas between
 * them one must hold. Words without a field are searched for. A text in quotation marks keeps its spaces, commas and colons; within
 * it `\"` and `\\` are a quotation mark and a backslash.
 *
 * @module
 */
import { Invalid, nearest } from "../domain/mod.ts";

/** Longest filter, in characters. */
export const FILTER_MAX = 2_000;

/** A filter, taken apart. */
export interface Filter<Field extends string> {
  /** The words without a field, with a space between them; empty: none. */
  readonly words: string;
  /** The values of each field, once for each time that it stands there. */
  readonly terms: readonly FilterTerm<Field>[];
}

/** `field:value,value`. */
export interface FilterTerm<Field extends string> {
  /** The name of the field. */
  readonly field: Field;
  /** Its values, at least one; none is empty. */
  readonly values: readonly string[];
}

/** A value or a part of one: a text in quotation marks, or characters that separate nothing. */
const PART = /"((?:[^"\\]|\\.)*)"|([^\s",]+)/uy;
const FIELD = /([a-z_]+):/iy;

/**
 * Takes a filter apart.
 *
 * @throws {Invalid} of the field `filter`, when it has another field than `fields`, a field without a value, or an open quotation.
 *
 * @example
 * ```ts
 * import { parseFilter } from "@jobtrigger/shared/api";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseFilter('disk full label:eu,"month end"', ["label"]), {
 *   words: "disk full",
 *   terms: [{ field: "label", values: ["eu", "month end"] }],
 * });
 * ```
 */
export function parseFilter<Field extends string>(text: string, fields: readonly Field[]): Filter<Field> {
  if (text.length > FILTER_MAX) throw wrong(`found ${text.length} characters, expected at most ${FILTER_MAX}`);
  const words: string[] = [];
  const terms: FilterTerm<Field>[] = [];
  for (let at = skipSpaces(text, 0); at < text.length; at = skipSpaces(text, at)) {
    const name = matchAt(FIELD, text, at);
    if (name === null) {
      const word = readValue(text, at, { keepsCommas: true });
      words.push(word.value);
      at = word.end;
      continue;
    }
    const field = fieldNamed(name[1] ?? "", fields);
    at += name[0].length;
    const values: string[] = [];
    while (true) {
      const { value, end } = readValue(text, at, { keepsCommas: false });
      if (value === "") throw wrong(`"${field}:" has no value; write ${field}:value, or ${field}:one,other`);
      values.push(value);
      at = end;
      if (text[at] !== ",") break;
      at += 1;
    }
    terms.push({ field, values });
  }
  return { words: words.join(" ").trim(), terms };
}

/**
 * The text of a filter, which {@linkcode parseFilter} takes apart again; null: it has no terms.
 *
 * @example
 * ```ts
 * import { formatFilter } from "@jobtrigger/shared/api";
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatFilter([{ field: "label", values: ["eu", "month end"] }]), 'label:eu,"month end"');
 * ```
 */
export function formatFilter<Field extends string>(terms: readonly FilterTerm<Field>[]): string | null {
  const texts = terms.map(({ field, values }) => `${field}:${values.map(quoted).join(",")}`);
  return texts.length === 0 ? null : texts.join(" ");
}

function quoted(value: string): string {
  return /^[\w.*/-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

function readValue(
  text: string,
  start: number,
  { keepsCommas }: { readonly keepsCommas: boolean },
): { readonly value: string; readonly end: number } {
  let value = "";
  let at = start;
  while (at < text.length) {
    const part = matchAt(PART, text, at);
    if (part !== null) {
      value += part[1]?.replace(/\\(.)/gu, "$1") ?? part[2] ?? "";
      at += part[0].length;
    } else if (text[at] === '"') {
      throw wrong(`a quotation mark is open from character ${at + 1} on; expected another one at its end`);
    } else if (keepsCommas && text[at] === ",") {
      value += ",";
      at += 1;
    } else break;
  }
  return { value, end: at };
}

function fieldNamed<Field extends string>(name: string, fields: readonly Field[]): Field {
  const field = fields.find((known) => known === name.toLowerCase());
  if (field !== undefined) return field;
  const near = nearest(name, fields);
  const meant = near === null ? `expected ${listed(fields)}` : `did you mean "${near}:"?`;
  throw wrong(`there is no field "${name}:" here, ${meant} To search for the text, put it in quotation marks`);
}

function listed(fields: readonly string[]): string {
  return `${fields.slice(0, -1).map((field) => `${field}:`).join(", ")} or ${fields.at(-1)}:.`;
}

function skipSpaces(text: string, at: number): number {
  return at + (/^\s*/u.exec(text.slice(at))?.[0].length ?? 0);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function wrong(message: string): Invalid {
  return new Invalid([{ field: "filter", message }]);
}
