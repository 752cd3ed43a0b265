import type { Job } from "@jobtrigger/shared/domain";
import { jobForm, policySentences } from "@jobtrigger/shared/api";
import { isShownTooLate } from "@jobtrigger/shared/policy";
import { describeSchedule, formatSchedule } from "@jobtrigger/shared/schedule";
import type { Io } from "../io.ts";
import { instantText, type OutputFlags, print, printFacts } from "../output/mod.ts";
import type { Session } from "../session.ts";
import { nameOfJob } from "./job_answer.ts";

/** Prints a job: its facts, or its form. */
export async function printJob(io: Io, session: Session, job: Job, flags: OutputFlags): Promise<void> {
  await print(io, flags, {
    form: () => jobForm(job),
    names: [nameOfJob(job)],
    text: () => printJobFacts(io, session, job, flags),
  });
}

async function printJobFacts(io: Io, { client, config }: Session, job: Job, flags: OutputFlags): Promise<void> {
  const { env, dst } = job.policies;
  const zone = config.displayTimezone;
  const sentences = policySentences(job.policies, { timezone: job.timezone, defaults: true, schedule: job.schedule });
  await printFacts(io, flags, [
    ["id", String(job.id)],
    ["name", job.name],
    ["key", job.key],
    ["managed by", job.managedBy],
    ["labels", job.labels.length === 0 ? null : job.labels.join(", ")],
    ["script", job.scriptPath],
    ["arguments", job.scriptArgs.length === 0 ? null : JSON.stringify(job.scriptArgs)],
    ["schedule", formatSchedule(job.schedule)],
    ["means", describeSchedule(job.schedule, job.timezone)],
    ["zone", job.timezone],
    ["clock changes", `gap: ${dst.gap}, fold: ${dst.fold}`],
    [
      "state",
      job.isActive ? "active" : `paused${job.pausedNote === null ? "" : `: ${job.pausedNote}`}`,
      job.isActive ? "calm" : "warn",
    ],
    ["next run", job.nextRun === null ? "never" : instantText(io, job.nextRun, zone)],
    ["damaged", job.damage, "bad"],
    [
      "note",
      isShownTooLate(job, await client.now()) ? "Next run is later than the schedule says: jobctl jobs why" : null,
    ],
    ...sentences.map(({ field, sentence, isWarning }): [string, string] => [
      field.replaceAll("_", " "),
      isWarning ? `Note: ${sentence}` : sentence,
    ]),
    ["environment", Object.keys(env).length === 0 ? null : Object.keys(env).join(" ")],
    ["revision", `${job.revision}, ${instantText(io, job.updatedAt, zone)}`],
  ]);
}
