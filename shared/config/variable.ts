/**
 * An environment variable, and the forms that the text of several of them has.
 *
 * @module
 */
import { z } from "zod";
import { parseDuration } from "../domain/duration.ts";
import { Invalid } from "../domain/errors.ts";

/** What a variable's text must be. */
export interface Form<Value> {
  /** What would be right, as it completes "expected …". */
  readonly expected: string;
  /**
   * Reads the text and checks it.
   * @internal
   */
  readonly schema: () => z.ZodType<Value, string>;
}

/** One variable. */
export interface Variable<Value> extends Form<Value> {
  /** Its name in the environment. */
  readonly name: string;
  /** Its name in the former system, read when `name` is not set. */
  readonly formerName?: string;
  /** The text it has when it is not set. */
  readonly fallback: string;
  /** What it means, in a sentence or two for the documentation. */
  readonly about: string;
  /** Whether nobody may read its value. Default: false. */
  readonly isSecret?: boolean;
}

/** The variables of `Values`, each under the name of its value. */
export type Variables<Values> = { readonly [Key in keyof Values]: Variable<Values[Key]> };

/** The seconds of a day. */
export const DAY_SECONDS = 86_400;

/** A duration from `min` to `max` seconds, decimals allowed, as milliseconds. */
export function seconds(min: number, max: number): Form<number> {
  return {
    expected: `a number of seconds from ${min} to ${max}, or a duration such as 5m`,
    schema: () =>
      z.string().transform((value) => parseDuration(value) ?? NaN)
        .refine((value) => value >= min && value <= max).transform((value) => Math.round(value * 1000)),
  };
}

/** A whole number from `min` to `max`. */
export function whole(what: string, min: number, max: number): Form<number> {
  return {
    expected: `${what} from ${min} to ${max}`,
    schema: () => z.string().regex(/^\d+$/).transform(Number).refine((value) => value >= min && value <= max),
  };
}

/** A whole number from `min` to `max`; none: null. */
export function optionalWhole(what: string, min: number, max: number): Form<number | null> {
  return {
    expected: `${what} from ${min} to ${max}`,
    schema: () =>
      z.string().regex(/^\d*$/).transform((text) => text === "" ? null : Number(text))
        .refine((value) => value === null || (value >= min && value <= max)),
  };
}

/** A port; none: null. */
export function optionalPort(): Form<number | null> {
  return {
    expected: "a port number from 1 to 65535",
    schema: () =>
      z.string().regex(/^\d*$/).transform((text) => text === "" ? null : Number(text))
        .refine((port) => port === null || port >= 1 && port <= 65_535),
  };
}

/** A text that `check` accepts. Where it throws, its message is a whole sentence and stands alone. */
export function checked<Value>(expected: string, check: (value: string) => Value): Form<Value> {
  const schema = () =>
    z.string().transform((value, context) => {
      try {
        return check(value);
      } catch (error) {
        const message = error instanceof Invalid ? error.problems[0]?.message : undefined;
        context.addIssue({
          code: "custom",
          message: message ?? (error instanceof Error ? error.message : String(error)),
          params: { isSentence: true },
        });
        return z.NEVER;
      }
    });
  return { expected, schema };
}

/** One of `values`. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values): Form<Values[number]> {
  return { expected: `one of ${values.join(", ")}`, schema: () => z.enum(values) as z.ZodType<Values[number], string> };
}
