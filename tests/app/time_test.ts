/**
 * The clock of every portal in these tests is an hour ahead of its database's: what the portal shows and writes must not go by
 * it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { epochMs, StoreUnavailable } from "../../shared/domain/mod.ts";
import { openTestStore } from "../support/store.ts";
import { onEachDatabase, openPortal, standing, type TestPortal, WORKER } from "./_portal.ts";

const MINUTE_MS = 60_000;

/** What a worker gets that asks now, by the database's clock. */
async function claimNow({ store }: TestPortal): Promise<readonly number[]> {
  const request = { workerId: WORKER, tags: new Set<string>(), limit: 10, leaseMs: MINUTE_MS, now: await store.now() };
  return (await store.queue.claim(request)).map(({ dispatchId }) => dispatchId);
}

/** Fails when an instant is more than a minute from the database's now. */
async function assertNow({ store }: TestPortal, at: number | null | undefined): Promise<void> {
  const now = await store.now();
  assert.ok(typeof at === "number" && Math.abs(at - now) < MINUTE_MS, `${at} is not now, which is ${now}`);
}

onEachDatabase("a run that is started on a machine whose clock is ahead can be claimed at once", async (open) => {
  await using portal = await openPortal(open);
  await portal.job();
  await portal.post("/jobs/1/run", { key: "click" });
  assert.deepEqual(await claimNow(portal), [1]);
});

onEachDatabase("a backfill that is written on a machine whose clock is ahead can be claimed at once", async (open) => {
  await using portal = await openPortal(open);
  const job = await portal.job({ schedule: "every 1m" });
  const before = (minutes: number) => new Date(job.createdAt - minutes * MINUTE_MS).toISOString();
  const [from, to] = [before(5), before(3)];
  const form = standing(await (await portal.get(`/jobs/1/backfill?${new URLSearchParams({ from, to })}`)).text());
  await portal.post("/jobs/1/backfill", { ...form, at_once: "9" });
  assert.ok((await claimNow(portal)).length > 0);
});

onEachDatabase("all that people do is written by the database's clock", async (open) => {
  await using portal = await openPortal(open);
  const { store } = portal;
  await portal.post("/jobs/sample");
  const jobs = async () => (await store.jobs.list({ limit: 1 })).items[0];
  const created = await jobs();
  await assertNow(portal, created?.createdAt);
  await assertNow(portal, (created?.nextRun ?? 0) - MINUTE_MS);

  const edit = standing(await (await portal.get("/jobs/1/edit")).text());
  await portal.post("/jobs/1/edit", { ...edit, schedule: "every 2m", intent: "save" });
  const edited = await jobs();
  assert.equal(edited?.revision, 2);
  await assertNow(portal, (edited?.nextRun ?? 0) - 2 * MINUTE_MS);

  await portal.post("/jobs/1/pause");
  await assertNow(portal, (await jobs())?.updatedAt);
  await portal.post("/jobs/1/resume");
  await assertNow(portal, ((await jobs())?.nextRun ?? 0) - 2 * MINUTE_MS);

  await portal.post("/jobs/1/run", { key: "click" });
  await portal.post("/runs/1/cancel");
  const [run] = (await store.runs.list({ limit: 1 })).items;
  await assertNow(portal, run?.state.status === "CANCELLED" ? run.state.completedAt : null);

  await portal.post("/jobs/1/run", { key: "another" });
  await portal.post("/jobs/1/delete");
  const [last] = (await store.runs.list({ limit: 1 })).items;
  await assertNow(portal, last?.state.status === "CANCELLED" ? last.state.completedAt : null);
});

onEachDatabase("pages, previews and answers go by the database's clock", async (open) => {
  await using portal = await openPortal(open);
  await portal.claim(await portal.job({ schedule: "every 1m" }));
  const page = await (await portal.get("/runs/1")).text();
  await assertNow(portal, Number(/ data-now="(\d+)"/.exec(page)?.[1]));
  assert.match(page, /<dt>Took<\/dt><dd>\d+(?:\.\d+)? m?s<\/dd>/);
  assert.doesNotMatch(page.slice(page.indexOf("<main")), /\d h ago|in \d+ (?:min|h)/);
  const preview = await (await portal.get("/api/schedule/preview?schedule=every+1m&timezone=UTC")).json();
  await assertNow(portal, Date.parse(preview.runs[0].iso) - MINUTE_MS);
});

Deno.test("while the database does not answer, pages that need nothing of it are shown, and nothing is written", async () => {
  let isAway = true;
  const now = () => isAway ? Promise.reject(new StoreUnavailable("nobody there")) : Promise.resolve(epochMs(0));
  await using portal = await openPortal(async () => {
    const test = await openTestStore();
    return { ...test, store: { ...test.store, now } };
  });
  const { jobs } = portal.store;
  assert.equal((await portal.get("/help")).status, 200);
  const refused = await portal.post("/jobs/sample");
  assert.equal(refused.status, 503);
  assert.deepEqual((await jobs.list({ limit: 1 })).items, []);
  isAway = false;
  assert.equal((await portal.post("/jobs/sample")).status, 303);
  assert.equal((await jobs.list({ limit: 1 })).items[0]?.createdAt, 0);
});
