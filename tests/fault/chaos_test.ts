import assert from "node:assert/strict";
import { epochMs, type Job } from "../../shared/domain/mod.ts";
import { type JobInput, parseJobInput } from "../../shared/api/mod.ts";
import { createJob, pauseJob } from "../../shared/operations/mod.ts";
import { now } from "../services/_runs.ts";
import { operating } from "../support/operating.ts";
import { ownPostgres } from "../support/postgres.ts";
import { eventually, openSiteOn, type Site } from "../support/process.ts";
import { Random } from "../support/random.ts";
import { openPostgresTestStore, openTestStore } from "../support/store.ts";
import { chaosSeed, Fleet } from "./_chaos.ts";
import { occurrences, settledTimes } from "./_facts.ts";

const settings = {
  SCHEDULER_POLL_INTERVAL: "0.5",
  DISPATCH_LOCK_DURATION: "1",
  WORKER_OFFLINE_THRESHOLD: "2",
  WORKER_HEARTBEAT_INTERVAL: "0.5",
  WORKER_POLL_INTERVAL: "0.2",
  WORKER_MAX_POLL_INTERVAL: "0.5",
  WORKER_KILL_GRACE: "0.1",
};

const FAULTS = 30;
/** How many attempts are written between one fault and the next. */
const PACE = 4;
/** Where nothing is written for so long, whoever hangs goes on: on SQLite one that hangs in its transaction stops all others. */
const QUIET_MS = 3000;
/** How long scripts that end within a second may be seen after all else. */
const PATIENCE_MS = 10_000;

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

interface ChaosSite extends Site {
  /** Lets the database crash and come back, where it is a server. */
  readonly crash?: () => Promise<void>;
}

async function openOwnPostgres(): Promise<ChaosSite> {
  const server = await ownPostgres();
  const site = await openSiteOn(() => openPostgresTestStore(server), settings);
  return {
    ...site,
    async crash() {
      await server.crash();
      await server.start();
    },
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** In the tests' names, where it is seen however they end. */
const seed = chaosSeed();

const SITES: Readonly<Record<string, () => Promise<ChaosSite>>> = {
  SQLite: () => openSiteOn(openTestStore, settings),
  PostgreSQL: openOwnPostgres,
};

for (const [database, open] of Object.entries(SITES)) {
  Deno.test(`${database}: whatever dies and hangs, each occurrence is settled once, and each attempt ends once (CHAOS_SEED=${seed})`, async () => {
    await using site = await open();
    // A consumer that never reads, so that no event is pruned.
    await site.store.events.register("chaos");
    await using fleet = new Fleet(site.env, new Random(seed));
    await Promise.all([fleet.add("scheduler", 3), fleet.add("worker", 4)]);
    const mark = `CHAOS=${crypto.randomUUID()}`;
    const jobs = await Promise.all(Object.keys(JOBS).map((script) => addMarked(site, script, mark)));

    for (let fault = 0, seen = 0; fault < FAULTS; fault++) {
      while (!await isWritten(site, seen + PACE)) fleet.goOn();
      seen = await newest(site);
      if (fault === Math.floor(FAULTS / 2)) await site.crash?.();
      await fleet.hit();
    }
    fleet.goOn();
    const paused = await Promise.all(jobs.map(({ id }) => pauseJob(operating(site.store, now()), { id, note: null })));
    await eventually(site.store, async () => (await site.sql(NEVER["an attempt without an end"])).length === 0);
    assert.deepEqual((await fleet.end()).filter((code) => code !== 0), []);

    const story = fleet.events.join("\n");
    for (const [index, job] of jobs.entries()) {
      const settled = await settledTimes(site, job);
      const until = Math.max(settled.at(-1) ?? 0, paused[index]?.job.updatedAt ?? 0);
      const due = occurrences(job, job.createdAt, epochMs(until));
      assert.ok(due.length >= 5, `only ${due.length} occurrences of ${job.name}\n${story}`);
      assert.deepEqual(settled, due, `${job.name}\n${story}`);
    }
    for (const [what, sql] of Object.entries(NEVER)) assert.deepEqual(await site.sql(sql), [], `${what}\n${story}`);
    assert.deepEqual(fleet.said(/has failed|failed in the worker itself|TypeError/), [], story);
    await allGone(mark);
  });
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
  "occurrences in the ledger that events do not tell of": `
    SELECT l.job_id FROM (SELECT job_id, sum(count) AS n FROM occurrence_ledger GROUP BY job_id) l
    LEFT JOIN (SELECT job_id, sum(count) AS n FROM run_events WHERE reason IS NOT NULL GROUP BY job_id) e
      ON e.job_id = l.job_id
    WHERE l.n <> coalesce(e.n, 0)`,
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

/** Waits for an attempt with this id or a later one. False: nothing was written for a while. */
async function isWritten(site: Site, id: number): Promise<boolean> {
  const { changes } = site.store;
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(), QUIET_MS);
  try {
    while (!quiet.signal.aborted) {
      const version = changes.version();
      if (await newest(site) >= id) return true;
      await changes.after(version, quiet.signal);
    }
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for the last process that carries the mark to end: all scripts do so by themselves. */
async function allGone(mark: string): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let left = await marked(mark); left.length > 0; left = await marked(mark)) {
    assert.ok(performance.now() < giveUpAt, `they still run: ${left}`);
  }
}

/** The processes whose environment holds the mark. */
async function marked(mark: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // One that has ended meanwhile has none.
    const environment = await Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
    if (environment.split("\0").includes(mark)) found.push(name);
  }
  return found;
}
