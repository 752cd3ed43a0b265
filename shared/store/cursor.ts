/**
 * Keyset cursors: where a page ended, as an opaque text that fits a URL. A page continues after that place however many rows
 * came or went before it.
 *
 * @module
 */
import { z } from "zod";
import { Invalid } from "../domain/errors.ts";

/** Where a page ended: the order it was in, the sort value of its last row (none where the id is it), and that row's id. */
export interface Place {
  readonly order: string;
  readonly key: string | number | null;
  readonly id: number;
}

const place = z.tuple([z.string(), z.union([z.string(), z.number(), z.null()]), z.int()]);

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
export function decodeCursor(cursor: string, order: string): Place {
  let parsed: z.infer<typeof place>;
  try {
    parsed = place.parse(
      JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(cursor, { alphabet: "base64url" }))),
    );
  } catch {
    throw bad("it is not one that a page of this list gave");
  }
  const [found, key, id] = parsed;
  if (found !== order) throw bad(`it continues a list by ${found}, this one is by ${order}`);
  return { order, key, id };
}

function bad(message: string): Invalid {
  return new Invalid([{ field: "cursor", message: `cannot be used: ${message}; start from the first page` }]);
}
