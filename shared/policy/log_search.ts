/**
 * Looks for a text in output as it streams by, and finds the lines that have it, numbered as an editor numbers those of the
 * downloaded file.
 *
 * It looks for the text as it is, in upper or lower case, in what a terminal would show of a line, without colours and other
 * control sequences. It keeps only the line that it reads, and of that no more than a row ({@linkcode ROW_CHARS}) and a chunk, so
 * that memory does not depend on what a script writes. A text that another stream interrupts is not found.
 *
 * @module
 */
import type { LogChunk, LogStream } from "../domain/mod.ts";

/** Longest text to look for, in UTF-16 units. */
export const MAX_SOUGHT = 200;

/** Longest row that is searched at once, in UTF-16 units: as long as a row on a page. */
const ROW_CHARS = 8192;

/** Longest text of a line that is answered. */
const SHOWN_CHARS = 2000;

/** Longest sequence that is waited for; a longer one is not one. */
const MAX_SEQUENCE = 4096;

/** A line with the text. */
export interface LogMatch {
  /** Its number, from 1. */
  readonly line: number;
  /** The stream that wrote it. */
  readonly stream: LogStream;
  /** What it says, without sequences; of a long line, the part around the text. */
  readonly text: string;
}

/** A search. */
export interface SoughtText {
  /** The text; empty, or with a line break: nothing is found. */
  readonly text: string;
  /** Only in this stream; absent: in all. */
  readonly stream?: LogStream;
  /** Only in this line and those after it; absent: in all. */
  readonly fromLine?: number;
}

/** A pattern of `text` as it is, in any case, for all its places. */
export function patternOfText(text: string): RegExp {
  return new RegExp(RegExp.escape(text), "giu");
}

/**
 * A search.
 *
 * @example
 * ```ts
 * import { LogSearch } from "@jobtrigger/shared/policy";
 * import { epochMs } from "@jobtrigger/shared/domain";
 * import assert from "node:assert/strict";
 *
 * const search = new LogSearch({ text: "DISK" }, 1);
 * const chunk = { seq: 0, stream: "stderr", at: epochMs(0), data: "ok\nno \x1b[31mdi\x1b[0msk\n" } as const;
 * assert.deepEqual(search.feed(chunk), [{ line: 2, stream: "stderr", text: "no disk" }]);
 * ```
 */
export class LogSearch {
  readonly #pattern: RegExp | null;
  readonly #overlap: number;
  readonly #only: LogStream | null;
  readonly #fromLine: number;
  #stream: LogStream = "stdout";
  #line: number;
  /** What has come of the line that is being read. */
  #row = "";
  /** The last line that was found. */
  #found = 0;
  /** Of each stream, the beginning of a sequence whose end has not come. */
  readonly #pending: Partial<Record<LogStream, string>> = {};

  /** Begins with a chunk whose first character is on `line`. */
  constructor({ text, stream, fromLine = 1 }: SoughtText, line: number) {
    // No line has a line break.
    this.#pattern = text === "" || text.includes("\n") ? null : patternOfText(text);
    this.#overlap = text.length - 1;
    this.#only = stream ?? null;
    this.#fromLine = fromLine;
    this.#line = line;
  }

  /** The line that is being read. */
  get line(): number {
    return this.#line;
  }

  /** Takes the next chunk, and answers the lines that it completes. */
  feed({ stream, data }: Pick<LogChunk, "stream" | "data">): readonly LogMatch[] {
    const found = stream === this.#stream ? [] : this.end();
    this.#stream = stream;
    if (this.#only !== null && stream !== this.#only) {
      this.#line += breaksIn(data, 0, data.length);
      return found;
    }
    const row = this.#row + this.#shown(data);
    const last = row.lastIndexOf("\n") + 1;
    this.#search(row.slice(0, last), found);
    this.#row = row.slice(last);
    if (this.#row.length > ROW_CHARS) {
      this.#search(this.#row, found);
      this.#row = this.#overlap === 0 ? "" : this.#row.slice(-this.#overlap);
    }
    return found;
  }

  /** The line that is being read, if it has the text: no more comes now. */
  end(): LogMatch[] {
    const found: LogMatch[] = [];
    this.#search(this.#row, found);
    this.#row = "";
    return found;
  }

  #search(rows: string, found: LogMatch[]): void {
    const pattern = this.#pattern;
    let at = 0;
    if (pattern !== null) pattern.lastIndex = 0;
    for (let match = pattern?.exec(rows); match; match = pattern?.exec(rows)) {
      this.#line += breaksIn(rows, at, match.index);
      at = match.index;
      const end = rows.indexOf("\n", at);
      if (this.#line !== this.#found && this.#line >= this.#fromLine) {
        const line = rows.slice(rows.lastIndexOf("\n", at) + 1, end === -1 ? rows.length : end);
        found.push({
          line: this.#line,
          stream: this.#stream,
          text: shortened(line, at - rows.lastIndexOf("\n", at) - 1),
        });
        this.#found = this.#line;
      }
      if (end === -1 || pattern === null) break;
      pattern.lastIndex = end;
    }
    this.#line += breaksIn(rows, at, rows.length);
  }

  /** What a terminal shows of `data`, line breaks included; a sequence may be cut anywhere between two chunks. */
  #shown(data: string): string {
    const text = (this.#pending[this.#stream] ?? "") + data;
    this.#pending[this.#stream] = "";
    const last = Math.max(text.lastIndexOf("\x1b"), text.lastIndexOf("\x9b"));
    if (last === -1) return text;
    const isOpen = text.length - last <= MAX_SEQUENCE && UNFINISHED.test(text.slice(last));
    if (isOpen) this.#pending[this.#stream] = text.slice(last);
    return (isOpen ? text.slice(0, last) : text).replace(CONTROL_SEQUENCE, "")
      .replace(STRING, (string) => "\n".repeat(breaksIn(string, 0, string.length)));
  }
}

/** Control sequences, and the rest but strings (ECMA-48 §5.3, §5.4). None can be read in two ways, nor goes on over another ESC. */
const CONTROL_SEQUENCE = new RegExp(String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-OQ-WYZ\\\x60-~]`, "g");
/** Strings that a terminal takes for itself, such as titles and links. */
const STRING = new RegExp(String.raw`\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\`, "g");
const UNFINISHED = new RegExp(
  String.raw`^(?:\x9b[0-?]*[ -/]*|\x1b(?:\[?[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?))$`,
);

function breaksIn(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** The part of a line around a place. */
function shortened(line: string, at: number): string {
  const start = line.length <= SHOWN_CHARS ? 0 : Math.max(0, Math.min(at - SHOWN_CHARS / 4, line.length - SHOWN_CHARS));
  const end = Math.min(line.length, start + SHOWN_CHARS);
  return `${start > 0 ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
}
