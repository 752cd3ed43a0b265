import { type Command, Option } from "commander";
import { DISPATCH_STATUSES, type DispatchStatus, type JobId, type Trigger, TRIGGERS } from "@jobtrigger/shared/domain";
import { narrowedBy, readRunFilter, runForm, type ShownRun } from "@jobtrigger/shared/api";
import { choicesFlag, gather, labelFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { type Column, instantText, type ListFlags, printListing, statusTone } from "../output/mod.ts";
import { type Session, withSession } from "../session.ts";
import { filterArgument, listFlags, timeContext, type TimeFlags, timeFlags, timesOf } from "./list_flags.ts";
import { tookText } from "./run_facts.ts";

interface RunListFlags extends ListFlags, TimeFlags {
  readonly job?: string;
  readonly status?: readonly DispatchStatus[];
  readonly label?: readonly (readonly string[])[];
  readonly worker?: readonly string[];
  readonly trigger?: readonly Trigger[];
}

/** Adds `runs list`. */
export function addRunList(runs: Command, io: Io): void {
  const command = filterArgument(
    runs.command("list").description("list runs, newest first"),
    "status:failed job:backup* worker:w1 label:nightly since:24h",
  )
    .option("--job <job>", "of this job: its id, key or exact name; or of all that a text with * matches")
    .addOption(
      new Option("--status <list>", `any of ${DISPATCH_STATUSES.join(",")}`).choices(DISPATCH_STATUSES)
        .argParser(choicesFlag("--status", DISPATCH_STATUSES)),
    )
    .option("--label <label>", "of jobs with this label, or with one of a,b; repeat for both", labelFlag)
    .option("--worker <worker>", "claimed by this worker; * stands for any text; repeat for either", gather)
    .addOption(
      new Option("--trigger <list>", `caused by any of ${TRIGGERS.join(",")}`).choices(TRIGGERS)
        .argParser(choicesFlag("--trigger", TRIGGERS)),
    );
  listFlags(timeFlags(command), 50).action((words: readonly string[], flags: RunListFlags) =>
    withSession(io, async (session) => {
      const { client, config } = session;
      const context = await timeContext(session);
      const { status: statuses, label: labels, worker: workers, trigger: triggers } = flags;
      const query = narrowedBy(readRunFilter(words.join(" "), context), {
        ...await jobsOf(session, flags),
        ...(statuses !== undefined && { statuses }),
        ...(labels !== undefined && { labels }),
        ...(workers !== undefined && { workers }),
        ...(triggers !== undefined && { triggers }),
        ...timesOf(flags, context),
      });
      await printListing(io, flags, client.changes, {
        read: (page) => client.listRuns({ ...query, ...page }),
        columns: columnsOf(io, config.displayTimezone),
        form: runForm,
        name: ({ id }) => String(id),
      });
    })
  );
}

/** What `--job` narrows to. @throws {NotFound} */
async function jobsOf(
  { client }: Session,
  { job }: RunListFlags,
): Promise<{ readonly jobId?: JobId; readonly jobs?: readonly string[] }> {
  if (job === undefined) return {};
  return job.includes("*") ? { jobs: [job] } : { jobId: await client.findJob(job, "--job") };
}

function columnsOf(io: Io, zone: string): readonly Column<ShownRun>[] {
  const formOfRun = (run: ShownRun, name: string) => String(runForm(run)[name] ?? "-");
  const startedAt = ({ state }: ShownRun) => "startedAt" in state ? state.startedAt : null;
  const endedAt = ({ state }: ShownRun) => "completedAt" in state ? state.completedAt : null;
  return [
    ["ID", (run) => String(run.id)],
    ["JOB", (run) => run.jobName, { shrinks: true }],
    ["STATUS", (run) => run.state.status, { tone: (run) => statusTone(run.state.status) }],
    ["TRY", (run) => String(run.retryCount + 1)],
    ["TRIGGER", (run) => run.trigger],
    ["SCHEDULED FOR", (run) => instantText(io, run.scheduledFor, zone)],
    ["TOOK", tookText],
    ["JOB ID", (run) => String(run.jobId), { isWide: true }],
    ["WORKER", (run) => formOfRun(run, "worker_id"), { isWide: true }],
    ["STARTED", (run) => instantText(io, startedAt(run), zone), { isWide: true }],
    ["ENDED", (run) => instantText(io, endedAt(run), zone), { isWide: true }],
    ["EXIT", (run) => formOfRun(run, "exit_code"), { isWide: true }],
    ["ERROR", (run) => formOfRun(run, "error_message"), { isWide: true }],
  ];
}
