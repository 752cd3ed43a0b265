import assert from "node:assert/strict";
import { dispatchId, type EpochMs, epochMs, type LogStream, workerId } from "../../shared/domain/mod.ts";
import type { Claim, Store } from "../../shared/store/mod.ts";
import { eventually } from "../support/process.ts";
import { json, run, shape, start } from "./_cli.ts";
import { onEachReach, type OpenReached, type Reached } from "./_reach.ts";
import { append, finish, markStarted } from "../support/attempts.ts";

const WORKER = workerId("worker-a");
const JOB = ["jobs", "create", "--name", "Backup", "--script", "a.sh", "--schedule", "manual"];
const RUN = {
  id: 1,
  job_id: 1,
  job_name: "Backup",
  status: "PENDING",
  trigger: "manual",
  retry_count: 0,
  root_id: 1,
  scheduled_for: "<instant>",
  available_at: "<instant>",
  claimed_at: null,
  started_at: null,
  completed_at: null,
  worker_id: null,
  exit_code: null,
  signal: null,
  error_message: null,
  cancel_requested_at: null,
  cancel_reason: null,
  cancelled_for: null,
  args: null,
  job_revision: 1,
  correlation_id: "<uuid>",
  created_at: "<instant>",
  priority: 0,
  tags: [],
  concurrency_key: null,
  concurrency_limit: null,
  turn: null,
  decision: null,
  backfill: null,
  webhook: null,
};

const now = (): EpochMs => epochMs(Date.now());

/** A site with one manual job and a worker that does nothing by itself. */
async function openRuns(open: OpenReached): Promise<Reached> {
  const site = await open();
  await site.script("a.sh", "true");
  await json(JOB, site);
  await site.store.workers.register({
    workerId: WORKER,
    hostname: "a.example",
    platform: "linux x86_64",
    processId: 7,
    version: "0.1.0",
    tags: [],
    concurrency: 4,
  }, now());
  return site;
}

/** Claims and starts the next run, as soon as there is one. */
async function begin(store: Store): Promise<Claim> {
  const [claim] = await eventually(store, async () => {
    const claims = await store.queue.claim({
      workerId: WORKER,
      tags: new Set(),
      limit: 1,
      leaseMs: 180_000,
      now: now(),
    });
    return claims.length > 0 && claims;
  });
  assert.ok(claim !== undefined);
  assert.ok(await markStarted(store, claim, { now: now(), timeoutAt: epochMs(now() + 60_000) }));
  return claim;
}

async function write(
  store: Store,
  claim: Claim,
  seq: number,
  data: string,
  stream: LogStream = "stdout",
): Promise<void> {
  assert.ok(await append(store, claim, [{ seq, stream, at: now(), data }]));
}

/** Ends a run: by an exit code, by the name of a signal, or by neither. */
async function end(
  store: Store,
  claim: Claim,
  how: number | string | null,
  retryAt: EpochMs | null = null,
): Promise<void> {
  const exitCode = typeof how === "number" ? how : null;
  const ended = await finish(store, claim, {
    outcome: {
      status: exitCode === 0 ? "COMPLETED" : "FAILED",
      execution: exitCode === 0 ? "SUCCESS" : "FAILURE",
      exitCode,
      signal: typeof how === "string" ? how : null,
      errorMessage: exitCode === 0 ? null : "It went\nwrong",
      durationMs: 1500,
      logBytes: 12,
      truncated: false,
    },
    retryAt,
    now: now(),
  });
  assert.ok(ended);
}

onEachReach("jobs run prints the run that waits, and runs list and show have it", async (open) => {
  await using site = await openRuns(open);
  const made = await json(["jobs", "run", "1"], site);
  assert.deepEqual(shape(made), { ...RUN, trigger: site.trigger });
  assert.deepEqual(await json(["runs", "list", "--job", "1"], site), [made]);
  assert.deepEqual(await json(["runs", "show", "1"], site), { ...Object(made), execution: null });
});

onEachReach("jobs run says when no worker is there to run it", async (open) => {
  await using site = await openRuns(open);
  await site.store.workers.retire(WORKER, now());
  assert.deepEqual(await run(["jobs", "run", "1"], site), {
    code: 0,
    stdout: 'run 1 of job 1 "Backup" waits for a worker\n',
    stderr: "No worker is running: the run starts when one does\n",
  });
});

onEachReach(
  "jobs run beside an unfinished run is a conflict unless forced, and one key makes one run",
  async (open) => {
    await using site = await openRuns(open);
    await json(["jobs", "run", "1", "--key", "a"], site);
    assert.equal(Object(await json(["jobs", "run", "1", "--key", "a"], site)).id, 1);
    const refused = await run(["jobs", "run", "1"], site);
    assert.equal(refused.code, 6);
    assert.equal(
      refused.stderr,
      "jobctl: Cannot run job 1 now: an earlier run has not ended; with --force it runs beside the unfinished runs\n",
    );
    const keyless = await run(["jobs", "run", "1", "--force", "--key", ""], site);
    assert.equal(keyless.code, 2);
    assert.match(keyless.stderr, /--key: found ""/);
    const forced = Object(await json(["jobs", "run", "1", "--force", "--arg", "--x", "--arg", ""], site));
    assert.deepEqual([forced.id, forced.args], [2, ["--x", ""]]);
  },
);

onEachReach("runs show has all facts of a run that has ended", async (open) => {
  await using site = await openRuns(open);
  await json(["jobs", "run", "1"], site);
  await end(site.store, await begin(site.store), 3);
  assert.deepEqual(shape(await json(["runs", "show", "1"], site)), {
    ...RUN,
    trigger: site.trigger,
    status: "FAILED",
    available_at: null,
    claimed_at: "<instant>",
    started_at: "<instant>",
    completed_at: "<instant>",
    worker_id: "worker-a",
    exit_code: 3,
    error_message: "It went\nwrong",
    execution: { status: "FAILURE", duration_ms: 1500, log_bytes: 12, truncated: false },
  });
  const { stdout } = await run(["runs", "show", "1"], site);
  assert.match(stdout, /\nstatus\tFAILED\nwhy\tIt went wrong\n/);
  assert.match(stdout, /\nexit code\t3\nattempts\t1 FAILED\n$/);
});

onEachReach(
  "runs list narrows to statuses in any case and to a job, and knows no job that was never there",
  async (open) => {
    await using site = await openRuns(open);
    await json(["jobs", "run", "1"], site);
    assert.equal(Object(await json(["runs", "list", "--status", "pending,FAILED"], site)).length, 1);
    assert.deepEqual(await json(["runs", "list", "--status", "completed"], site), []);
    const { code, stderr } = await run(["runs", "list", "--job", "9"], site);
    assert.deepEqual([code, stderr], [5, "jobctl: There is no job 9\n"]);
    await json(["jobs", "delete", "1", "--yes"], site);
    assert.equal(Object(await json(["runs", "list", "--job", "1"], site)).length, 1);
  },
);

onEachReach(
  "runs logs prints the output as it was, one stream of it, or a line of JSON for each piece",
  async (open) => {
    await using site = await openRuns(open);
    await json(["jobs", "run", "1"], site);
    const claim = await begin(site.store);
    await write(site.store, claim, 0, "\x1b[32mone\x1b[0m\n");
    await write(site.store, claim, 1, "two\n", "stderr");
    const code = 0;
    assert.deepEqual(await run(["runs", "logs", "1"], site), { code, stdout: "\x1b[32mone\x1b[0m\ntwo\n", stderr: "" });
    assert.deepEqual(await run(["runs", "logs", "1", "--stream", "stderr"], site), {
      code,
      stdout: "two\n",
      stderr: "",
    });
    const lines = (await run(["runs", "logs", "1", "--json"], site)).stdout.trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => shape(JSON.parse(line))), [
      { seq: 0, offset: 0, stream: "stdout", at: "<instant>", data: "\x1b[32mone\x1b[0m\n" },
      { seq: 1, offset: 13, stream: "stderr", at: "<instant>", data: "two\n" },
    ]);
  },
);

onEachReach("runs logs -f prints output while the run goes on, and ends when it ends", async (open) => {
  await using site = await openRuns(open);
  await json(["jobs", "run", "1"], site);
  const following = start(["runs", "logs", "-f", "1"], site);
  const claim = await begin(site.store);
  await write(site.store, claim, 0, "one\n");
  await following.prints("one\n");
  await write(site.store, claim, 1, "two\n");
  await end(site.store, claim, 3);
  assert.deepEqual(await following.ended, { code: 0, stdout: "one\ntwo\n", stderr: "" });
});

onEachReach("runs logs -f ends at Ctrl-C and leaves the run alone", async (open) => {
  await using site = await openRuns(open);
  await json(["jobs", "run", "1"], site);
  const following = start(["runs", "logs", "-f", "1"], site);
  const claim = await begin(site.store);
  await write(site.store, claim, 0, "one\n");
  await following.prints("one\n");
  following.interrupt();
  assert.deepEqual(await following.ended, { code: 0, stdout: "one\n", stderr: "" });
  assert.equal((await site.store.runs.get(dispatchId(1)))?.state.status, "IN_PROGRESS");
});

const ends: readonly (readonly [what: string, how: number | string | null, code: number])[] = [
  ["0 when the script succeeds", 0, 0],
  ["the script's own code when it fails", 7, 7],
  ["128 + 9 when SIGKILL ended the script", "SIGKILL", 137],
  ["128 + 15 when SIGTERM ended the script", "SIGTERM", 143],
  ["128 + 11 when the script broke off with SIGSEGV", "SIGSEGV", 139],
  ["1 when a signal that this system does not have ended the script", "SIGBREAK", 1],
  ["1 when the script was never run", null, 1],
];
for (const [what, how, code] of ends) {
  onEachReach(`jobs run --wait follows the output and ends with ${what}`, async (open) => {
    await using site = await openRuns(open);
    const waiting = start(["jobs", "run", "1", "--wait"], site);
    const claim = await begin(site.store);
    await write(site.store, claim, 0, "out\n");
    await waiting.prints("out\n");
    await write(site.store, claim, 1, "err\n", "stderr");
    await end(site.store, claim, how);
    const stderr = how === 0 ? "err\n" : "err\nRun 1: It went wrong\n";
    assert.deepEqual(await waiting.ended, { code, stdout: "out\n", stderr });
  });
}

onEachReach("jobs run --wait --json prints the run at its end, and the output beside it", async (open) => {
  await using site = await openRuns(open);
  const waiting = start(["jobs", "run", "1", "--wait", "--json"], site);
  const claim = await begin(site.store);
  await write(site.store, claim, 0, "out\n");
  await end(site.store, claim, 0);
  const { code, stdout, stderr } = await waiting.ended;
  assert.deepEqual([code, stderr, JSON.parse(stdout).status, JSON.parse(stdout).exit_code], [
    0,
    "out\n",
    "COMPLETED",
    0,
  ]);
});

onEachReach("jobs run --wait names the retry that follows", async (open) => {
  await using site = await openRuns(open);
  const waiting = start(["jobs", "run", "1", "--wait"], site);
  await end(site.store, await begin(site.store), 3, now());
  assert.deepEqual(await waiting.ended, {
    code: 3,
    stdout: "",
    stderr: "Run 1: It went wrong\nRun 1 is tried again as run 2\n",
  });
});

onEachReach("jobs run --wait says at Ctrl-C that the run goes on", async (open) => {
  await using site = await openRuns(open);
  const waiting = start(["jobs", "run", "1", "--wait"], site);
  const claim = await begin(site.store);
  await write(site.store, claim, 0, "out\n");
  await waiting.prints("out\n");
  waiting.interrupt();
  const { code, stderr } = await waiting.ended;
  assert.deepEqual([code, stderr], [1, "Run 1 goes on; follow it with: jobctl runs logs -f 1\n"]);
});

onEachReach(
  "runs cancel ends a waiting run, asks a running one to stop, and is a conflict after the end",
  async (open) => {
    await using site = await openRuns(open);
    await json(["jobs", "run", "1"], site);
    assert.deepEqual(await json(["runs", "cancel", "1"], site), { id: 1, result: "cancelled" });
    const late = await run(["runs", "cancel", "1"], site);
    assert.deepEqual([late.code, late.stderr], [6, "jobctl: Cannot cancel run 1: it has ended as CANCELLED\n"]);
    await json(["jobs", "run", "1"], site);
    await begin(site.store);
    assert.deepEqual(await json(["runs", "cancel", "2"], site), { id: 2, result: "requested" });
    assert.match((await run(["runs", "show", "1"], site)).stdout, /^why\tCancelled on request$/m);
    assert.match((await run(["runs", "show", "2"], site)).stdout, /^why\tasked to stop: Cancelled on request$/m);
  },
);

onEachReach("runs show says for which run the overlap policy cancelled another", async (open) => {
  await using site = await openRuns(open);
  await json(["jobs", "edit", "1", "--overlap", "cancel_running"], site);
  await json(["jobs", "run", "1"], site);
  await json(["jobs", "run", "1"], site);
  await begin(site.store);
  await json(["jobs", "run", "1"], site);
  const reason = (id: number) => `Cancelled to make room for run ${id}: the job's overlap policy is cancel_running`;
  const shown = async (id: string) => (await run(["runs", "show", id], site)).stdout;
  assert.ok((await shown("1")).includes(`why\t${reason(2)}\n`));
  assert.ok((await shown("2")).includes(`why\tasked to stop: ${reason(3)}\n`));
  const { cancel_reason, cancelled_for, error_message } = Object(await json(["runs", "show", "1"], site));
  assert.deepEqual([cancel_reason, cancelled_for, error_message], ["overlap", 2, reason(2)]);
});

for (const command of ["show", "logs", "cancel"]) {
  onEachReach(`runs ${command} of a run that is not there ends with exit code 5`, async (open) => {
    await using site = await openRuns(open);
    const { code, stdout, stderr } = await run(["runs", command, "9"], site);
    assert.deepEqual([code, stdout], [5, ""]);
    assert.match(stderr, /^jobctl: .*\brun 9\b.*\n$/);
  });
}

onEachReach("workers list shows who is there and what it does", async (open) => {
  await using site = await openRuns(open);
  await json(["jobs", "run", "1"], site);
  await begin(site.store);
  assert.deepEqual(shape(await json(["workers", "list"], site)), [{
    worker_id: "worker-a",
    hostname: "a.example",
    platform: "linux x86_64",
    process_id: 7,
    version: "0.1.0",
    tags: [],
    concurrency: 4,
    status: "IDLE",
    started_at: "<instant>",
    last_heartbeat: "<instant>",
    drain_requested_at: null,
    ended_at: null,
    jobs_processed: 0,
    current_run_ids: [1],
  }]);
  assert.match((await run(["workers", "list"], site)).stdout, /^worker-a\tIDLE\t1\/4\t-\t0\t/);
});
