import { type Dispatch, epochMs, type Job, type LogStream, type WorkerId, workerId } from "../../shared/domain/mod.ts";
import { type JobInput, parseJobInput, type PolicyInput } from "../../shared/api/mod.ts";
import { createJob, pauseJob, runNow } from "../../shared/operations/mod.ts";
import type { Claim, Outcome } from "../../shared/store/mod.ts";
import { type TestPortal, ZONE } from "./_portal.ts";
import { operating } from "../support/operating.ts";
import { append, finish, markStarted } from "../support/attempts.ts";

/** The worker that the tests play. */
export const WORKER: WorkerId = workerId("0b5e7d34-8e0f-4c2b-9a57-6f1e2d3c4b5a");

const LEASE_MS = 600_000;

/** Creates a job from typed fields. */
export async function addJob({ store, scriptsDirs }: TestPortal, input: JobInput): Promise<Job> {
  const definition = await parseJobInput(input, { scriptsDirs, defaultTimezone: ZONE });
  return await createJob(operating(store, epochMs(Date.now())), definition);
}

/** Starts a job by hand and claims and begins the run, as a worker does. */
export async function begin(portal: TestPortal, job: Job): Promise<Running> {
  const { store } = portal;
  await register(portal);
  const now = epochMs(Date.now());
  const run = await runNow(operating(store, now), { id: job.id, args: null, force: false, idempotencyKey: null });
  const claims = await store.queue.claim({ workerId: WORKER, tags: new Set(), limit: 1, leaseMs: LEASE_MS, now });
  const [claim] = claims;
  if (claim?.dispatchId !== run.id) throw new Error(`Cannot claim run ${run.id}: got ${JSON.stringify(claims)}`);
  await markStarted(store, claim, { now, timeoutAt: epochMs(now + LEASE_MS) });
  return new Running(portal, run, claim);
}

/** Enters the worker. */
export async function register({ store }: TestPortal): Promise<void> {
  await store.workers.register({
    workerId: WORKER,
    hostname: "node-1.example",
    platform: "linux x86_64",
    processId: 4711,
    version: "1.0.0",
    tags: [],
    concurrency: 4,
  }, epochMs(Date.now()));
}

/** A run that the test carries out. */
export class Running {
  readonly run: Dispatch;
  readonly #portal: TestPortal;
  readonly #claim: Claim;
  #seq = 0;

  constructor(portal: TestPortal, run: Dispatch, claim: Claim) {
    this.run = run;
    this.#portal = portal;
    this.#claim = claim;
  }

  /** Writes output. */
  async write(data: string, stream: LogStream = "stdout"): Promise<void> {
    const chunk = { seq: this.#seq++, stream, at: epochMs(Date.now()), data };
    if (!await append(this.#portal.store, this.#claim, [chunk])) throw new Error("The lease is lost");
  }

  /** Ends it; 0 is success. */
  async end(exitCode: number): Promise<void> {
    const outcome: Outcome = {
      status: exitCode === 0 ? "COMPLETED" : "FAILED",
      execution: exitCode === 0 ? "SUCCESS" : "FAILURE",
      exitCode,
      signal: null,
      errorMessage: exitCode === 0 ? null : `The script exited with code ${exitCode}`,
      durationMs: 1234,
      logBytes: 1000,
      truncated: false,
    };
    const end = { outcome, retryAt: null, now: epochMs(Date.now()) };
    if (!await finish(this.#portal.store, this.#claim, end)) throw new Error("The lease is lost");
  }
}

/** The rows of {@linkcode seed}. */
export interface Seeded {
  readonly job: Job;
  readonly good: Dispatch;
  readonly bad: Dispatch;
  readonly running: Running;
  /** A job in which no policy is usual. */
  readonly unusual: Job;
  /** A run of this job that waits for a tag that no worker has. */
  readonly waiting: Dispatch;
}

/** Every policy as something else than usual. */
export const POLICIES: PolicyInput = {
  timeout: "3600",
  max_retries: "4",
  retry_base: "20",
  retry_cap: "300",
  misfire: "run_all",
  misfire_grace: "120",
  misfire_limit: "7",
  catchup_window: "86400",
  overlap: "queue_one",
  spread: "600",
  starts_at: "2020-12-01 09:00",
  ends_at: "2199-01-31 18:00",
  priority: "50",
  tags: "gpu,linux",
  concurrency_key: "backup",
  concurrency_limit: "2",
  dst: { gap: "skip", fold: "both" },
};

/** Output with everything a log can show. */
export const COLOURFUL: string = [
  "\x1b[1mBackup of /srv/data\x1b[0m\n",
  ...Array.from({ length: 16 }, (_, i) => `\x1b[38;5;${i}mcolour ${i}\x1b[0m `),
  "\n",
  "\x1b[32m✔ 120 files copied\x1b[0m  \x1b[2mdim\x1b[0m \x1b[3mitalic\x1b[0m \x1b[4munderlined\x1b[0m\n",
  "\x1b[41;97m ERROR \x1b[0m \x1b[7m inverse \x1b[0m \x1b[43m on yellow \x1b[0m \x1b[38;5;208morange\x1b[0m\n",
  `${"a long line without an end ".repeat(12)}\n`,
  "<script>alert('log')</script> <b>&amp;</b>\n",
].join("");

/** Jobs and runs of every kind, with names that try to be markup. */
export async function seed(portal: TestPortal): Promise<Seeded> {
  const now = epochMs(Date.now());
  const job = await addJob(portal, {
    name: "Nightly backup of the customer database",
    script: "backup/nightly.sh",
    args: ["--target", "/srv/data"],
    schedule: "daily at 02:30",
    timezone: "Europe/Berlin",
  });
  const report = await addJob(portal, {
    name: "Weekly report",
    script: "report.py",
    schedule: "weekly on mon,fri at 09:00",
  });
  const sync = await addJob(portal, { name: "Sync", script: "sync.ts", schedule: "every 5m", timezone: "UTC" });
  await addJob(portal, { name: `<img src=x onerror=alert(1)>"'&amp;`, script: "test_job.sh", schedule: "manual" });
  await addJob(portal, {
    name: "名前のとても長い".repeat(12),
    script: "test_job.sh",
    schedule: "cron */5 9-17 * * mon-fri",
  });
  await addJob(portal, { name: "x".repeat(120), script: "test_job.sh", schedule: "once at 2030-01-31 09:00" });
  const paused = await addJob(portal, { name: "Paused", script: "test_job.sh", schedule: "hourly at :15" });
  await pauseJob(operating(portal.store, now), { id: paused.id, note: "until the move is over" });

  const good = await begin(portal, job);
  await good.write(COLOURFUL);
  await good.end(0);
  const bad = await begin(portal, report);
  await bad.write("Connecting…\n");
  await bad.write("\x1b[31mTraceback: no route to host\x1b[0m\n", "stderr");
  await bad.end(3);
  const running = await begin(portal, sync);
  await running.write(COLOURFUL);
  await running.write("warning: slow disk\n", "stderr");
  const unusual = await addJob(portal, {
    name: "Train the model",
    script: "sync.ts",
    schedule: "daily at 02:30",
    timezone: "Europe/Berlin",
    ...POLICIES,
  });
  const request = { id: unusual.id, args: ["--fast"], force: false, idempotencyKey: null };
  const waiting = await runNow(operating(portal.store, now), request);
  return { job, good: good.run, bad: bad.run, running, unusual, waiting };
}
