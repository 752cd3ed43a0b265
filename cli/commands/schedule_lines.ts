/**
 * `schedule next --stdin` answers each line of input with one line of output, in order. A wrong or overlong line is
 * answered with an error, and the others go on; blank lines are skipped. Answers are written before the next read, so
 * a program may wait for each answer.
 *
 * @module
 */
import { z } from "zod";
import { DST_FOLDS, DST_GAPS, Invalid, type Problem } from "@jobtrigger/shared/domain";
import { nextRuns, parseSchedule, parseTimezone, ScheduleError } from "@jobtrigger/shared/schedule";
import { isoUtc } from "@jobtrigger/shared/time";
import { INSTANT, parseJson } from "../flags.ts";
import { type JsonObject, readInstant } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";

/** Most occurrences that one question is answered with. */
export const COUNT_MAX = 10_000;
/** Longest line that is read, in characters. */
export const LINE_CHARS_MAX = 16_384;
/** Answers are written in batches of about this many characters. */
const WRITE_CHARS = 65_536;

const lineSchema = z.strictObject({
  schedule: z.union([z.string(), z.record(z.string(), z.unknown())], { error: "expected text or an object" }),
  timezone: z.string({ error: "expected an IANA zone" }),
  after: z.string({ error: `expected ${INSTANT}` }),
  count: z.int({ error: "expected a whole number" })
    .min(1, { error: "expected at least 1" }).max(COUNT_MAX, { error: `expected at most ${COUNT_MAX}` }).default(1),
  dst: z.strictObject({
    gap: z.enum(DST_GAPS, { error: "expected after or skip" }).default("after"),
    fold: z.enum(DST_FOLDS, { error: "expected first, second or both" }).default("first"),
  }).optional(),
}, { error: (issue) => issue.code === "invalid_type" ? "expected a JSON object" : undefined });

/** Answers each line of standard input. */
export async function answerLines(io: Io): Promise<void> {
  for await (const lines of linesOf(io.stdin)) {
    let answers = "";
    for (const line of lines) {
      if (line.trim() === "") continue;
      answers += `${JSON.stringify(answer(line))}\n`;
      if (answers.length < WRITE_CHARS) continue;
      await io.out(answers);
      answers = "";
    }
    if (answers !== "") await io.out(answers);
  }
}

function answer(line: string): JsonObject {
  try {
    if (line.length > LINE_CHARS_MAX) {
      return errorForm({ field: "line", message: `it is longer than ${LINE_CHARS_MAX} characters` });
    }
    const question = lineSchema.safeParse(parseJson(line, "line"));
    if (!question.success) return errorForm(problemOf(question.error));
    const { schedule, timezone, after, count, dst } = question.data;
    const instant = readInstant(after);
    if (instant === null) {
      return errorForm({ field: "after", message: `found ${JSON.stringify(after)}, expected ${INSTANT}` });
    }
    const options = { timezone: parseTimezone(timezone), after: instant, ...(dst === undefined ? {} : { dst }) };
    return { next: nextRuns(parseSchedule(schedule), options, count).map(isoUtc) };
  } catch (error) {
    if (error instanceof ScheduleError) return errorForm(error);
    if (error instanceof Invalid && error.problems[0] !== undefined) return errorForm(error.problems[0]);
    throw error;
  }
}

type Said = Pick<Problem, "field" | "message">;

function problemOf({ issues: [issue] }: z.ZodError): Said {
  return { field: issue?.path.join(".") || "line", message: issue?.message ?? "cannot be read" };
}

function errorForm({ field, message }: Said): JsonObject {
  return { error: { field, message } };
}

/**
 * The lines that each chunk of `stream` completes. Of an overlong line only the beginning is kept, one character
 * more than is allowed.
 */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const [first = "", ...others] = decoder.decode(bytes, { stream: true }).split("\n");
    const lines = [rest + first.slice(0, LINE_CHARS_MAX + 1 - rest.length), ...others];
    rest = (lines.pop() ?? "").slice(0, LINE_CHARS_MAX + 1);
    yield lines;
  }
  yield [rest + decoder.decode()];
}
