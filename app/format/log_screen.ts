/**
 * Turns output as it comes into lines, as a terminal of unlimited height would: colours, carriage return, backspace, erase in
 * line. Everything else a terminal would obey is dropped. The server renders with it, and the page goes on from where the server
 * stopped, so its whole state can be written as JSON ({@linkcode LogState}).
 *
 * Lines are numbered from 1 by the line breaks in the output, as an editor numbers those of the downloaded file; so a screen can
 * begin at any chunk. A line is shown as one row, or as several with one number: output of another stream starts a row of its
 * own, and a row ends at {@linkcode MAX_COLUMNS}, so that neither memory nor layout depends on what a script writes. Styles
 * belong to a stream.
 *
 * @module
 */
import type { LogStream } from "@jobtrigger/shared/domain";
import { applySgr, classesOf, PLAIN, type TextStyle } from "./ansi.ts";

/** Longest row, in UTF-16 units. */
export const MAX_COLUMNS = 8192;

/** What of a chunk matters here. */
export interface Output {
  readonly seq: number;
  readonly stream: LogStream;
  readonly data: string;
}

/** Text of one style; `classes` as in {@linkcode classesOf}. */
export interface Segment {
  readonly text: string;
  readonly classes: string;
}

/** One row of the log. */
export interface LogLine {
  /** Of the line it belongs to. */
  readonly number: number;
  /** Whether its line began in a row before. */
  readonly isContinued: boolean;
  readonly stream: LogStream;
  readonly segments: readonly Segment[];
}

/** Where a {@linkcode LogScreen} is, as JSON. */
export interface LogState {
  /** The chunk to go on with. */
  readonly nextSeq: number;
  /** Number of the line being written. */
  readonly number: number;
  readonly isContinued: boolean;
  readonly stream: LogStream;
  /** The row being written, and where in it. */
  readonly segments: readonly Segment[];
  readonly column: number;
  /** Per stream: the current style, and the start of a sequence whose end has not come yet. */
  readonly styles: Readonly<Partial<Record<LogStream, TextStyle>>>;
  readonly pending: Readonly<Partial<Record<LogStream, string>>>;
}

/** Before the first chunk. */
export const START: LogState = {
  nextSeq: 0,
  number: 1,
  isContinued: false,
  stream: "stdout",
  segments: [],
  column: 0,
  styles: {},
  pending: {},
};

/** Longest sequence that is waited for; a longer one is not one. */
const MAX_SEQUENCE = 4096;

const TOKEN = new RegExp(
  String
    .raw`[^\x00-\x08\x0a-\x1f\x7f-\x9f]+|[\n\r\b]|(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-OQ-WYZ\\\x60-~]|[^]`,
  "y",
);
const UNFINISHED = new RegExp(String.raw`(?:\x1b|\x9b)(?:\[?[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?)$`);

/** A cell of a line that is being overwritten. */
interface Cell {
  readonly text: string;
  readonly classes: string;
}

/** See the module. */
export class LogScreen {
  #nextSeq: number;
  #number: number;
  #isContinued: boolean;
  #stream: LogStream;
  #segments: Segment[];
  #column: number;
  #width: number;
  /** Set once something before the line's end is overwritten; then it, not `#segments`, is the line. */
  #cells: Cell[] | null = null;
  readonly #styles: Partial<Record<LogStream, TextStyle>>;
  readonly #pending: Partial<Record<LogStream, string>>;

  /** Starts at `state`, by default before the first chunk. */
  constructor(state: LogState = START) {
    this.#nextSeq = state.nextSeq;
    this.#number = state.number;
    this.#isContinued = state.isContinued;
    this.#stream = state.stream;
    this.#segments = [...state.segments];
    this.#width = state.segments.reduce((width, segment) => width + segment.text.length, 0);
    this.#column = state.column;
    this.#styles = { ...state.styles };
    this.#pending = { ...state.pending };
  }

  /** Takes the next chunk and returns the rows it completed. One that was taken already changes nothing. */
  feed({ seq, stream, data }: Output): LogLine[] {
    const done: LogLine[] = [];
    if (seq < this.#nextSeq) return done;
    this.#nextSeq = seq + 1;
    if (stream !== this.#stream) {
      if (this.#width > 0) done.push(this.#endRow());
      this.#stream = stream;
    }
    const text = (this.#pending[stream] ?? "") + data;
    const cut = UNFINISHED.exec(text.slice(-MAX_SEQUENCE))?.[0].length ?? 0;
    this.#pending[stream] = text.slice(text.length - cut);
    const end = text.length - cut;
    let style = this.#styles[stream] ?? PLAIN;
    let classes = classesOf(style);
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < end) {
      const [token, parameters, final] = TOKEN.exec(text) ?? [""];
      if (token === "\n") done.push(this.#endLine());
      else if (token === "\r") this.#column = 0;
      else if (token === "\b") this.#column = Math.max(0, this.#column - 1);
      else if (final === "m") classes = classesOf(style = applySgr(style, parameters ?? ""));
      else if (final === "K") this.#erase(parameters ?? "");
      else if (final === undefined && !isControl(token)) this.#write(token, classes, done);
      // Line breaks within what is dropped count, too.
      else this.#number += token.split("\n").length - 1;
    }
    this.#styles[stream] = style;
    return done;
  }

  /** The chunk to go on with. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Number of the line being written. */
  get number(): number {
    return this.#number;
  }

  /** The row being written; null while there is nothing on it. */
  get open(): LogLine | null {
    return this.#width === 0 ? null : this.#row();
  }

  /** Where this is now. */
  get state(): LogState {
    return {
      nextSeq: this.#nextSeq,
      ...this.#row(),
      column: this.#column,
      styles: { ...this.#styles },
      pending: { ...this.#pending },
    };
  }

  #write(text: string, classes: string, done: LogLine[]): void {
    let rest = text;
    while (rest !== "") {
      if (this.#column >= MAX_COLUMNS) done.push(this.#endRow());
      const part = rest.slice(0, MAX_COLUMNS - this.#column);
      rest = rest.slice(part.length);
      if (this.#column === this.#width && this.#cells === null) this.#append(part, classes);
      else this.#overwrite(part, classes);
    }
  }

  #append(text: string, classes: string): void {
    const last = this.#segments.at(-1);
    if (last?.classes === classes) this.#segments[this.#segments.length - 1] = { text: last.text + text, classes };
    else this.#segments.push({ text, classes });
    this.#column = this.#width += text.length;
  }

  #overwrite(text: string, classes: string): void {
    const cells = this.#cells ??= this.#segments.flatMap((segment) =>
      segment.text.split("").map((text) => ({ text, classes: segment.classes }))
    );
    for (const unit of text.split("")) cells[this.#column++] = { text: unit, classes };
    this.#width = cells.length;
  }

  /** `0` to the end, `1` up to here, `2` the whole line. */
  #erase(mode: string): void {
    const blank = mode === "1" || mode === "2" ? " ".repeat(Math.min(this.#column, this.#width)) : "";
    const kept = mode === "1" ? cut(this.#line(), this.#column, this.#width) : [];
    const before = blank === "" ? cut(this.#line(), 0, this.#column) : [{ text: blank, classes: "" }];
    this.#segments = mode === "2" ? [] : [...before, ...kept].filter((segment) => segment.text !== "");
    this.#cells = null;
    this.#width = this.#segments.reduce((width, segment) => width + segment.text.length, 0);
    this.#column = Math.min(this.#column, this.#width);
  }

  #endLine(): LogLine {
    const row = this.#endRow();
    this.#number += 1;
    this.#isContinued = false;
    return row;
  }

  #endRow(): LogLine {
    const row = this.#row();
    this.#isContinued = true;
    this.#segments = [];
    this.#cells = null;
    this.#column = this.#width = 0;
    return row;
  }

  #row(): LogLine {
    return {
      number: this.#number,
      isContinued: this.#isContinued,
      stream: this.#stream,
      segments: this.#line(),
    };
  }

  #line(): Segment[] {
    if (this.#cells === null) return this.#segments.slice();
    const line: Segment[] = [];
    for (const { text, classes } of this.#cells) {
      const last = line.at(-1);
      if (last?.classes === classes) line[line.length - 1] = { text: last.text + text, classes };
      else line.push({ text, classes });
    }
    return line;
  }
}

function cut(segments: readonly Segment[], from: number, to: number): Segment[] {
  const kept: Segment[] = [];
  let column = 0;
  for (const { text, classes } of segments) {
    const part = text.slice(Math.max(0, from - column), Math.max(0, to - column));
    if (part !== "") kept.push({ text: part, classes });
    column += text.length;
  }
  return kept;
}

function isControl(token: string): boolean {
  const code = token.charCodeAt(0);
  return code !== 9 && (code < 32 || (code >= 127 && code < 160));
}
