/**
 * Turns output as it comes into lines, as a terminal of unlimited height would: colours, carriage return, backspace, erase in
 * line. Every other sequence is dropped. The server renders with it, and the page continues where the server
 * stopped, so its whole state can be written as JSON ({@linkcode LogState}).
 *
 * Lines are numbered from 1 by the line breaks in the output, as an editor numbers those of the downloaded file; so a screen can
 * begin at any chunk. A line is shown as one row, or as several with one number: output of another stream starts a row of its
 * own, and a row ends at {@linkcode MAX_COLUMNS}, so that neither memory nor layout depends on what a script writes. Styles
 * belong to a stream.
 *
 * Each byte of output is looked at a fixed number of times, and a row has a budget ({@linkcode LogRow}). The rest of a line that
 * is over its budget is shown as plain text in rows of its own, which say so (`isPlain`).
 *
 * @module
 */
import type { LogStream } from "@jobtrigger/shared/domain";
import { applySgr, classesOf, PLAIN, type TextStyle } from "./ansi.ts";
import { LogRow, type Segment } from "./log_row.ts";

export { MAX_COLUMNS, type Segment } from "./log_row.ts";

/** The part of a chunk that is used here. */
export interface Output {
  readonly seq: number;
  readonly stream: LogStream;
  readonly data: string;
}

/** One row of the log. */
export interface LogLine {
  /** Of the line it belongs to. */
  readonly number: number;
  /** Whether its line began in a row before. */
  readonly isContinued: boolean;
  readonly stream: LogStream;
  readonly segments: readonly Segment[];
  /** Whether it is over its budget, so that part of it is not drawn. */
  readonly isPlain: boolean;
}

/** Where a {@linkcode LogScreen} is, as JSON. */
export interface LogState {
  /** The chunk to go on with. */
  readonly nextSeq: number;
  /** Number of the line being written. */
  readonly number: number;
  readonly isContinued: boolean;
  /** Whether that line is over its budget: the rest of it is shown as plain text. */
  readonly isPlain: boolean;
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
  isPlain: false,
  stream: "stdout",
  segments: [],
  column: 0,
  styles: {},
  pending: {},
};

/** Longest sequence that is waited for; a longer one is not one. */
const MAX_SEQUENCE = 4096;

// Text; line breaks; returns; steps back; a sequence (CSI, OSC and other strings, the rest); what else is dropped; anything.
// No part can be read in two ways and none goes on over another ESC, so that it takes time in proportion to what it reads.
const TOKEN = new RegExp(
  String
    .raw`[^\x00-\x08\x0a-\x1f\x7f-\x9f]+|\n+|\r+|\x08+|(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-OQ-WYZ\\\x60-~]|[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9a\x9c-\x9f]+|[^]`,
  "y",
);
/** A sequence whose end has not come yet. */
const UNFINISHED = new RegExp(
  String.raw`(?:\x9b[0-?]*[ -/]*|\x1b(?:\[?[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?))$`,
  "y",
);

/** See the module. */
export class LogScreen {
  #nextSeq: number;
  #number: number;
  #isContinued: boolean;
  #isPlain: boolean;
  #stream: LogStream;
  #parsed = 0;
  readonly #row: LogRow = new LogRow();
  readonly #styles: Partial<Record<LogStream, TextStyle>>;
  readonly #pending: Partial<Record<LogStream, string>>;

  /** Starts at `state`, by default before the first chunk. */
  constructor(state: LogState = START) {
    this.#nextSeq = state.nextSeq;
    this.#number = state.number;
    this.#isContinued = state.isContinued;
    this.#isPlain = state.isPlain;
    this.#stream = state.stream;
    for (const { text, classes } of state.segments) this.#row.write(text, classes);
    this.#row.moveTo(state.column);
    this.#styles = { ...state.styles };
    this.#pending = { ...state.pending };
  }

  /** Takes the next chunk and returns the completed rows. A chunk that was taken already changes nothing. */
  feed({ seq, stream, data }: Output): LogLine[] {
    const done: LogLine[] = [];
    if (seq < this.#nextSeq) return done;
    this.#nextSeq = seq + 1;
    if (stream !== this.#stream) {
      if (this.#row.width > 0) done.push(this.#endRow());
      this.#stream = stream;
    }
    const text = (this.#pending[stream] ?? "") + data;
    this.#parsed += text.length;
    this.#pending[stream] = "";
    let style = this.#styles[stream] ?? PLAIN;
    let classes = classesOf(style);
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const start = TOKEN.lastIndex;
      const [token, parameters, final] = TOKEN.exec(text) ?? [""];
      const first = token.charCodeAt(0);
      if (first === ESC || first === CSI) {
        if (token.length === 1 && text.length - start <= MAX_SEQUENCE && isUnfinished(text, start)) {
          this.#pending[stream] = text.slice(start);
          break;
        }
        if (final === "m") classes = classesOf(style = applySgr(style, parameters ?? ""));
        else if (final === "K" && !this.#isPlain && !this.#row.erase(parameters ?? "")) this.#goPlain(done);
        // Line breaks within what is dropped count, too.
        this.#number += token.split("\n").length - 1;
      } else if (first === LF) { for (const _ of token) done.push(this.#endLine()); }
      else if (first === CR) this.#moveTo(0);
      else if (first === BS) this.#moveTo(this.#row.column - token.length);
      else if (first === TAB || (first >= 32 && first < 127) || first >= 160) this.#write(token, classes, done);
    }
    this.#styles[stream] = style;
    return done;
  }

  /** Takes of the next chunk, whose stream is not shown, the line breaks alone, and returns the row that it interrupts. */
  skip({ seq, stream, data }: Output): LogLine[] {
    if (seq < this.#nextSeq) return [];
    this.#nextSeq = seq + 1;
    const done = this.#row.width > 0 ? [this.#endRow()] : [];
    this.#stream = stream;
    const breaks = data.split("\n").length - 1;
    this.#number += breaks;
    if (breaks > 0) this.#isContinued = this.#isPlain = false;
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
    return this.#row.width === 0 ? null : this.#line();
  }

  /** Characters read and cells touched so far: the measure of a log's cost. */
  get work(): number {
    return this.#parsed + this.#row.work;
  }

  /** Where this is now. */
  get state(): LogState {
    return {
      nextSeq: this.#nextSeq,
      ...this.#line(),
      isPlain: this.#isPlain,
      column: this.#row.column,
      styles: { ...this.#styles },
      pending: { ...this.#pending },
    };
  }

  #write(text: string, classes: string, done: LogLine[]): void {
    let rest = this.#row.write(text, this.#isPlain ? "" : classes);
    while (rest !== "") {
      done.push(this.#endRow());
      rest = this.#row.write(rest, this.#isPlain ? "" : classes);
    }
  }

  /** Moves within the row; in a line that is over its budget nothing is written over. */
  #moveTo(column: number): void {
    if (!this.#isPlain) this.#row.moveTo(column);
  }

  /** The rest of this line is plain text, in a row of its own. */
  #goPlain(done: LogLine[]): void {
    done.push(this.#endRow());
    this.#isPlain = true;
  }

  #endLine(): LogLine {
    const row = this.#endRow();
    this.#number += 1;
    this.#isContinued = this.#isPlain = false;
    return row;
  }

  #endRow(): LogLine {
    const row = this.#line();
    this.#isContinued = true;
    this.#row.clear();
    return row;
  }

  #line(): LogLine {
    const { segments, isCut } = this.#row.read();
    return {
      number: this.#number,
      isContinued: this.#isContinued,
      stream: this.#stream,
      segments,
      isPlain: this.#isPlain || isCut,
    };
  }
}

const [BS, TAB, LF, CR, ESC, CSI] = [8, 9, 10, 13, 27, 0x9b];

function isUnfinished(text: string, start: number): boolean {
  UNFINISHED.lastIndex = start;
  return UNFINISHED.test(text);
}
