/**
 * The questions that fault tests ask the tables, the same for both databases.
 *
 * @module
 */
import type { Dispatch, EpochMs, Job } from "../../shared/domain/mod.ts";
import { calculateNextRun, type Schedule } from "../../shared/schedule/mod.ts";
import type { Site } from "../support/process.ts";

/** All that is stored about one attempt, as it lies in the tables. */
export async function storedOf({ sql }: Site, { id }: Dispatch): Promise<unknown> {
  return {
    dispatch: await sql(`SELECT * FROM job_dispatch WHERE id = ${id}`),
    execution: await sql(`SELECT * FROM job_execution_logs WHERE dispatch_id = ${id}`),
    output: await sql(`SELECT * FROM job_log_chunks WHERE dispatch_id = ${id} ORDER BY seq`),
    events: await sql(`SELECT * FROM run_events WHERE dispatch_id = ${id} ORDER BY id`),
  };
}

/** Makes waiting runs available at once, so that no test waits for a retry's delay. */
export async function hurry({ sql }: Site): Promise<void> {
  await sql("UPDATE job_dispatch SET available_at = created_at WHERE status = 'PENDING'");
}

/** All first attempts of a job that its schedule made, the newest first. */
export async function scheduledRuns({ store }: Site, job: Job): Promise<readonly Dispatch[]> {
  const runs: Dispatch[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.runs.list({ jobId: job.id, limit: 200, ...(cursor !== undefined && { cursor }) });
    runs.push(...page.items.filter(({ trigger }) => trigger === "schedule"));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return runs;
}

/** The nominal times of a job that were settled, by a dispatch or in the ledger, sorted; one settled twice is there twice. */
export async function settledTimes(site: Site, job: Job): Promise<readonly EpochMs[]> {
  const runs = (await scheduledRuns(site, job)).map(({ scheduledFor }) => scheduledFor);
  const entries = await site.store.runs.ledger(job.id, 1000);
  const skipped = entries.flatMap(({ firstAt, lastAt, count }) => {
    const times = [firstAt, ...occurrences(job, firstAt, lastAt)];
    if (times.length !== count) throw new Error(`An entry from ${firstAt} to ${lastAt} counts ${count}`);
    return times;
  });
  return [...runs, ...skipped].toSorted((a, b) => a - b);
}

/** The schedule's own list: the occurrences of a job after one and up to another. */
export function occurrences(job: Job, after: EpochMs, until: EpochMs): readonly EpochMs[] {
  const first = job.nextRun;
  if (first === null) throw new TypeError(`Job ${job.id} has no first run`);
  const schedule: Schedule = job.schedule.kind === "interval"
    ? { ...job.schedule, anchor: new Date(first).toISOString() }
    : job.schedule;
  const times: EpochMs[] = [];
  let at: EpochMs | null = after;
  while (at !== null && at < until) {
    at = calculateNextRun(schedule, { timezone: job.timezone, dst: job.policies.dst, after: at });
    if (at !== null && at <= until) times.push(at);
  }
  return times;
}
