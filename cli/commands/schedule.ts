import type { Command } from "commander";
import { z } from "zod";
import { type EpochMs, Invalid, type Problem } from "@jobtrigger/shared/domain";
import { jobctlConfig } from "@jobtrigger/shared/config";
import {
  describeSchedule,
  type DstPolicy,
  formatSchedule,
  nextRuns,
  parseSchedule,
  parseTimezone,
  type Schedule,
  ScheduleError,
  scheduleWarnings,
} from "@jobtrigger/shared/schedule";
import { isoUtc, systemClock } from "@jobtrigger/shared/time";
import { countFlag, INSTANT_EXPECTED, instantFlag, parseInstant } from "../flags.ts";
import type { JsonObject } from "../forms.ts";
import type { Io } from "../io.ts";
import { instantText, printFacts, printJson } from "../output.ts";

/** Most occurrences that one question is answered with. */
const COUNT_MAX = 10_000;
/** Answers to `--stdin` are written in pieces of about this many characters. */
const WRITE_CHARS = 65_536;

interface ScheduleFlags {
  readonly schedule?: string;
  readonly timezone?: string;
  readonly after?: EpochMs;
  readonly count: number;
  readonly dstGap?: string;
  readonly dstFold?: string;
  readonly stdin?: boolean;
  readonly json?: boolean;
}

/** Adds `schedule …`, which needs no database. */
export function addScheduleCommands(program: Command, io: Io): void {
  const schedule = program.command("schedule").description("ask the schedule engine; needs no database");

  questionFlags(schedule.command("next").description("print the next occurrences"))
    .option("--stdin", 'read questions as JSON lines {"schedule","timezone","after","count","dst"}, answer a line each')
    .action(async (flags: ScheduleFlags) => {
      if (flags.stdin) return await answerLines(io);
      const question = questionOf(io, flags);
      const next = nextRuns(question.schedule, question, flags.count);
      if (flags.json) await printJson(io, next.map(isoUtc));
      else await io.out(next.map((at) => `${instantText(io, at, question.timezone)}\n`).join(""));
    });

  questionFlags(schedule.command("explain").description("say in words what a schedule means"))
    .action(async (flags: ScheduleFlags) => {
      const question = questionOf(io, flags);
      const sentence = describeSchedule(question.schedule, question.timezone);
      const warnings = scheduleWarnings(question.schedule, question).map(({ message }) => message);
      const next = nextRuns(question.schedule, question, flags.count);
      const text = formatSchedule(question.schedule);
      if (flags.json) {
        return await printJson(io, {
          text,
          sentence,
          schedule: { ...question.schedule },
          warnings,
          next: next.map(isoUtc),
        });
      }
      await printFacts(io, [
        ["means", sentence],
        ["text", text],
        ["JSON", JSON.stringify(question.schedule)],
        ...next.map((at, index) => [index === 0 ? "next" : "", instantText(io, at, question.timezone)] as const),
        ...warnings.map((message) => ["note", message] as const),
      ]);
    });
}

function questionFlags(command: Command): Command {
  return command
    .option("--schedule <text>", "text or JSON")
    .option("--timezone <zone>", "IANA zone; default: the display zone")
    .option("--after <instant>", "ISO 8601 with Z or an offset; default: now", instantFlag)
    .option("--count <n>", "how many", countFlag(COUNT_MAX), 10)
    .option("--dst-gap <policy>", "a time that clocks skip: after or skip")
    .option("--dst-fold <policy>", "a time that comes twice: first, second or both")
    .option("--json", "print JSON");
}

interface Question {
  readonly schedule: Schedule;
  readonly timezone: string;
  readonly after: EpochMs;
  readonly dst: DstPolicy;
}

const dstSchema = z.strictObject({
  gap: z.enum(["after", "skip"]).default("after"),
  fold: z.enum(["first", "second", "both"]).default("first"),
});

function questionOf(io: Io, flags: ScheduleFlags): Question {
  if (flags.schedule === undefined) {
    throw new Invalid([{ field: "--schedule", message: 'expected a schedule, such as "daily at 09:00"' }]);
  }
  const dst = dstSchema.safeParse({ gap: flags.dstGap, fold: flags.dstFold });
  if (!dst.success) {
    throw new Invalid(dst.error.issues.map(({ path, message }) => ({ field: `--dst-${path.join()}`, message })));
  }
  return {
    schedule: parseSchedule(flags.schedule.trimStart().startsWith("{") ? parseJson(flags.schedule) : flags.schedule),
    timezone: parseTimezone(flags.timezone ?? jobctlConfig(io.env).displayTimezone),
    after: flags.after ?? systemClock.now(),
    dst: dst.data,
  };
}

const lineSchema = z.strictObject({
  schedule: z.union([z.string(), z.record(z.string(), z.unknown())], { error: "expected text or an object" }),
  timezone: z.string({ error: "expected an IANA zone" }),
  after: z.string({ error: INSTANT_EXPECTED }),
  count: z.number({ error: "expected a number" }).int({ error: "expected a whole number" })
    .min(1, { error: "expected at least 1" }).max(COUNT_MAX, { error: `expected at most ${COUNT_MAX}` }).default(1),
  dst: dstSchema.optional(),
});

/** Answers each line of standard input, in order; a line that is wrong gets an error and does not stop the others. */
async function answerLines(io: Io): Promise<void> {
  let answers = "";
  for await (const line of linesOf(io.stdin)) {
    if (line.trim() === "") continue;
    answers += `${JSON.stringify(answerLine(line))}\n`;
    if (answers.length < WRITE_CHARS) continue;
    await io.out(answers);
    answers = "";
  }
  await io.out(answers);
}

function answerLine(line: string): JsonObject {
  try {
    const question = lineSchema.safeParse(parseJson(line));
    if (!question.success) return errorForm(problemOf(question.error));
    const { schedule, timezone, after, count, dst } = question.data;
    const instant = parseInstant(after);
    if (instant === null) return errorForm({ field: "after", message: INSTANT_EXPECTED });
    const options = { timezone: parseTimezone(timezone), after: instant, ...(dst === undefined ? {} : { dst }) };
    return { next: nextRuns(parseSchedule(schedule), options, count).map(isoUtc) };
  } catch (error) {
    if (error instanceof ScheduleError) return errorForm(error);
    if (error instanceof Invalid && error.problems[0] !== undefined) return errorForm(error.problems[0]);
    throw error;
  }
}

function problemOf({ issues }: z.ZodError): Problem {
  const issue = issues[0];
  return { field: issue?.path.join(".") || "line", message: issue?.message ?? "cannot be read" };
}

function errorForm({ field, message }: Problem): JsonObject {
  return { error: { field, message } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Invalid([{ field: "schedule", message: `Cannot parse as JSON: ${reason}` }]);
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  yield rest + decoder.decode();
}
