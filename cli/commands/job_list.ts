import type { Command } from "commander";
import { JOB_STATES, type JobState } from "@jobtrigger/shared/domain";
import { JOB_ORDERS, type JobOrderName, orderNamed } from "@jobtrigger/shared/api";
import { jobSummaryForm, narrowedBy, readJobFilter, type ShownJobSummary } from "@jobtrigger/shared/api";
import { formatSchedule } from "@jobtrigger/shared/schedule";
import { labelFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { type Column, instantText, type ListFlags, printListing, statusTone } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { choiceOption } from "./choice_option.ts";
import { nameOfJob } from "./job_answer.ts";
import { filterArgument, listFlags } from "./list_flags.ts";

interface JobListFlags extends ListFlags {
  readonly search?: string;
  readonly state?: JobState;
  readonly sort?: JobOrderName;
  readonly label?: readonly (readonly string[])[];
}

/** Adds `jobs list`. */
export function addJobList(jobs: Command, io: Io): void {
  const command = filterArgument(jobs.command("list").description("list jobs by name"), "label:nightly,eu state:paused")
    .option("--search <text>", "part of the name, script path or key")
    .option(
      "--label <label>",
      "jobs with this label, or with one of a,b; repeat for jobs that have all of several",
      labelFlag,
    )
    .addOption(choiceOption("--state <state>", JOB_STATES.join(", "), "--state", JOB_STATES))
    .addOption(
      choiceOption("--sort <order>", "name; worst: what needs a person first", "--sort", Object.values(JOB_ORDERS)),
    );
  listFlags(command, 200).action((words: readonly string[], flags: JobListFlags) =>
    withSession(io, async ({ client, config }) => {
      const { search, state, label: labels, sort } = flags;
      const query = narrowedBy(readJobFilter(words.join(" ")), {
        ...(search !== undefined && { search }),
        ...(state !== undefined && { states: [state] }),
        ...(labels !== undefined && { labels }),
      });
      const order = sort === undefined ? {} : { sort: orderNamed(sort) };
      await printListing(io, flags, client.changes, {
        read: async (page) => await client.listJobs({ ...query, ...order, ...page, now: await client.now() }),
        columns: columnsOf(io, config.displayTimezone),
        form: jobSummaryForm,
        name: nameOfJob,
      });
    })
  );
}

function stateOf({ damage, isActive }: ShownJobSummary): string {
  return damage !== null ? "damaged" : isActive ? "active" : "paused";
}

function columnsOf(io: Io, zone: string): readonly Column<ShownJobSummary>[] {
  return [
    ["ID", (job) => String(job.id)],
    ["NAME", (job) => job.name, { shrinks: true }],
    ["STATE", stateOf, { tone: (job) => stateOf(job) === "active" ? "calm" : "warn" }],
    ["SCHEDULE", (job) => formatSchedule(job.schedule), { shrinks: true }],
    ["ZONE", (job) => job.timezone, { shrinks: true }],
    ["NEXT RUN", (job) => instantText(io, job.nextRun, zone)],
    ["LAST RUN", ({ lastRun }) => lastRun?.state.status ?? "-", {
      tone: ({ lastRun }) => statusTone(lastRun?.state.status ?? null),
    }],
    ["KEY", (job) => job.key ?? "-", { isWide: true }],
    ["LABELS", (job) => job.labels.join(",") || "-", { isWide: true }],
    ["SCRIPT", (job) => job.scriptPath, { isWide: true }],
    ["REVISION", (job) => String(job.revision), { isWide: true }],
    ["UPDATED", (job) => instantText(io, job.updatedAt, zone), { isWide: true }],
  ];
}
