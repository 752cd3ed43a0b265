/**
 * The errors that callers branch on. Every other error is a defect; the log shows it with its stack.
 *
 * | class              | HTTP | exit | meaning                                              |
 * | ------------------ | ---- | ---- | ---------------------------------------------------- |
 * | `Invalid`          | 422  | 2    | the input is wrong; `problems` names each field      |
 * | `Forbidden`        | 403  | 1    | the caller may not do this                           |
 * | `NotFound`         | 404  | 5    | there is no such thing (any more)                    |
 * | `Conflict`         | 409  | 6    | somebody else was first                              |
 * | `StoreUnavailable` | 503  | 1    | the database does not answer; trying again may help  |
 * | `Busy`             | 503  | 1    | too much is under way here; trying again may help    |
 *
 * @module
 */

/**
 * What is wrong, for programs: nothing was given (`missing`); it cannot be read (`invalid`); it is outside its bounds
 * (`out_of_range`); it is none of the allowed words (`unknown`); it contradicts other fields (`conflict`); what it names cannot
 * be used (`unusable`); it must be unique and something else has it (`taken`).
 */
export const PROBLEM_CODES = [
  "missing",
  "invalid",
  "out_of_range",
  "unknown",
  "conflict",
  "unusable",
  "taken",
] as const;

/** One of {@linkcode PROBLEM_CODES}. */
export type ProblemCode = typeof PROBLEM_CODES[number];

/** One thing wrong with an input. */
export interface Problem {
  /** The sender's name for the input: a form field, an environment variable, a JSON path. */
  readonly field: string;
  /** What was found and what would be right. */
  readonly message: string;
  /** What is wrong, for programs. */
  readonly code: ProblemCode;
}

/** The input is wrong. {@linkcode Invalid.problems} holds all that is wrong with it, not only the first. */
export class Invalid extends Error {
  /** The name of this class. */
  override readonly name = "Invalid";
  /** All that is wrong, at least one. */
  readonly problems: readonly Problem[];

  /** A problem without a code is `invalid`. */
  constructor(problems: readonly (Omit<Problem, "code"> & Partial<Problem>)[]) {
    super(problems.map((problem) => `${problem.field}: ${problem.message}`).join("; "));
    this.problems = problems.map((problem) => ({ code: "invalid", ...problem }));
  }
}

/** The caller is known and may not do this. */
export class Forbidden extends Error {
  /** The name of this class. */
  override readonly name = "Forbidden";
}

/** There is no such thing, or no longer. */
export class NotFound extends Error {
  /** The name of this class. */
  override readonly name = "NotFound";
}

/** Somebody else changed it first: what the caller saw is out of date. */
export class Conflict extends Error {
  /** The name of this class. */
  override readonly name = "Conflict";
}

/** The database cannot be reached or cannot answer now. Trying again later may succeed. */
export class StoreUnavailable extends Error {
  /** The name of this class. */
  override readonly name = "StoreUnavailable";
}

/** Too much of what was asked for is under way in this process. Nothing was done; trying again later may succeed. */
export class Busy extends Error {
  /** The name of the class. */
  override readonly name = "Busy";
}

const answers: readonly [type: abstract new (...args: never[]) => Error, status: number, exit: number][] = [
  [Invalid, 422, 2],
  [Forbidden, 403, 4],
  [NotFound, 404, 5],
  [Conflict, 409, 6],
  [StoreUnavailable, 503, 1],
  [Busy, 503, 1],
];

/** The HTTP status for `error`; 500 for an error that is not of this module. */
export function httpStatusOf(error: unknown): number {
  return answers.find(([type]) => error instanceof type)?.[1] ?? 500;
}

/** The exit code of a process that ends with `error`; 1 for an error that is not of this module. */
export function exitCodeOf(error: unknown): number {
  return answers.find(([type]) => error instanceof type)?.[2] ?? 1;
}
