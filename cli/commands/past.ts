import type { Command } from "commander";
import { type EpochMs, epochMs, Invalid, type Job, type JobId } from "@jobtrigger/shared/domain";
import { getJob, planBackfill, readMinute, whyAt, whyNow } from "@jobtrigger/shared/jobs";
import type { Span } from "@jobtrigger/shared/policy";
import { formatInstant, isoUtc } from "@jobtrigger/shared/time";
import { type CommonFlags, jobIdFlag, parseInstant } from "../flags.ts";
import type { Io } from "../io.ts";
import { printJson, printTable } from "../output.ts";
import { withSession } from "../session.ts";

interface WhyFlags extends CommonFlags {
  readonly at?: string;
}

interface BackfillFlags extends CommonFlags {
  readonly from: string;
  readonly to: string;
  readonly atOnce: string;
  readonly dryRun?: boolean;
  readonly key?: string;
}

/** Adds `jobs why` and `jobs backfill`, which are about what was and what was not. */
export function addPastCommands(jobs: Command, io: Io): void {
  const commandOnOne = (name: string, about: string) =>
    jobs.command(name).description(about).argument("<id>", "the job's id", jobIdFlag("id"));

  commandOnOne("why", "say why a job did or did not run")
    .option("--at <time>", '02:00, "2026-11-24 02:00" (a minute in DISPLAY_TIMEZONE), or an instant in ISO 8601')
    .action((id: JobId, flags: WhyFlags) =>
      withSession(io, async ({ store, config, now }) => {
        const context = { now: await now(), zone: config.displayTimezone };
        const job = await getJob(store, id);
        const spans = flags.at === undefined ? null : spansOf(flags.at, context);
        const sentences = spans === null
          ? await whyNow(store, job, context)
          : (await Promise.all(spans.map((span) => whyAt(store, job, span, context)))).flat();
        if (flags.json) await printJson(io, { id, why: [...sentences] });
        else await io.out(sentences.map((sentence) => `${sentence}\n`).join(""));
      })
    );

  commandOnOne("backfill", "run the times of a job's schedule in a past range")
    .requiredOption("--from <time>", 'a day, or a time in the job\'s zone, such as 2026-11-01 or "2026-11-01 09:00"')
    .requiredOption("--to <time>", "likewise; a day counts whole")
    .option("--at-once <n>", "how many of them may run at once", "1")
    .option("--dry-run", "only list the times")
    .option("--key <text>", "idempotency key: the same key writes them once, however often it is sent")
    .action((id: JobId, flags: BackfillFlags) =>
      withSession(io, async ({ store, now }) => {
        const job = await getJob(store, id);
        const at = await now();
        const { times, atOnce } = planned(job, flags, at);
        if (flags.dryRun) return await printTimes(io, job, times, flags);
        const backfill = { id: flags.key ?? crypto.randomUUID(), atOnce };
        const written = await store.runs.backfill({ jobId: id, times, backfill, now: at });
        const present = times.length - written;
        if (flags.json) return await printJson(io, { id: backfill.id, written, present });
        const already = present === 0 ? "" : `, ${present} were there already`;
        await io.out(`Backfill ${backfill.id}: ${written} runs written${already}\n`);
      })
    );
}

/** The minute, or two where clocks show it twice; an instant is a minute of its own. @throws {Invalid} */
function spansOf(text: string, context: { readonly now: EpochMs; readonly zone: string }): readonly Span[] {
  const instant = parseInstant(text);
  if (instant !== null) return [{ from: instant, until: epochMs(instant + 59_999) }];
  try {
    return readMinute(text.trim(), context).spans;
  } catch (error) {
    if (error instanceof RangeError) throw new Invalid([{ field: "--at", message: error.message }]);
    throw error;
  }
}

/** What the flags ask for. @throws {Invalid} that names the flags. */
function planned(job: Job, { from, to, atOnce }: BackfillFlags, now: EpochMs) {
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

async function printTimes(io: Io, job: Job, times: readonly EpochMs[], { json }: CommonFlags): Promise<void> {
  if (json) return await printJson(io, times.map(isoUtc));
  await printTable(io, times, [
    ["UTC", isoUtc],
    ["IN THE JOB'S ZONE", (at) => formatInstant(at, job.timezone)],
  ]);
}
