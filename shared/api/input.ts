/**
 * From what people send (a form, flags, JSON) to a {@linkcode JobDefinition}. Parsed here once; nothing inside checks it again.
 *
 * @module
 */
import { z } from "zod";
import { Invalid, type JobDefinition, type Problem, withoutUnseen } from "../domain/mod.ts";
import { parseSchedule, parseTimezone, type Schedule, ScheduleError } from "../schedule/mod.ts";
import { checkScriptPath, resolveScript } from "../scripts/mod.ts";
import { textOr } from "./_fields.ts";
import {
  bytesOf,
  isComplete,
  type PolicyInput,
  type ReadField,
  readPolicies,
  TEXTS_MAX_BYTES,
  withoutNul,
} from "./policy_input.ts";

/** Longest name of a job, in characters. */
export const NAME_MAX = 200;
/** What people send. Absent or empty optional fields mean the default. */
export interface JobInput extends PolicyInput {
  readonly name?: unknown;
  readonly script?: unknown;
  /** Texts. */
  readonly args?: unknown;
  /** Text as in `daily at 09:00`, or the JSON form. */
  readonly schedule?: unknown;
  readonly timezone?: unknown;
}

/** What the input is checked against. */
export interface InputContext {
  /** The script directories. Where none of them exists on this machine, the script is not looked for. */
  readonly scriptsDirs: readonly string[];
  readonly defaultTimezone: string;
}

/** Longest note on a pause, in characters. */
export const NOTE_MAX = 500;

const CONTROL = /\p{Cc}/u;

const nameSchema = z.string({ error: "a job needs a name" })
  .refine((name) => !CONTROL.test(name.trim()), { error: "no control characters, such as line breaks" })
  .transform(withoutUnseen)
  .pipe(
    z.string().trim()
      .min(1, { error: "a job needs a name" })
      .max(NAME_MAX, { error: `at most ${NAME_MAX} characters` }),
  );

const argsSchema = z.array(withoutNul, { error: "expected a list of texts" }).max(1000, { error: "at most 1,000" })
  .refine((args) => bytesOf(args) <= TEXTS_MAX_BYTES, { error: `at most ${TEXTS_MAX_BYTES} bytes together` });

/**
 * Checks all fields of `input` and makes a definition of them.
 *
 * @throws {Invalid} with a problem for each field that is wrong, named as in {@linkcode JobInput}.
 */
export async function parseJobInput(input: JobInput, context: InputContext): Promise<JobDefinition> {
  const problems: Problem[] = [];
  const field: ReadField = (name, parse) => {
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
  const policies = readPolicies(input, { field, timezone: timezone ?? context.defaultTimezone });

  if (scriptPath !== undefined) {
    const missing = await missingScript(scriptPath, context.scriptsDirs);
    if (missing !== null) problems.push({ field: "script", message: missing });
  }
  const parsed = { name, scriptPath, scriptArgs, schedule, timezone };
  if (problems.length > 0 || !isComplete(parsed) || !isComplete(policies)) throw new Invalid(problems);
  return { ...parsed, policies };
}

/** A note on why a job is paused: one line, cut where it is too long; null where nothing is said. */
export function parseNote(text: string): string | null {
  const note = withoutUnseen(text).trim().slice(0, NOTE_MAX);
  return note === "" ? null : note;
}

/** The arguments of a script, of a job or of one run. @throws {Invalid} with problems of the field `args`. */
export function parseArgs(input: unknown): readonly string[] {
  const { success, data, error } = argsSchema.safeParse(input);
  if (success) return data;
  throw new Invalid(problemsOf("args", error));
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

/** In a sentence why the script cannot be used; null when it can, or when this machine has no script directory to look in. */
async function missingScript(path: string, directories: readonly string[]): Promise<string | null> {
  const present = await Promise.all(
    directories.map((directory) => Deno.stat(directory).then((stat) => stat.isDirectory, () => false)),
  );
  if (!present.includes(true)) return null;
  const script = await resolveScript(directories, path);
  return script.ok ? null : script.message;
}
