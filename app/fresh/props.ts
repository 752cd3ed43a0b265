/**
 * How the properties of islands cross from the server to the browser: as JSON in which a value that JSON lacks is an
 * object with the key `$`.
 *
 * | written                     | is                                                                    |
 * | --------------------------- | --------------------------------------------------------------------- |
 * | `{"$":"signal","v":2}`      | the signal 2 of the page: the same one wherever its number is written |
 * | `{"$":"slot","v":0}`        | the JSX that was rendered into slot 0                                 |
 * | `{"$":"number","v":"NaN"}`  | a number that is not finite, or -0                                    |
 * | `{"$":"bigint","v":"1"}`    | a bigint                                                              |
 * | `{"$":"date","v":0}`        | a Date                                                                |
 * | `{"$":"undefined"}`         | undefined, in an array; in an object the key is left out              |
 * | `{"$":"object","v":[[…]]}`  | an object that has a key `$` itself, as entries                       |
 *
 * @module
 */

import { Signal } from "@preact/signals";

/** A value as it is written. */
export type Wire = null | boolean | number | string | Wire[] | { [key: string]: Wire };

/** A page's islands, as the browser gets them. */
export interface Payload {
  /** Each island of the page: which component, and its properties. */
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
    if (value === undefined) return { $: "undefined" };
    if (typeof value === "number") {
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $: "number", v: Object.is(value, -0) ? "-0" : `${value}` };
    }
    if (typeof value === "bigint") return { $: "bigint", v: `${value}` };
    if (value instanceof Signal) return { $: "signal", v: this.#signal(value, where) };
    if (value instanceof SlotRef) return { $: "slot", v: value.id };
    if (value instanceof Date) return { $: "date", v: value.getTime() };
    if (Array.isArray(value)) return value.map((item, i) => this.#value(item, `${where}[${i}]`));
    if (isPlain(value)) return this.#object(value, where);
    const what = typeof value === "object" ? "an instance of a class" : `a ${typeof value}`;
    throw new TypeError(`Cannot send the island property ${where} to the browser: it is ${what}`);
  }

  #object(value: object, where: string): Wire {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
      .map(([key, item]): [string, Wire] => [key, this.#value(item, `${where}.${key}`)]);
    return "$" in value ? { $: "object", v: entries } : Object.fromEntries(entries);
  }

  #signal(signal: Signal, where: string): number {
    const known = this.#ids.get(signal);
    if (known !== undefined) return known;
    // The number is taken before the value is written, for the value may hold signals too.
    const id = this.signals.push(null) - 1;
    this.#ids.set(signal, id);
    this.signals[id] = this.#value(signal.peek(), where);
    return id;
  }
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
