/**
 * Keyset cursors: where a page ended, as an opaque text that fits a URL. A page continues after that place however many rows
 * came or went before it.
 *
 * @module
 */
import { z } from "zod";
import { Invalid } from "../domain/errors.ts";

/** The orders of lists. */
const ORDERS = ["id", "newest", "name", "nextRun", "lastRun", "worst", "waiting"] as const;

/** The name of an order. */
export type Order = typeof ORDERS[number];

/** The farthest instant from 1970 in either direction, in milliseconds (ECMAScript, time range). */
const LAST_INSTANT = 8.64e15;

const text = z.string().refine((text) => !text.includes("\0"));
const instant = z.int().min(-LAST_INSTANT).max(LAST_INSTANT);

/** What the sort value of each order is: what a page of this order gives, and so what a database can compare. */
const KEYS: Readonly<Record<Order, z.ZodType<Place["key"]>>> = {
  id: z.null(),
  newest: z.null(),
  name: text,
  nextRun: instant.nullable(),
  lastRun: instant.nullable(),
  // The group of the order, and an instant or the text that a name is sorted by.
  worst: text.regex(/^(?:[012] -?\d{1,15}|3 )/),
  // Priority and available time.
  waiting: z.string().regex(/^-?\d{1,9} -?\d{1,15}$/),
};

/** Where a page ended: the order it was in, the sort value of its last row (none where the id is it), and that row's id. */
export interface Place {
  readonly order: Order;
  readonly key: string | number | null;
  readonly id: number;
}

/** The cursor for `place`: base64url of JSON. */
export function encodeCursor({ order, key, id }: Place): string {
  return new TextEncoder().encode(JSON.stringify([order, key, id])).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/**
 * The place that `cursor` names.
 *
 * @throws {Invalid} when it is no cursor, or one of another order than `order`.
 */
export function decodeCursor(cursor: string, order: Order): Place {
  try {
    const json = new TextDecoder().decode(Uint8Array.fromBase64(cursor, { alphabet: "base64url" }));
    const [found, ...rest] = z.tuple([z.enum(ORDERS), z.unknown(), z.unknown()]).parse(JSON.parse(json));
    if (found !== order) throw bad(`it continues a list by ${found}, this one is by ${order}`);
    const [key, id] = z.tuple([KEYS[order], z.int().min(1)]).parse(rest);
    return { order, key, id };
  } catch (error) {
    if (error instanceof Invalid) throw error;
    throw bad("it is not one that a page of this list gave");
  }
}

function bad(message: string): Invalid {
  return new Invalid([{ field: "cursor", message: `cannot be used: ${message}; start from the first page` }]);
}
