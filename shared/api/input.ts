/**
 * From what people send (a form, flags, JSON) to a {@linkcode JobDefinition}. Parsed here once; nothing inside checks it again.
 *
 * @module
 */
import type { z } from "zod";
import {
  Invalid,
  type JobDefinition,
  type Problem,
  PROBLEM_CODES,
  type ProblemCode,
  withoutUnseen,
} from "../domain/mod.ts";
import { resolveScript } from "../scripts/mod.ts";
import { type FieldName, type FieldValues, JOB_FIELDS } from "./job_fields.ts";
import { argsSchema } from "./job_values.ts";
import { dstSchema, isComplete, type PolicyInput, readPolicies } from "./policy_input.ts";

/** What people send. Absent or empty optional fields mean the default. */
export interface JobInput extends PolicyInput {
  /** Text. */
  readonly name?: unknown;
  /** Text. */
  readonly key?: unknown;
  /** Texts, or one with commas between them. */
  readonly labels?: unknown;
  /** Text. */
  readonly script?: unknown;
  /** Texts. */
  readonly args?: unknown;
  /** Text as in `daily at 09:00`, or the JSON form. */
  readonly schedule?: unknown;
  /** Text: an IANA zone. */
  readonly timezone?: unknown;
}

/** What the input is checked against. */
export interface InputContext {
  /** The script directories. Where none of them exists on this machine, the script is not looked for. */
  readonly scriptsDirs: readonly string[];
  /** IANA zone of a job that names none. */
  readonly defaultTimezone: string;
}

/** Longest note on a pause, in characters. */
export const NOTE_MAX = 500;

/**
 * Checks all fields of `input` and makes a definition of them.
 *
 * @throws {Invalid} with a problem for each field that is wrong, named as in {@linkcode JobInput}.
 */
export async function parseJobInput(input: JobInput, context: InputContext): Promise<JobDefinition> {
  const problems: Problem[] = [];
  const sent: Readonly<Partial<Record<FieldName, unknown>>> = { ...input };
  let zone = context.defaultTimezone;
  const read = <Name extends FieldName, Fallback>(
    name: Name,
    fallback: Fallback,
  ): FieldValues[Name] | Fallback | undefined => {
    const field: { readonly schema: (zone: string) => z.ZodType<FieldValues[Name] | null> } = JOB_FIELDS[name];
    const { success, data, error } = field.schema(zone).safeParse(sent[name]);
    if (success) return data ?? fallback;
    problems.push(...problemsOf(name, error));
    return undefined;
  };
  const refuse = (field: string, message: string): undefined =>
    void problems.push({ field, message, code: "conflict" });

  const timezone = read("timezone", context.defaultTimezone);
  zone = timezone ?? zone;
  const parsed = {
    name: read("name", undefined),
    key: read("key", null),
    labels: read("labels", []),
    scriptPath: read("script", undefined),
    scriptArgs: read("args", []),
    schedule: read("schedule", undefined),
    timezone,
  };
  const dst = dstSchema.safeParse(input.dst ?? {});
  if (!dst.success) problems.push(...problemsOf("dst", dst.error));
  const policies = { ...readPolicies({ read, refuse }), dst: dst.data };

  if (parsed.scriptPath !== undefined) {
    const missing = await missingScript(parsed.scriptPath, context.scriptsDirs);
    if (missing !== null) problems.push({ field: "script", message: missing, code: "unusable" });
  }
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

function problemsOf(field: string, error: z.ZodError): Problem[] {
  return error.issues.map((issue) => ({
    field,
    message: [...issue.path.map(String), issue.message].join(": "),
    code: codeOf(issue),
  }));
}

function codeOf(issue: z.core.$ZodIssue): ProblemCode {
  switch (issue.code) {
    case "custom":
      return PROBLEM_CODES.find((code) => code === issue.params?.["code"]) ?? "invalid";
    case "too_small":
      return "missing";
    case "too_big":
      return "out_of_range";
    default:
      return "invalid";
  }
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
