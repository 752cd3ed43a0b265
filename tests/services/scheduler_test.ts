import assert from "node:assert/strict";
import { type Dispatch, type EpochMs, epochMs, eventId, type Job, workerId } from "../../shared/domain/mod.ts";
import { eventually, openSite, Service, type Site } from "../support/process.ts";
import { addJob, now } from "./_runs.ts";
import { append, finish } from "../support/attempts.ts";
import { by } from "../support/actor.ts";

const DAY_MS = 86_400_000;

/** A run that ended well, some days ago. */
async function endedRun({ store }: Site, job: Job, daysAgo: number): Promise<Dispatch> {
  const then = epochMs(Date.now() - daysAgo * DAY_MS);
  const request = { jobId: job.id, trigger: "manual", args: null, force: true, idempotencyKey: null } as const;
  const run = await store.runs.runNow({ ...request, ...by(then) });
  const [claim] = await store.queue.claim({
    workerId: workerId("w"),
    tags: new Set(),
    limit: 1,
    leaseMs: 1000,
    now: then,
  });
  assert.ok(claim !== undefined);
  await append(store, claim, [{ seq: 0, stream: "stdout", at: then, data: "old" }]);
  const end = { status: "COMPLETED", execution: "SUCCESS", exitCode: 0, signal: null, errorMessage: null } as const;
  const outcome = { ...end, durationMs: 1, logBytes: 3, truncated: false };
  assert.ok(await finish(store, claim, { outcome, retryAt: null, now: then }));
  return run;
}

Deno.test("history older than the retention is deleted, with its output, and nothing younger", async () => {
  await using site = await openSite({ CLEANUP_RETENTION_DAYS: "7" });
  await site.script("quick.sh", "true");
  const job = await addJob(site, "manual", "quick.sh");
  const [old, young] = [await endedRun(site, job, 8), await endedRun(site, job, 6)];
  await using scheduler = await Service.start("scheduler", site.env);
  await scheduler.line(/Deleted 1 rows of history older than 7 days/);
  assert.equal(await site.store.runs.get(old.id), null);
  assert.deepEqual(await site.store.logs.read(old.id, { fromSeq: 0, maxBytes: 100 }), []);
  assert.equal((await site.store.runs.get(young.id))?.state.status, "COMPLETED");
});

Deno.test("events that no consumer has yet to read are deleted, and old ones in any case", async () => {
  await using site = await openSite({ CLEANUP_RETENTION_DAYS: "7" });
  await site.script("quick.sh", "true");
  const job = await addJob(site, "manual", "quick.sh");
  const { events } = site.store;
  const ids = async () => (await events.read({ after: eventId(0), limit: 10 })).map(({ id }) => id);
  await endedRun(site, job, 1);
  const start = await events.register("alerts");
  for (const daysAgo of [8, 6]) await endedRun(site, job, daysAgo);
  const [read, old, young] = await ids();
  assert.equal(start, read);
  assert.ok(old !== undefined);
  await using _scheduler = await Service.start("scheduler", site.env);
  await eventually(site.store, async () => (await ids()).length === 1);
  assert.deepEqual(await ids(), [young]);
});

Deno.test("a scheduler deletes expired sessions, old tokens and old counters of failed sign-ins", async () => {
  await using site = await openSite({ CLEANUP_RETENTION_DAYS: "7" });
  const { users, sessions, tokens, guesses } = site.store;
  const ago = (days: number) => epochMs(Date.now() - days * DAY_MS);
  const nobody = { role: null, grants: [], isService: false, passwordHash: null, externalId: null };
  const { id: userId } = await users.create({ ...nobody, name: "alice" }, by(ago(10)));
  const place = { userId, method: "oidc", address: "192.0.2.1", userAgent: "", passwordHash: null } as const;
  const limits = { userId, name: "ci", prefix: "jtp_abcd", scopes: [], labels: null };
  for (const [letter, days] of [["a", 8], ["b", 0]] as const) {
    const hash = letter.repeat(64);
    await sessions.begin({ ...place, secretHash: hash }, by(ago(days)));
    await tokens.create({ ...limits, tokenHash: hash, expiresAt: ago(days) }, by(ago(9)));
    const counter = { failures: 1, failedAt: null, succeededAt: null, keepUntil: epochMs(ago(days) + 60_000) };
    await guesses.change([], () => ({ answer: null, changed: new Map([[hash, counter]]) }));
  }
  const left = async () => {
    const of = async (table: string, column: string) => {
      const rows = await site.sql(`SELECT ${column} AS name FROM ${table}`);
      return rows.map(({ name }) => String(name).charAt(0)).join("");
    };
    return [
      await of("sessions", "secret_hash"),
      await of("api_tokens", "token_hash"),
      await of("guess_counters", "name"),
    ];
  };
  assert.deepEqual(await left(), ["ab", "ab", "ab"]);
  await using _scheduler = await Service.start("scheduler", site.env);
  await eventually(site.store, async () => (await left()).every((names) => names === "b"));
});

Deno.test("old events of the audit list are deleted, and the rest still verifies", async () => {
  await using site = await openSite({ AUDIT_RETENTION_DAYS: "7" });
  const { users, audit } = site.store;
  const nobody = { role: null, grants: [], isService: false, passwordHash: null, externalId: null };
  for (const days of [8, 6]) {
    await users.create({ ...nobody, name: `user${days}` }, by(epochMs(Date.now() - days * DAY_MS)));
  }
  await using _scheduler = await Service.start("scheduler", site.env);
  await eventually(site.store, async () => (await audit.list({ limit: 10 })).items.length === 1);
  assert.deepEqual((await audit.list({ limit: 10 })).items.map(({ subject }) => subject.name), ["user6"]);
  assert.equal((await audit.verify()).isIntact, true);
});

Deno.test("after an outage of all schedulers the latest missed occurrence runs, and the ledger names the others", async () => {
  await using site = await openSite();
  await site.script("quick.sh", "true");
  const job = await addJob(site, "every 1h", "quick.sh");
  const nextRun = epochMs(now() - 4.5 * 3_600_000);
  const move = (from: EpochMs | null, to: EpochMs | null) => ({ from, to, ledger: [] });
  const pause = { note: null, cancelsWaiting: false, nextRun: move(job.nextRun, null), ...by(now()) };
  await site.store.jobs.pause(job.id, pause);
  await site.store.jobs.resume(job.id, { nextRun: move(null, nextRun), ...by(now()) });
  await using _scheduler = await Service.start("scheduler", site.env);
  const [run] = await eventually(site.store, async () => {
    const { items } = await site.store.runs.list({ jobId: job.id, limit: 10 });
    return items.length > 0 && items;
  });
  assert.equal(run?.scheduledFor, nextRun + 4 * 3_600_000);
  const settled = (await site.store.runs.ledger(job.id, 10)).map(({ reason, count }) => [reason, count]);
  assert.deepEqual(settled, [["missed", 4]]);
});

Deno.test("three schedulers dispatch each occurrence once", async () => {
  await using site = await openSite();
  await site.script("quick.sh", "true");
  const jobs = await Promise.all(Array.from({ length: 5 }, () => addJob(site, "every 1s", "quick.sh")));
  await using _one = await Service.start("scheduler", site.env);
  await using _two = await Service.start("scheduler", site.env);
  await using _three = await Service.start("scheduler", site.env);
  await using _worker = await Service.start("worker", site.env);
  for (const { id } of jobs) {
    const ended = await eventually(site.store, async () => {
      const { items } = await site.store.runs.list({ jobId: id, statuses: ["COMPLETED"], limit: 100 });
      return items.length >= 3 && items;
    });
    const settled = [
      ...ended.map(({ scheduledFor }) => scheduledFor),
      ...(await site.store.runs.ledger(id, 100)).map(({ firstAt }) => firstAt),
    ];
    assert.equal(new Set(settled).size, settled.length, settled.join());
  }
});

Deno.test("a scheduler ends with 0 after a signal", async () => {
  await using site = await openSite();
  await using scheduler = await Service.start("scheduler", site.env);
  await scheduler.line(/has started/);
  scheduler.kill("SIGTERM");
  assert.equal((await scheduler.ended()).code, 0);
  assert.match(scheduler.lines.at(-1) ?? "", /has stopped/);
});
