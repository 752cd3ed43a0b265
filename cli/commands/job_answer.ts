import type { Job } from "@jobtrigger/shared/domain";
import { jobForm, type JsonObject } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";
import { instantText, type OutputFlags, print, subject } from "../output/mod.ts";
import type { Session } from "../session.ts";

/** By what commands take a job: its key, else its id. */
export function nameOfJob({ key, id }: Pick<Job, "key" | "id">): string {
  return key ?? String(id);
}

/** Answers a change of a job: in one line what became of it and when it runs next, or its form with `more`. */
export async function printChangedJob(
  io: Io,
  { config }: Session,
  job: Job,
  what: string,
  flags: OutputFlags,
  more: JsonObject = {},
): Promise<void> {
  const next = job.nextRun === null ? "" : `; next run ${instantText(io, job.nextRun, config.displayTimezone)}`;
  await print(io, flags, {
    form: () => ({ ...jobForm(job), ...more }),
    names: [nameOfJob(job)],
    text: `${subject("job", job)} ${what}${next}`,
  });
}
