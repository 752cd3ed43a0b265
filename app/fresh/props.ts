/**
 * How the properties of islands cross from the server to the browser: as JSON, in which an object with the key `$` stands
 * for something that JSON lacks. A key whose value is undefined is left out.
 *
 * | written                    | is                                                 |
 * | -------------------------- | -------------------------------------------------- |
 * | `{"$":"signal","v":2}`     | signal 2 of the page, the same one in each island  |
 * | `{"$":"slot","v":0}`       | the JSX that was rendered into slot 0              |
 * | `{"$":"object","v":[[…]]}` | an object that has a key `$` itself, as entries    |
 *
 * @module
 */

import { Signal } from "@preact/signals-core";

/** A value as it is written. */
export type Wire = null | boolean | number | string | Wire[] | { [key: string]: Wire };

/** The islands of a page. */
export interface Payload {
  /** Each island's component, by its number in the page, and its properties. */
  readonly islands: readonly (readonly [component: number, props: { [key: string]: Wire }])[];
  /** Values of the signals, by their number. */
  readonly signals: readonly Wire[];
}

/** Stands for the JSX of slot `id` in the properties of an island. */
export class SlotRef {
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }
}

/** Writes values, and remembers the signals among them, so that one shared by two islands stays one. */
export class Encoder {
  #ids = new Map<Signal, number>();
  /** Values of the signals met so far, by their number. */
  readonly signals: Wire[] = [];

  /** Writes the properties of the island `name`. @throws {TypeError} when one cannot cross, naming it. */
  props(name: string, props: Readonly<Record<string, unknown>>): { [key: string]: Wire } {
    const written: { [key: string]: Wire } = {};
    for (const [key, value] of Object.entries(props)) {
      if (value !== undefined) written[key] = this.#value(value, `${name}.${key}`);
    }
    return written;
  }

  #value(value: unknown, where: string): Wire {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (value instanceof Signal) return { $: "signal", v: this.#signal(value, where) };
    if (value instanceof SlotRef) return { $: "slot", v: value.id };
    if (Array.isArray(value)) return value.map((item, i) => this.#value(item, `${where}[${i}]`));
    if (isPlain(value)) return this.#object(value, where);
    throw new TypeError(`Cannot send the island property ${where} to the browser: it is ${kindOf(value)}`);
  }

  #object(value: object, where: string): Wire {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
      .map(([key, item]): [string, Wire] => [key, this.#value(item, `${where}.${key}`)]);
    return "$" in value ? { $: "object", v: entries } : Object.fromEntries(entries);
  }

  #signal(signal: Signal, where: string): number {
    const known = this.#ids.get(signal);
    if (known !== undefined) return known;
    // Take the number before writing the value, because the value may hold signals too.
    const id = this.signals.push(null) - 1;
    this.#ids.set(signal, id);
    this.signals[id] = this.#value(signal.peek(), where);
    return id;
  }
}

function kindOf(value: unknown): string {
  if (value === undefined || typeof value === "number") return String(value);
  return typeof value === "object" ? "an instance of a class" : `a ${typeof value}`;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** `text` as a JavaScript string literal that can stand in an HTML script: it holds no `<`. */
export function scriptString(text: string): string {
  return `'${
    text.replace(/[\\'<\n\r\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
  }'`;
}
