/**
 * From what people send (a form, flags, JSON) to a {@linkcode JobDefinition}. Parsed here once; nothing inside checks it again.
 *
 * @module
 */
import { z } from "zod";
import { Invalid, type JobDefinition, type Problem } from "../domain/mod.ts";
import { parseSchedule, parseTimezone, type Schedule, ScheduleError } from "../schedule/mod.ts";
import { checkEnvName, checkScriptPath, resolveScript } from "../scripts/mod.ts";

/** Longest name of a job, in characters. */
export const NAME_MAX = 200;
/** Most bytes that arguments may take together, and as much again the environment: a quarter of what Linux grants one text. */
const TEXTS_MAX_BYTES = 32_768;

/** What people send. Absent or empty optional fields mean the default. */
export interface JobInput {
  readonly name?: unknown;
  readonly script?: unknown;
  /** Texts. */
  readonly args?: unknown;
  /** Text as in `daily at 09:00`, or the JSON form. */
  readonly schedule?: unknown;
  readonly timezone?: unknown;
  /** Seconds, as number or text. */
  readonly timeout?: unknown;
  readonly max_retries?: unknown;
  /** Texts by name. */
  readonly env?: unknown;
  /** `{ gap, fold }`. */
  readonly dst?: unknown;
}

/** What the input is checked against. */
export interface InputContext {
  /** The script directories. Where none of them exists on this machine, the script is not looked for. */
  readonly scriptsDirs: readonly string[];
  readonly defaultTimezone: string;
}

const CONTROL = /\p{Cc}/u;

const nameSchema = z.string({ error: "a job needs a name" }).trim()
  .min(1, { error: "a job needs a name" })
  .max(NAME_MAX, { error: `at most ${NAME_MAX} characters` })
  .refine((name) => !CONTROL.test(name), { error: "no control characters, such as line breaks" });

const withoutNul = z.string({ error: "expected text" }).refine((text) => !text.includes("\0"), {
  error: "a NUL character cannot be passed to a program",
});

const argsSchema = z.array(withoutNul, { error: "expected a list of texts" }).max(1000, { error: "at most 1,000" })
  .refine((args) => bytesOf(args) <= TEXTS_MAX_BYTES, { error: `at most ${TEXTS_MAX_BYTES} bytes together` });

const envSchema = z.record(z.string(), withoutNul, { error: "expected texts by name" })
  .superRefine((env, context) => {
    for (const name of Object.keys(env)) {
      const message = checkEnvName(name);
      if (message !== null) context.addIssue({ code: "custom", message });
    }
  })
  .refine((env) => bytesOf(Object.entries(env).flat()) <= TEXTS_MAX_BYTES, {
    error: `at most ${TEXTS_MAX_BYTES} bytes together`,
  });

const dstSchema = z.strictObject({
  gap: z.enum(["after", "skip"], { error: "gap: expected after or skip" }).default("after"),
  fold: z.enum(["first", "second", "both"], { error: "fold: expected first, second or both" }).default("first"),
});

/**
 * Checks all fields of `input` and makes a definition of them.
 *
 * @throws {Invalid} with a problem for each field that is wrong, named as in {@linkcode JobInput}.
 */
export async function parseJobInput(input: JobInput, context: InputContext): Promise<JobDefinition> {
  const problems: Problem[] = [];
  const field = <Value>(name: string, parse: () => Value): Value | undefined => {
    try {
      return parse();
    } catch (error) {
      problems.push(...problemsOf(name, error));
      return undefined;
    }
  };
  const name = field("name", () => nameSchema.parse(input.name ?? ""));
  const scriptPath = field("script", () => scriptPathOf(input.script));
  const scriptArgs = field("args", () => argsSchema.parse(input.args ?? []));
  const schedule = field("schedule", () => scheduleOf(input.schedule));
  const timezone = field("timezone", () => parseTimezone(textOr(input.timezone, context.defaultTimezone)));
  const timeoutSeconds = field("timeout", () => wholeOrNull(input.timeout, "seconds", 1, 30 * 86_400));
  const maxRetries = field("max_retries", () => wholeOrNull(input.max_retries, "retries", 0, 100));
  const env = field("env", () => envSchema.parse(input.env ?? {}));
  const dst = field("dst", () => dstSchema.parse(input.dst ?? {}));

  if (scriptPath !== undefined) {
    const missing = await missingScript(scriptPath, context.scriptsDirs);
    if (missing !== null) problems.push({ field: "script", message: missing });
  }
  const parsed = { name, scriptPath, scriptArgs, schedule, timezone, timeoutSeconds, maxRetries, env, dst };
  if (problems.length > 0 || !isComplete(parsed)) throw new Invalid(problems);
  return {
    name: parsed.name,
    scriptPath: parsed.scriptPath,
    scriptArgs: parsed.scriptArgs,
    schedule: parsed.schedule,
    timezone: parsed.timezone,
    policies: {
      timeoutSeconds: parsed.timeoutSeconds,
      maxRetries: parsed.maxRetries,
      dst: parsed.dst,
      env: parsed.env,
    },
  };
}

type Complete<Fields> = { readonly [Name in keyof Fields]-?: Exclude<Fields[Name], undefined> };

function isComplete<Fields extends object>(fields: Fields): fields is Fields & Complete<Fields> {
  return Object.values(fields).every((value) => value !== undefined);
}

function problemsOf(field: string, error: unknown): Problem[] {
  if (error instanceof z.ZodError) {
    return error.issues.map(({ path, message }) => ({ field, message: [...path.map(String), message].join(": ") }));
  }
  if (error instanceof ScheduleError || error instanceof RangeError) return [{ field, message: error.message }];
  throw error;
}

function scriptPathOf(input: unknown): string {
  const path = textOr(input, "");
  const message = path === "" ? "a job needs a script" : checkScriptPath(path);
  if (message !== null) throw new RangeError(message);
  return path;
}

function scheduleOf(input: unknown): Schedule {
  if (input === undefined || input === "") {
    throw new RangeError('a job needs a schedule, such as "daily at 09:00", "every 5m" or "manual"');
  }
  return parseSchedule(input);
}

/** Text without the space around it; `fallback` where there is none. */
function textOr(input: unknown, fallback: string): string {
  if (input === undefined || input === null) return fallback;
  if (typeof input !== "string") throw new RangeError(`expected text, found ${typeof input}`);
  return input.trim() === "" ? fallback : input.trim();
}

function wholeOrNull(input: unknown, what: string, min: number, max: number): number | null {
  if (input === undefined || input === null || input === "") return null;
  const value = typeof input === "string" && /^\d{1,10}$/.test(input.trim()) ? Number(input) : input;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`found ${JSON.stringify(input)}, expected a whole number of ${what} from ${min} to ${max}`);
}

/** In a sentence why the script cannot be used; null when it can, or when this machine has no script directory to look in. */
async function missingScript(path: string, directories: readonly string[]): Promise<string | null> {
  const present = await Promise.all(
    directories.map((directory) => Deno.stat(directory).then((stat) => stat.isDirectory, () => false)),
  );
  if (!present.includes(true)) return null;
  const script = await resolveScript(directories, path);
  return script.ok ? null : script.message;
}

function bytesOf(texts: readonly string[]): number {
  const encoder = new TextEncoder();
  return texts.reduce((sum, text) => sum + encoder.encode(text).length + 1, 0);
}
