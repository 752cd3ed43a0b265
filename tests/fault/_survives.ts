import assert from "node:assert/strict";
import { type EpochMs, epochMs, type Job, StoreUnavailable } from "../../shared/domain/mod.ts";
import { type JobInput, parseJobInput } from "../../shared/api/mod.ts";
import { createJob, pauseJob } from "../../shared/operations/mod.ts";
import { now } from "../services/_runs.ts";
import { migrations } from "@jobtrigger/shared/migrations";
import { backupDatabase, checkDatabase, openStore, restoreDatabase } from "../../shared/store/mod.ts";
import { execute } from "../store/_whole.ts";
import { operating } from "../support/operating.ts";
import { eventually, type Site } from "../support/process.ts";
import { Random } from "../support/random.ts";
import { openDirectory } from "../support/temporary.ts";
import { chaosSeed, Fleet } from "./_chaos.ts";
import { occurrences, settledTimes } from "./_facts.ts";

/** Settings under which services notice each other's death within seconds. */
export const CHAOS_SETTINGS = {
  SCHEDULER_POLL_INTERVAL: "0.5",
  DISPATCH_LOCK_DURATION: "1",
  WORKER_OFFLINE_THRESHOLD: "2",
  WORKER_HEARTBEAT_INTERVAL: "0.5",
  WORKER_POLL_INTERVAL: "0.2",
  WORKER_MAX_POLL_INTERVAL: "0.5",
  WORKER_KILL_GRACE: "0.1",
};

const FAULTS = 30;
/** Attempts between one fault and the next. */
const PACE = 4;
/** After this time without a write, hanging services continue: on SQLite, one that hangs in a transaction stops all others. */
const QUIET_MS = 3000;
/** How many such times the test allows before it gives up. */
const MOST_QUIET = 40;
/** The least number of occurrences of each job. */
const LEAST_OCCURRENCES = 5;
/** How long a script may outlive its run before the test gives up; each ends by itself within about a second. */
const PATIENCE_MS = 120_000;

/** Jobs by the name of their script; all scripts end by themselves within a second or so. */
const JOBS: Readonly<Record<string, JobInput & { readonly text: string }>> = {
  "quick.sh": { schedule: "every 1s", text: "echo quick" },
  "failing.sh": { schedule: "every 2s", max_retries: 2, text: "echo failing; exit 3" },
  "flaky.sh": {
    schedule: "every 1s",
    overlap: "allow",
    max_retries: 1,
    text: 'echo begin; sleep 0.8; echo end; [ "$ATTEMPT" != 1 ]',
  },
  "queued.sh": { schedule: "every 1s", overlap: "queue_all", max_retries: 1, text: "sleep 0.4; echo queued" },
  "late.sh": { schedule: "every 3s", overlap: "queue_one", max_retries: 1, retry_base: 1, text: "exit 1" },
  "superseding.sh": { schedule: "every 2s", overlap: "cancel_running", max_retries: 1, text: "echo one; sleep 1" },
};

/** The surroundings that a test's services share. */
export interface ChaosSite extends Site {
  /** Crashes and restarts the database, where it is a server. */
  readonly crash?: () => Promise<void>;
  /** A place for another database of its kind. */
  vacant(): Promise<AsyncDisposable & { readonly url: string }>;
}

/** In the tests' names, where it is seen however they end. */
const seed = chaosSeed();

/** Registers the test on one kind of database. */
export function testChaos(database: string, open: () => Promise<ChaosSite>): void {
  Deno.test(`${database}: whatever dies and hangs, each occurrence is settled once, and each attempt ends once, in a backup made meanwhile too (CHAOS_SEED=${seed})`, async () => {
    await using site = await open();
    // A consumer that never reads, so that no event is pruned.
    await site.store.events.register("chaos");
    await using fleet = new Fleet(site.env, new Random(seed));
    try {
      await survives(site, fleet);
    } catch (error) {
      const why = error instanceof Error ? error.stack : String(error);
      throw new Error(`CHAOS_SEED=${seed} on ${database}: ${why}\n${fleet.story}`, { cause: error });
    }
  });
}

/** Runs the jobs under faults, then checks all rows; the same with what was backed up in the middle of it. */
async function survives(site: ChaosSite, fleet: Fleet): Promise<void> {
  await using directory = await openDirectory();
  const backup = `${directory.path}/backup.db`;
  await Promise.all([fleet.add("scheduler", 3), fleet.add("worker", 4)]);
  const mark = `CHAOS=${crypto.randomUUID()}`;
  const jobs = await Promise.all(Object.keys(JOBS).map((script) => addMarked(site, script, mark)));

  for (let fault = 0, seen = 0; fault < FAULTS; fault++) {
    seen = await goesOn(site, fleet, seen + PACE);
    if (fault === Math.floor(FAULTS / 2)) await site.crash?.();
    await fleet.hit();
    if (fault === Math.floor(FAULTS * 2 / 3)) await backupDatabase({ url: site.url, to: backup, migrations });
  }
  fleet.goOn();
  for (const job of jobs) await eventually(site.store, () => hasComeDue(site, job, LEAST_OCCURRENCES));
  await settles(site, fleet, jobs);
  await comesBack(site, backup, jobs);
  await allGone(mark);
}

/** Restores a backup that was made under load, lets services go on with it, and checks all rows. */
async function comesBack(site: ChaosSite, from: string, jobs: readonly Job[]): Promise<void> {
  await using place = await site.vacant();
  const { url } = place;
  const { inProgress } = await restoreDatabase({ url, from, isReplacing: false, migrations });
  const found = await checkDatabase(url, { migrations });
  assert.deepEqual(found.filter(({ isOk }) => !isOk), []);
  const sql = (text: string) => execute(url, text);
  assert.equal((await sql("SELECT id FROM job_dispatch WHERE status = 'IN_PROGRESS'")).length, inProgress);
  const store = await openStore(url, { migrations });
  const restored: Site = { ...site, store, url, sql, env: { ...site.env, DATABASE_URL: url } };
  await using fleet = new Fleet(restored.env, new Random(seed));
  try {
    const since = now();
    await Promise.all([fleet.add("scheduler", 1), fleet.add("worker", 1)]);
    for (const { id } of jobs) await eventually(store, async () => ((await store.jobs.get(id))?.nextRun ?? 0) > since);
    await settles(restored, fleet, jobs);
  } catch (error) {
    throw new Error(`After the restore: ${error instanceof Error ? error.message : error}\n${fleet.story}`, {
      cause: error,
    });
  } finally {
    await store.close();
  }
}

/** Pauses the jobs, waits for what runs, stops the services, and checks all rows. */
async function settles(site: Site, fleet: Fleet, jobs: readonly Job[]): Promise<void> {
  const paused = await Promise.all(jobs.map((job) => pause(site, job)));
  await eventually(site.store, async () => (await site.sql(NEVER["an attempt without an end"])).length === 0);
  assert.deepEqual(await fleet.end(), []);

  for (const [index, job] of jobs.entries()) {
    const settled = await settledTimes(site, job);
    const until = Math.max(settled.at(-1) ?? 0, paused[index]?.job.updatedAt ?? 0);
    const differences = differencesOf(settled, occurrences(job, job.createdAt, epochMs(until)));
    assert.deepEqual({ job: job.name, ...differences }, { job: job.name, missing: [], wrong: [], repeated: [] });
  }
  for (const [what, sql] of Object.entries(NEVER)) {
    assert.deepEqual({ what, rows: await site.sql(sql) }, { what, rows: [] });
  }
  assert.deepEqual(fleet.said(/has failed|failed in the worker itself|TypeError/), []);
}

/** Waits for an attempt with this id or a later one, and continues hanging services when none comes. Answers the newest. */
async function goesOn(site: Site, fleet: Fleet, id: number): Promise<number> {
  for (let quiet = 0; quiet < MOST_QUIET; quiet++) {
    const last = await written(site, id);
    if (last !== null) return last;
    fleet.goOn();
  }
  throw new Error(`Nobody has written attempt ${id}, though nobody hangs`);
}

/** Whether the first `count` occurrences of a job are settled. */
async function hasComeDue({ store }: Site, job: Job, count: number): Promise<boolean> {
  const { nextRun } = await store.jobs.get(job.id) ?? assert.fail(`Job ${job.name} is gone`);
  return occurrences(job, job.createdAt, nextRun ?? job.createdAt).length > count;
}

/**
 * Pauses a job, as a person does: again when services have kept the database busy. A queue is cancelled: the slower the machine,
 * the longer it has become.
 */
function pause({ store }: Site, { id, policies }: Job): ReturnType<typeof pauseJob> {
  const request = { id, note: null, cancelsWaiting: policies.overlap === "queue_all" };
  return eventually(store, () => pauseJob(operating(store, now()), request).catch(nullIfUnavailable));
}

function nullIfUnavailable(error: unknown): null {
  if (error instanceof StoreUnavailable) return null;
  throw error;
}

/** The differences between the settled nominal times and the schedule's. */
function differencesOf(
  settled: readonly EpochMs[],
  due: readonly EpochMs[],
): Readonly<Record<string, readonly string[]>> {
  const iso = (times: readonly EpochMs[]) => times.map((at) => new Date(at).toISOString());
  return {
    missing: iso(due.filter((at) => !settled.includes(at))),
    wrong: iso(settled.filter((at) => !due.includes(at))),
    repeated: iso(settled.filter((at, index) => settled.indexOf(at) !== index)),
  };
}

/** Questions to which there is no answer, in the SQL of both databases. */
const NEVER = {
  "an attempt without an end": "SELECT id, status FROM job_dispatch WHERE completed_at IS NULL",
  "an attempt that is not logged once": `
    SELECT d.id, d.status, count(l.dispatch_id) AS n
    FROM job_dispatch d LEFT JOIN job_execution_logs l ON l.dispatch_id = d.id GROUP BY d.id HAVING count(l.dispatch_id) <> 1`,
  "an attempt without exactly one event": `
    SELECT d.id, d.status, count(e.id) AS n
    FROM job_dispatch d LEFT JOIN run_events e ON e.dispatch_id = d.id GROUP BY d.id HAVING count(e.id) <> 1`,
  "an event that is wrong about whether its run is tried again": `
    SELECT e.id FROM run_events e JOIN job_dispatch d ON d.id = e.dispatch_id
    LEFT JOIN job_dispatch r ON r.root_id = d.root_id AND r.retry_count = d.retry_count + 1
    WHERE e.is_retried <> (r.id IS NOT NULL)`,
  // Events may name more: a scheduler that hung while it healed may take rows that others wrote meanwhile for those of a wrong
  // clock and delete them, so that they are settled again.
  "occurrences in the ledger that events do not tell of": `
    SELECT l.job_id FROM (SELECT job_id, sum(count) AS n FROM occurrence_ledger GROUP BY job_id) l
    LEFT JOIN (SELECT job_id, sum(count) AS n FROM run_events WHERE reason IS NOT NULL GROUP BY job_id) e
      ON e.job_id = l.job_id
    WHERE l.n > coalesce(e.n, 0)`,
  "an attempt that is missing or there twice":
    "SELECT root_id FROM job_dispatch GROUP BY root_id HAVING count(*) <> max(retry_count) + 1",
  "two attempts of one occurrence at once": `
    SELECT a.id, b.id AS later FROM job_dispatch a JOIN job_dispatch b ON b.root_id = a.root_id AND b.retry_count > a.retry_count
    WHERE b.claimed_at < a.completed_at`,
  "an attempt after one that was not to be tried again": `
    SELECT a.id FROM job_dispatch a JOIN job_dispatch b ON b.root_id = a.root_id AND b.retry_count > a.retry_count
    WHERE a.status IN ('COMPLETED', 'CANCELLED')`,
  "an attempt after the second loss of a worker": `
    SELECT a.root_id FROM job_dispatch a WHERE a.status = 'TIMEOUT' AND a.reported_epoch IS NULL
    GROUP BY a.root_id HAVING count(*) > 2`,
  "a run of a queue before an earlier one": `
    SELECT a.id, b.id AS earlier FROM job_dispatch a JOIN job_dispatch b ON b.job_id = a.job_id AND b.root_id < a.root_id
    JOIN scheduled_jobs j ON j.id = a.job_id
    WHERE j.name = 'queued.sh' AND a.reported_epoch < b.reported_epoch`,
  "output with a gap": `
    SELECT dispatch_id, count(*) AS n FROM job_log_chunks GROUP BY dispatch_id HAVING count(*) <> max(seq) + 1`,
};

async function addMarked(site: Site, script: string, mark: string): Promise<Job> {
  const { text = "", ...input } = JOBS[script] ?? {};
  await site.script(script, text);
  const [name = "", value = ""] = mark.split("=");
  const definition = await parseJobInput({
    name: script,
    script,
    retry_base: 0,
    ...input,
    env: { [name]: value },
  }, { scriptsDirs: [site.env["SCRIPTS_DIR"] ?? ""], defaultTimezone: "UTC" });
  return await createJob(operating(site.store, now()), definition);
}

async function newest({ store }: Site): Promise<number> {
  return (await store.runs.list({ limit: 1 })).items[0]?.id ?? 0;
}

/** Waits for an attempt with this id or a later one and answers the newest. Null: for a while none came, or none could be read. */
async function written(site: Site, id: number): Promise<number | null> {
  const { changes } = site.store;
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(), QUIET_MS);
  try {
    while (!quiet.signal.aborted) {
      const version = changes.version();
      const last = await newest(site).catch(nullIfUnavailable);
      if (last === null || last >= id) return last;
      await changes.after(version, quiet.signal);
    }
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for the last process that carries the mark to end: all scripts do so by themselves. */
async function allGone(mark: string): Promise<void> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS);
  try {
    for (let [pid] = await marked(mark); pid !== undefined; [pid] = await marked(mark)) {
      const args = [`--pid=${pid}`, "-s", "0.1", "-f", "/dev/null"];
      await new Deno.Command("tail", { args, signal: giveUp.signal }).output();
      assert.ok(!giveUp.signal.aborted, `A script still runs after ${PATIENCE_MS / 1000} s: ${await commandOf(pid)}`);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function commandOf(pid: string): Promise<string> {
  const args = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "(gone)");
  return `${pid} ${args.replaceAll("\0", " ")}`;
}

/** The processes whose environment holds the mark. */
async function marked(mark: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // A process that has just ended has no environment.
    const environment = await Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
    if (environment.split("\0").includes(mark)) found.push(name);
  }
  return found;
}
