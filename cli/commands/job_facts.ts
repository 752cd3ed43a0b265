import type { Job } from "@jobtrigger/shared/domain";
import { jobForm, policySentences } from "@jobtrigger/shared/api";
import { isShownTooLate } from "@jobtrigger/shared/policy";
import { describeSchedule, formatSchedule } from "@jobtrigger/shared/schedule";
import type { CommonFlags } from "../flags.ts";
import type { Io } from "../io.ts";
import { instantText, printFacts, printJson } from "../output.ts";
import type { Session } from "../session.ts";

/** Prints a job: its facts, or with `json` its form. */
export async function printJob(io: Io, { client, config }: Session, job: Job, { json }: CommonFlags): Promise<void> {
  if (json) return await printJson(io, jobForm(job));
  const { env, dst } = job.policies;
  const zone = config.displayTimezone;
  const sentences = policySentences(job.policies, { timezone: job.timezone, defaults: true, schedule: job.schedule });
  await printFacts(io, [
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
    ["state", job.isActive ? "active" : `paused${job.pausedNote === null ? "" : `: ${job.pausedNote}`}`],
    ["next run", job.nextRun === null ? "never" : instantText(io, job.nextRun, zone)],
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
