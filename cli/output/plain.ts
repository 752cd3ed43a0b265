/**
 * Output of scripts without what steers a terminal.
 *
 * @module
 */

const [ESC, BEL, BACKSLASH, OPEN_BRACKET, DEL, LEAST_PRINTED] = [0x1b, 0x07, 0x5c, 0x5b, 0x7f, 0x20];

/** Controls that shape text: tab, line feed, carriage return. */
const KEPT: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d]);

/** Begins of a string that ends with BEL or ESC \ (ECMA-48: DCS, SOS, OSC, PM, APC). */
const STRINGS: ReadonlySet<number> = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f]);

type State = "text" | "escape" | "sequence" | "string" | "string escape";

/** Takes escape sequences (ECMA-48) and other controls out of UTF-8; a sequence may be cut anywhere between two chunks. */
export class PlainText {
  #state: State = "text";

  /** What of `bytes` is text. */
  keep(bytes: Uint8Array): Uint8Array {
    return bytes.filter((byte) => this.#isText(byte));
  }

  #isText(byte: number): boolean {
    switch (this.#state) {
      case "text":
        if (byte === ESC) this.#state = "escape";
        return byte >= LEAST_PRINTED && byte !== DEL || KEPT.has(byte);
      case "escape":
        // Bytes between 0x20 and 0x2f are in the middle of a sequence of this kind.
        if (byte === OPEN_BRACKET) this.#state = "sequence";
        else if (STRINGS.has(byte)) this.#state = "string";
        else if (byte !== ESC && (byte < 0x20 || byte > 0x2f)) this.#state = "text";
        return false;
      case "sequence":
        if (byte === ESC) this.#state = "escape";
        else if (byte >= 0x40 && byte <= 0x7e) this.#state = "text";
        return false;
      case "string":
        if (byte === ESC) this.#state = "string escape";
        else if (byte === BEL) this.#state = "text";
        return false;
      case "string escape":
        if (byte === BACKSLASH) this.#state = "text";
        else if (byte !== ESC) this.#state = "string";
        return false;
    }
  }
}
