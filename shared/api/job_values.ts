/**
 * How the fields of a job that are neither numbers nor words to choose are read.
 *
 * @module
 */
import { z } from "zod";
import { parseLabels, parseTags, withoutUnseen } from "../domain/mod.ts";
import { parseSchedule, type Schedule } from "../schedule/mod.ts";
import { checkEnvName, checkScriptPath } from "../scripts/mod.ts";
import { Refused, textOr } from "./_fields.ts";
import { type FieldType, typed } from "./field_types.ts";

/** Longest name of a job, in characters. */
export const NAME_MAX = 200;

/** Most bytes that arguments may take together, and as much again the environment: a quarter of what Linux grants one text. */
const TEXTS_MAX_BYTES = 32_768;

const CONTROL = /\p{Cc}/u;

const NO_NAME = "a job needs a name";

const nameSchema = z.string({ error: NO_NAME })
  .refine((name) => !CONTROL.test(name.trim()), { error: "no control characters, such as line breaks" })
  .transform(withoutUnseen)
  .pipe(z.string().trim().min(1, { error: NO_NAME }).max(NAME_MAX, { error: `at most ${NAME_MAX} characters` }));

/** The name of a job. */
export const nameField: FieldType<string> = {
  schema: () => z.unknown().transform((input) => input ?? "").pipe(nameSchema),
  bounds: null,
  choices: null,
};

/** Text that can be handed to a program. */
const withoutNul = z.string({ error: "expected text" }).refine(
  (text) => !text.includes("\0"),
  { error: "a NUL character cannot be passed to a program" },
);

/** The arguments of a script. */
export const argsSchema: z.ZodType<readonly string[]> = z.array(withoutNul, { error: "expected a list of texts" })
  .max(1000, { error: "at most 1,000" })
  .refine((args) => bytesOf(args) <= TEXTS_MAX_BYTES, { error: `at most ${TEXTS_MAX_BYTES} bytes together` });

/** The environment variables that a job adds. By entries: a record would lose the name `__proto__`, which one may have. */
export const envSchema: z.ZodType<Readonly<Record<string, string>>> = z.custom<object>(isObject, {
  error: "expected texts by name",
})
  .transform((env) => Object.entries(env))
  .pipe(z.array(z.tuple([z.string(), withoutNul])))
  .superRefine((env, context) => {
    for (const [name] of env) {
      const message = checkEnvName(name);
      if (message !== null) context.addIssue({ code: "custom", message });
    }
  })
  .refine((env) => bytesOf(env.flat()) <= TEXTS_MAX_BYTES, { error: `at most ${TEXTS_MAX_BYTES} bytes together` })
  .transform((env): Readonly<Record<string, string>> => Object.fromEntries(env));

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A schedule: text, or its JSON form. */
export const scheduleField: FieldType<Schedule> = typed((input) => {
  if (input !== undefined && input !== "") return parseSchedule(input);
  throw new Refused("missing", 'a job needs a schedule, such as "daily at 09:00", "every 5m" or "manual"');
});

/** Tags: texts, or one text with commas. */
export const tagsField: FieldType<readonly string[]> = typed((input) =>
  parseTags(Array.isArray(input) ? input.map((tag) => textOr(tag, "")) : textOr(input, ""))
);

/** Labels: texts, or one text with commas. */
export const labelsField: FieldType<readonly string[]> = typed((input) =>
  parseLabels(Array.isArray(input) ? input.map((label) => textOr(label, "")) : textOr(input, "").split(","))
);

/** The path of a script. @throws {RangeError} */
export function scriptPathOf(path: string): string {
  const message = checkScriptPath(path);
  if (message !== null) throw new RangeError(message);
  return path;
}

/** How many bytes texts take when they are handed to a program. */
function bytesOf(texts: readonly string[]): number {
  const encoder = new TextEncoder();
  return texts.reduce((sum, text) => sum + encoder.encode(text).length + 1, 0);
}
