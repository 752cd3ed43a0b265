import { type Command, Option } from "commander";
import { type EpochMs, Invalid } from "@jobtrigger/shared/domain";
import { displayTimezone } from "@jobtrigger/shared/config";
import {
  describeSchedule,
  type DstPolicy,
  formatSchedule,
  nextRuns,
  parseSchedule,
  parseTimezone,
  type Schedule,
  scheduleWarnings,
} from "@jobtrigger/shared/schedule";
import { crowdForm, crowdWords, type JsonObject } from "@jobtrigger/shared/api";
import { isoUtc } from "@jobtrigger/shared/time";
import { countFlag, flagged, instantFlag, scheduleFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { instantText, type OutputFlags, print, printFacts } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { dstFlags } from "./definition.ts";
import { answerLines, COUNT_MAX } from "./schedule_lines.ts";

interface ScheduleFlags extends OutputFlags {
  readonly schedule?: unknown;
  readonly timezone?: string;
  readonly after?: EpochMs;
  readonly count: number;
  readonly dstGap?: DstPolicy["gap"];
  readonly dstFold?: DstPolicy["fold"];
  readonly stdin?: boolean;
}

/** Adds `schedule …`; all but `preview` need no database. */
export function addScheduleCommands(program: Command, io: Io): void {
  const schedule = program.command("schedule").description("ask the schedule engine; all but preview need no database");

  questionFlags(schedule.command("next").description("print the next occurrences"))
    .addOption(
      new Option(
        "--stdin",
        'answer JSON lines {"schedule","timezone","after","count","dst"}, each with a line {"next"} or {"error"}; a line has at most 16384 characters',
      ).conflicts(["schedule", "timezone", "after", "dstGap", "dstFold"]),
    )
    .action(async (flags: ScheduleFlags) => {
      if (flags.stdin) return await answerLines(io);
      const question = questionOf(io, flags);
      const next = nextRuns(question.schedule, question, flags.count);
      await print(io, flags, {
        form: () => next.map(isoUtc),
        names: next.map(isoUtc),
        text: async () => {
          await io.out(next.map((at) => `${instantText(io, at, question.timezone)}\n`).join(""));
          if (next.length === 0) await io.err("It does not occur after that\n");
        },
      });
    });

  questionFlags(schedule.command("explain").description("say in words what a schedule means"))
    .action(async (flags: ScheduleFlags) => {
      const explained = explain(questionOf(io, flags), flags.count);
      await print(io, flags, {
        form: () => explained.form,
        text: () => printFacts(io, flags, explained.facts(io)),
      });
    });

  questionFlags(
    schedule.command("preview").description("say what a schedule means, and how many jobs are due at its next time"),
    { hasAfter: false },
  ).action((flags: ScheduleFlags) =>
    withSession(io, async ({ client }) => {
      const question = questionOf(io, { ...flags, after: await client.now() });
      const { form, facts } = explain(question, flags.count);
      const crowd = await client.crowdOf(question);
      const words = crowd === null ? null : crowdWords(crowd);
      const free = crowd?.freeAt ?? null;
      await print(io, flags, {
        form: () => ({ ...form, others_this_minute: crowd === null ? null : crowdForm(crowd) }),
        text: () =>
          printFacts(io, flags, [
            ...facts(io),
            ...(words === null ? [] : [["others", words] as const]),
            ...(words === null || free === null ? [] : [["free", instantText(io, free, question.timezone)] as const]),
          ]),
      });
    })
  );
}

interface Explained {
  readonly form: JsonObject;
  readonly facts: (io: Io) => readonly (readonly [name: string, value: string])[];
}

function explain(question: Question, count: number): Explained {
  const { schedule, timezone } = question;
  const sentence = describeSchedule(schedule, timezone);
  const warnings = scheduleWarnings(schedule, question).map(({ message }) => message);
  const next = nextRuns(schedule, question, count);
  const text = formatSchedule(schedule);
  return {
    form: { text, sentence, schedule: { ...schedule }, warnings, next: next.map(isoUtc) },
    facts: (io) => [
      ["means", sentence],
      ["text", text],
      ["JSON", JSON.stringify(schedule)],
      ...next.map((at) => ["next", instantText(io, at, timezone)] as const),
      ...warnings.map((message) => ["note", message] as const),
    ],
  };
}

function questionFlags(command: Command, { hasAfter = true }: { readonly hasAfter?: boolean } = {}): Command {
  command
    .option(
      "--schedule <text>",
      '"daily at 9", "every monday at 9:30 pm", "every 5m", "cron */5 * * * *" …, or JSON',
      scheduleFlag,
    )
    .option("--timezone <zone>", "IANA zone; default: DISPLAY_TIMEZONE")
    .option("--count <n>", `how many, up to ${COUNT_MAX}`, countFlag("--count", COUNT_MAX), 10);
  if (hasAfter) {
    command.option("--after <instant>", "ISO 8601 with Z or an offset; default: now", instantFlag("--after"));
  }
  return dstFlags(command);
}

interface Question {
  readonly schedule: Schedule;
  readonly timezone: string;
  readonly after: EpochMs;
  readonly dst: DstPolicy;
}

function questionOf(io: Io, flags: ScheduleFlags): Question {
  if (flags.schedule === undefined) {
    throw new Invalid([{ field: "--schedule", message: 'is missing, expected a schedule such as "daily at 09:00"' }]);
  }
  const zone = flags.timezone;
  return {
    schedule: flagged("--schedule", () => parseSchedule(flags.schedule)),
    timezone: zone === undefined ? displayTimezone(io.env) : flagged("--timezone", () => parseTimezone(zone)),
    after: flags.after ?? io.clock.now(),
    dst: { gap: flags.dstGap ?? "after", fold: flags.dstFold ?? "first" },
  };
}
