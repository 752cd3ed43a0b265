import type { Command } from "commander";
import { type EpochMs, Invalid, type Job } from "@jobtrigger/shared/domain";
import { backfillForm, MAX_AT_ONCE } from "@jobtrigger/shared/api";
import { type BackfillPlan, planBackfill } from "@jobtrigger/shared/operations";
import { parseTimezone } from "@jobtrigger/shared/schedule";
import { formatInstant, isoUtc } from "@jobtrigger/shared/time";
import { flagged, keyFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { type OutputFlags, print, printTable, subject } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { namingFlags } from "./definition.ts";
import { jobCommand } from "./job_command.ts";

interface WhyFlags extends OutputFlags {
  readonly at?: string;
  readonly timezone?: string;
}

interface BackfillFlags extends OutputFlags {
  readonly from: string;
  readonly to: string;
  readonly atOnce: string;
  readonly dryRun?: boolean;
  readonly key?: string;
}

/** Adds `jobs why` and `jobs backfill`, which are about past times. */
export function addPastCommands(jobs: Command, io: Io): void {
  jobCommand(jobs, "why", "say why a job did or did not run")
    .option(
      "--at <time>",
      '02:00, "2026-11-24 02:00", or an instant in ISO 8601: the minute, or the second; default: now',
    )
    .option("--timezone <zone>", "IANA zone of the times, typed and printed; default: DISPLAY_TIMEZONE")
    .action((text: string, flags: WhyFlags) =>
      withSession(io, async ({ client, config }) => {
        const { timezone, at = null } = flags;
        const zone = timezone === undefined
          ? config.displayTimezone
          : flagged("--timezone", () => parseTimezone(timezone));
        const id = await client.findJob(text);
        const sentences = await namingFlags(client.explainJob(id, { at, zone }));
        await print(io, flags, {
          form: () => ({ id, why: sentences }),
          text: () => io.out(sentences.map((sentence) => `${sentence}\n`).join("")),
        });
      })
    );

  jobCommand(jobs, "backfill", "run the times of a job's schedule in a past range")
    .requiredOption("--from <time>", '2026-11-01, "2026-11-01 09:00", 09:00 (the last) in the job\'s zone, or ISO 8601')
    .requiredOption(
      "--to <time>",
      "likewise; the whole day or minute is included, and both showings of a repeated time",
    )
    .option("--at-once <n>", `how many of them may run at once, up to ${MAX_AT_ONCE}`, "1")
    .option("--dry-run", "only list the times, write nothing")
    .option("--key <text>", "idempotency key: the same key writes them once, however often it is sent", keyFlag)
    .action((text: string, flags: BackfillFlags) =>
      withSession(io, async ({ client }) => {
        const job = await client.getJob(await client.findJob(text));
        const plan = planned(job, flags, await client.now());
        const { times } = plan;
        if (flags.dryRun) return await printTimes(io, job, times, flags);
        const key = flags.key ?? crypto.randomUUID();
        const written = await client.backfillJob(job, { key, plan });
        const present = times.length - written;
        const already = present === 0 ? "" : `, ${present} ${present === 1 ? "was" : "were"} there already`;
        await print(io, flags, {
          form: () => backfillForm({ id: key, written, present }),
          names: [key],
          text: `backfill ${key} of ${subject("job", job)}: ${written} ${
            written === 1 ? "run" : "runs"
          } written${already}`,
        });
      })
    );
}

/** Plans the backfill. @throws {Invalid} that names the flags. */
function planned(job: Job, { from, to, atOnce }: BackfillFlags, now: EpochMs): BackfillPlan {
  const planned = planBackfill(job, { from, to, at_once: atOnce }, now);
  if ("plan" in planned) {
    if (planned.plan.times.length > 0) return planned.plan;
    throw new Invalid([{ field: "--from", message: "the job's schedule has no time in this range" }]);
  }
  const { problems } = planned;
  throw new Invalid(
    Object.entries(problems).map(([field, message]) => ({ field: `--${field.replaceAll("_", "-")}`, message })),
  );
}

async function printTimes(io: Io, job: Job, times: readonly EpochMs[], flags: OutputFlags): Promise<void> {
  await print(io, flags, {
    form: () => times.map(isoUtc),
    names: times.map(isoUtc),
    text: () =>
      printTable(io, flags, times, [
        ["UTC", isoUtc],
        ["IN THE JOB'S ZONE", (at) => formatInstant(at, job.timezone)],
      ]),
  });
}
