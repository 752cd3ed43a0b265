import type { z } from "zod";
import { Invalid, type Problem, type ProblemCode } from "../../domain/mod.ts";

/** Reads `input` with `schema`. @throws {Invalid} with a problem for each field that is wrong, named by its path: `grants.0.role`. */
export function parseInput<Value>(schema: z.ZodType<Value>, input: unknown): Value {
  const { success, data, error } = schema.safeParse(input);
  if (success) return data;
  throw new Invalid(error.issues.flatMap((issue) => problemsOf(issue, input)));
}

function problemsOf(issue: z.core.$ZodIssue, input: unknown): readonly Problem[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: [...path, key].join("."),
      message: "there is no such field",
      code: "unknown",
    }));
  }
  const isMissing = issue.code !== "custom" && !has(input, issue.path);
  const problem = isMissing ? { message: "is missing", code: "missing" } as const : {
    message: issue.message,
    code: codeOf(issue),
  };
  return [{ field: path.join("."), ...problem }];
}

function codeOf(issue: z.core.$ZodIssue): ProblemCode {
  switch (issue.code) {
    case "too_small":
    case "too_big":
      return "out_of_range";
    case "invalid_value":
      return "unknown";
    default:
      return "invalid";
  }
}

/** Whether `input` holds anything at `path`. */
function has(input: unknown, path: readonly PropertyKey[]): boolean {
  let value: unknown = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = Reflect.get(value, key);
  }
  return value !== undefined;
}
