/**
 * The row of a log that is being written, as cells in place: writing, going back over it and erasing cost what they touch.
 *
 * The cost of a row has a budget. Only erasing touches more cells than the script wrote characters, and only changes
 * of style make more elements than rows; so {@linkcode MAX_ERASED} and {@linkcode MAX_SEGMENTS} bound all of it.
 *
 * @module
 */

/** Longest row, in UTF-16 units. */
export const MAX_COLUMNS = 8192;

/** Most cells that are blanked on one row; a row that asks for more is over its budget. */
export const MAX_ERASED: number = 16 * MAX_COLUMNS;

/** Most segments of different style in one row; the rest is drawn plainly. */
export const MAX_SEGMENTS = 256;

/** Text of one style; `classes` are names of style classes, separated by spaces. */
export interface Segment {
  readonly text: string;
  readonly classes: string;
  /** Whether it is what somebody looks for. */
  readonly isMarked?: true;
}

/** See the module. */
export class LogRow {
  readonly #units: Uint16Array<ArrayBuffer> = new Uint16Array(MAX_COLUMNS);
  /** Of each unit, the place of its style in `#palette`. */
  readonly #styles: Uint16Array<ArrayBuffer> = new Uint16Array(MAX_COLUMNS);
  #palette: string[] = [""];
  #places: Map<string, number> = new Map([["", 0]]);
  #width = 0;
  #column = 0;
  #erased = 0;
  #work = 0;

  /** Units on it. */
  get width(): number {
    return this.#width;
  }

  /** Where the next unit goes; never beyond the width. */
  get column(): number {
    return this.#column;
  }

  /** Cells touched since this row was made: the measure of its cost. */
  get work(): number {
    return this.#work;
  }

  /** Goes back or ahead to `column`, within what is written. */
  moveTo(column: number): void {
    this.#column = Math.max(0, Math.min(column, this.#width));
  }

  /** Writes as much of `text` as fits and returns the rest. */
  write(text: string, classes: string): string {
    const room = MAX_COLUMNS - this.#column;
    // A character of two units stays on one row.
    const length = text.length <= room ? text.length : isHigh(text.charCodeAt(room - 1)) ? room - 1 : room;
    const start = this.#column;
    for (let i = 0; i < length; i++) this.#units[start + i] = text.charCodeAt(i);
    this.#styles.fill(this.#placeOf(classes), start, start + length);
    this.#column += length;
    this.#width = Math.max(this.#width, this.#column);
    this.#work += length;
    return text.slice(length);
  }

  /** Erases: `0` to the end, `1` up to the column, `2` all. False: that is over the budget, and nothing was erased. */
  erase(mode: string): boolean {
    if (mode === "2") this.#width = this.#column = 0;
    else if (mode === "1") {
      if (this.#erased + this.#column > MAX_ERASED) return false;
      this.#erased += this.#column;
      this.#work += this.#column;
      this.#units.fill(SPACE, 0, this.#column);
      this.#styles.fill(0, 0, this.#column);
    } else this.#width = this.#column;
    return true;
  }

  /** Empties it for the next row. */
  clear(): void {
    this.#width = this.#column = this.#erased = 0;
    if (this.#palette.length === 1) return;
    this.#palette = [""];
    this.#places = new Map([["", 0]]);
  }

  /** The content of the row; `isCut`: it has more styles than are drawn, so the last segment has lost its own. */
  read(): { readonly segments: readonly Segment[]; readonly isCut: boolean } {
    const segments: Segment[] = [];
    this.#work += this.#width;
    for (let start = 0; start < this.#width;) {
      if (segments.length === MAX_SEGMENTS) {
        segments.push({ text: this.#text(start, this.#width), classes: "" });
        return { segments, isCut: true };
      }
      const style = this.#styles[start];
      let end = start + 1;
      while (end < this.#width && this.#styles[end] === style) end++;
      segments.push({ text: this.#text(start, end), classes: this.#palette[style ?? 0] ?? "" });
      start = end;
    }
    return { segments, isCut: false };
  }

  #text(start: number, end: number): string {
    return String.fromCharCode(...this.#units.subarray(start, end));
  }

  #placeOf(classes: string): number {
    const known = this.#places.get(classes);
    if (known !== undefined) return known;
    const place = this.#palette.push(classes) - 1;
    this.#places.set(classes, place);
    // Forget overwritten styles before the palette is full.
    return place > 0xffff ? this.#compact(classes) : place;
  }

  #compact(classes: string): number {
    const { segments } = this.read();
    const [column, erased] = [this.#column, this.#erased];
    this.clear();
    for (const segment of segments) this.write(segment.text, segment.classes);
    this.#column = column;
    this.#erased = erased;
    return this.#placeOf(classes);
  }
}

const SPACE = 32;

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
