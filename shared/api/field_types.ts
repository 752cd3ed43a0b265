/**
 * The kinds of fields: how each is read from what people send, text of a form or flag or a JSON value.
 *
 * @module
 */
import { z } from "zod";
import type { EpochMs, ProblemCode } from "../domain/mod.ts";
import { type Bounds, durationOrNull, instantOrNull, Refused, textOr, wholeOrNull, wordOrNull } from "./_fields.ts";

/** How a field is read. */
export interface FieldType<Value> {
  /**
   * Answers the value, or null where nothing is given. `zone` is that of times without an offset.
   * @internal
   */
  readonly schema: (zone: string) => z.ZodType<Value | null>;
  /** Smallest and greatest number; null: it is no number. */
  readonly bounds: Bounds | null;
  /** What can be chosen, with the words of the form; null: it is typed. */
  readonly choices: readonly (readonly [value: string, words: string])[] | null;
}

/** A duration of whole seconds, as number or text such as `5m`. */
export function duration(min: number, max: number): FieldType<number> {
  const bounds = { min, max, unit: "seconds" };
  return { ...typed((input) => durationOrNull(input, bounds)), bounds };
}

/** A whole number, as number or text; `unit` says what it counts. */
export function whole(unit: string, min: number, max: number): FieldType<number> {
  const bounds = { min, max, unit };
  return { ...typed((input) => wholeOrNull(input, bounds)), bounds };
}

/** One of the words that `choices` names, each with what the form says of it. */
export function choice<Word extends string>(
  words: readonly Word[],
  choices: Readonly<Record<Word, string>>,
): FieldType<Word> {
  return { ...typed((input) => wordOrNull(input, words)), choices: words.map((word) => [word, choices[word]]) };
}

/** An instant, or a wall time in the zone. */
export function instant(): FieldType<EpochMs> {
  return typed(instantOrNull);
}

/** Text that `parse` reads; `missing` says what is wrong where nothing is given, null: nothing is. */
export function text<Value>(parse: (text: string) => Value, missing: string | null = null): FieldType<Value> {
  return typed((input) => {
    const found = textOr(input, "");
    if (found !== "") return parse(found);
    if (missing === null) return null;
    throw new Refused("missing", missing);
  });
}

/** What `schema` describes. */
export function shaped<Value>(schema: z.ZodType<Value>): FieldType<Value> {
  return { schema: () => schema.nullish().transform((value) => value ?? null), bounds: null, choices: null };
}

/** What `read` answers; what it throws is said of the field. */
export function typed<Value>(read: (input: unknown, zone: string) => Value | null): FieldType<Value> {
  return {
    schema: (zone) =>
      z.unknown().transform((input, context): Value | null => {
        try {
          return read(input, zone);
        } catch (error) {
          if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
          const code: ProblemCode = error instanceof Refused ? error.code : "invalid";
          context.addIssue({ code: "custom", message: error.message, params: { code } });
          return z.NEVER;
        }
      }),
    bounds: null,
    choices: null,
  };
}
