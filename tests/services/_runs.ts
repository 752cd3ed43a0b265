import { type Dispatch, type EpochMs, epochMs, type Job, workerId } from "../../shared/domain/mod.ts";
import { parseJobInput } from "../../shared/api/mod.ts";
import { createJob } from "../../shared/operations/mod.ts";
import type { Store } from "../../shared/store/mod.ts";
import { operating } from "../support/operating.ts";
import { eventually, type Site } from "../support/process.ts";
import { by } from "../support/actor.ts";

/** The time by this machine, which is also the database's. */
export const now = (): EpochMs => epochMs(Date.now());

/** Adds a job that runs `script`. */
export async function addJob(
  { store, env }: Site,
  schedule: string,
  script: string,
  retries = 0,
  overlap = "skip",
): Promise<Job> {
  const input = { name: script, script, schedule, timezone: "UTC", max_retries: retries, overlap };
  const definition = await parseJobInput(input, { scriptsDirs: [env.SCRIPTS_DIR ?? ""], defaultTimezone: "UTC" });
  return await createJob(operating(store, now()), definition);
}

/** Writes a run of the job, in spite of others. */
export function start({ store }: Site, job: Job): Promise<Dispatch> {
  const request = { jobId: job.id, trigger: "manual", args: null, force: true, idempotencyKey: null } as const;
  return store.runs.runNow({ ...request, ...by(now()) });
}

/** The output of a run, as stored so far. */
export async function log({ store }: Site, run: Dispatch): Promise<string> {
  return (await store.logs.read(run.id, { fromSeq: 0, maxBytes: 1e7 })).map(({ data }) => data).join("");
}

/** Waits for a run to be in one of the states. */
export function reaches(
  { store }: Site,
  run: Dispatch,
  ...statuses: readonly Dispatch["state"]["status"][]
): Promise<Dispatch> {
  return eventually(store, async () => {
    const found = await store.runs.get(run.id);
    return found !== null && statuses.includes(found.state.status) && found;
  });
}

/** Waits for a run of the job to have succeeded. */
export function completedRun({ store }: Site, { id }: Job): Promise<Dispatch> {
  return eventually(
    store,
    async () => (await store.runs.list({ jobId: id, statuses: ["COMPLETED"], limit: 1 })).items[0],
  );
}

/** Waits for the script of a run to have written something. */
export function speaks(site: Site, run: Dispatch): Promise<string> {
  return eventually(site.store, async () => await log(site, run) || null);
}

/** Whether a process lives; a zombie does not. */
export async function lives(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return !/\) [ZX] /.test(stat);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Enters a worker that does nothing: a change of the database. */
export function addWorker({ workers }: Store, name: string): Promise<void> {
  const identity = { hostname: "host", platform: "test", processId: 1, version: "0", tags: [], concurrency: 1 };
  return workers.register({ workerId: workerId(name), ...identity }, now());
}
