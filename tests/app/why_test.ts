import assert from "node:assert/strict";
import { readMinute } from "../../shared/api/mod.ts";
import { type EpochMs, epochMs, jobId, workerId } from "../../shared/domain/mod.ts";
import { backfillJob } from "../../shared/operations/mod.ts";
import { decideDue } from "../../shared/policy/mod.ts";
import { operating } from "../support/operating.ts";
import type { OpenTestStore } from "../support/store.ts";
import { onEachDatabase, openPortal, type TestPortal } from "./_portal.ts";

/** A time on 24 November 2026 in Asia/Hong_Kong, the portal's zone. */
const hongKong = (hour: number, minute = 0): EpochMs => epochMs(Date.UTC(2026, 10, 24, hour - 8, minute));

/** A portal whose clock stands where the test sets it. */
async function openAt(open: OpenTestStore, start: EpochMs) {
  let now = start;
  const portal = await openPortal(open, () => now);
  return { portal, set: (at: EpochMs) => void (now = at), [Symbol.asyncDispose]: () => portal[Symbol.asyncDispose]() };
}

async function pass({ store }: TestPortal, now: EpochMs): Promise<void> {
  await store.scheduling.dispatchDue({ now, limit: 10, lockMs: 1000, decide: (due) => decideDue({ ...due, now }) });
}

async function worker({ store }: TestPortal, now: EpochMs, tags: readonly string[] = []): Promise<void> {
  const facts = { hostname: "h", platform: "p", processId: 1, version: "0", concurrency: 4 };
  await store.workers.register({ workerId: workerId("w1"), tags, ...facts }, now);
}

function claim({ store }: TestPortal, now: EpochMs) {
  return store.queue.claim({ workerId: workerId("w1"), tags: new Set(), limit: 1, leaseMs: 60_000, now });
}

/** What the box on the page of job 1 says, as text; with the time asked for as its heading. */
async function whyOn(portal: TestPortal, asked = ""): Promise<string> {
  const html = await (await portal.get(`/jobs/1?${new URLSearchParams({ why: asked })}`)).text();
  const box = html.slice(html.search(/<section[^>]* id="why"/));
  return box.slice(0, box.indexOf("<form")).replace(/<\/(h2|h3|li)>/g, "\n").replace(/<[^>]+>/g, "").trim();
}

onEachDatabase("a job's page says why it did, or did not, run at a time", async (open) => {
  await using test = await openAt(open, hongKong(8, 30));
  const { portal, set } = test;
  await portal.job({ schedule: "hourly at :00", timezone: "UTC" });
  await worker(portal, hongKong(9));
  await pass(portal, hongKong(9));
  await claim(portal, hongKong(9));
  await pass(portal, hongKong(10));
  await pass(portal, hongKong(13, 30));
  set(hongKong(13, 45));
  const cases: readonly (readonly [asked: string, answer: RegExp])[] = [
    [
      "2026-11-24 09:00",
      /Run 1 is for 2026-11-24 09:00:00 Asia\/Hong_Kong: it was dispatched on time\. Worker w1 has it/,
    ],
    ["2026-11-24 10:00", /It did not run at .* 10:00:00 .*: an earlier run had not ended/],
    ["2026-11-24 12:00", /It did not run at .* 12:00:00 .*: no scheduler was there in time/],
    ["2026-11-24T10:00", /an earlier run had not ended/],
    ["2026-11-24 14:00", /It is due at 2026-11-24 14:00:00 Asia\/Hong_Kong, which is yet to come/],
    ["2026-11-24 10:20", /Its schedule has no time then; the time before is .* 10:00:00 .*, the next is .* 11:00:00/],
    ["10:00", /At 2026-11-24 10:00 Asia\/Hong_Kong\n.*an earlier run had not ended/],
    ["23:00", /At 2026-11-23 23:00 Asia\/Hong_Kong\n.*There was no such job then/],
  ];
  for (const [asked, answer] of cases) assert.match(await whyOn(portal, asked), answer, asked);
});

onEachDatabase("a job's page says of a time that was missed which backfill ran it", async (open) => {
  await using test = await openAt(open, hongKong(8, 30));
  const { portal, set } = test;
  await portal.job({ schedule: "hourly at :00", timezone: "UTC" });
  await pass(portal, hongKong(11, 30));
  set(hongKong(11, 45));
  const times = [hongKong(9), hongKong(10)];
  const request = { id: jobId(1), key: "again", plan: { times, atOnce: 2 } };
  await backfillJob(operating(portal.store, hongKong(11, 45)), request);
  const [heading, entry, run, ...more] = (await whyOn(portal, "10:00")).split("\n").filter((line) =>
    line !== "Ask why, now or at a time"
  );
  assert.equal(heading, "At 2026-11-24 10:00 Asia/Hong_Kong");
  assert.match(entry ?? "", /^It did not run at .* 10:00:00 .*: no scheduler was there in time/);
  assert.match(
    run ?? "",
    /^Run 3 is for .* 10:00:00 Asia\/Hong_Kong: it was backfilled, 2 at once \(backfill again of .* 11:45:00 Asia\/Hong_Kong\)\./,
  );
  assert.deepEqual(more, []);
});

onEachDatabase("a job's page says that it did not run because it was paused", async (open) => {
  await using test = await openAt(open, hongKong(8, 30));
  const { portal, set } = test;
  await portal.job({ schedule: "hourly at :00", timezone: "UTC" });
  await portal.post("/jobs/1/pause", { note: "moving house" });
  set(hongKong(11, 15));
  assert.match(await whyOn(portal, "10:00"), /It did not run at .* 10:00:00 .*: the job is paused \(moving house\)/);
  assert.match(await whyOn(portal), /^Ask why, now or at a time\nNow\nIt is paused: moving house/);
});

Deno.test("a time that clocks show twice is asked about twice, one that they skip is refused", () => {
  const view = { now: epochMs(Date.UTC(2026, 9, 26)), zone: "Europe/Berlin" };
  assert.deepEqual(
    readMinute("2026-10-25 02:30", view).spans.map(({ from, until }) => [new Date(from).toISOString(), until - from]),
    [["2026-10-25T00:30:00.000Z", 59_999], ["2026-10-25T01:30:00.000Z", 59_999]],
  );
  assert.throws(() => readMinute("2026-03-29 02:30", view), /clocks in Europe\/Berlin skip/);
  const lordHowe = { ...view, zone: "Australia/Lord_Howe" };
  assert.throws(() => readMinute("2026-10-04 02:15", lordHowe), /clocks in Australia\/Lord_Howe skip/);
});

onEachDatabase(
  "what is no time comes back with what would be one, and the page says what it does now",
  async (open) => {
    await using portal = await openPortal(open);
    await portal.job();
    for (const asked of ["noon", "2026-13-01 10:00", "25:00", "<b>10:00"]) {
      const response = await portal.get(`/jobs/1?${new URLSearchParams({ why: asked })}`);
      const html = await response.text();
      assert.equal(response.status, 200, asked);
      assert.match(html, /id="field-why-problem">[^<]*expected a time such as 2026-11-24 02:00/, asked);
      assert.ok(html.includes(`value="${asked.replace("<", "&lt;")}"`) || html.includes(`value="${asked}"`), asked);
      assert.match(await whyOn(portal, asked), /^Ask why, now or at a time\nNow\n/);
    }
  },
);

onEachDatabase("a run says which tag no worker has", async (open) => {
  await using portal = await openPortal(open);
  const now = epochMs(Date.now());
  await portal.job({ tags: "gpu", priority: 7 });
  await worker(portal, now, ["linux"]);
  await portal.post("/jobs/1/run", { key: "k" });
  const html = await (await portal.get("/runs/1")).text();
  assert.match(html, /It waits: no worker has tag gpu\./);
  assert.match(html, /<dt>Needs<\/dt><dd><span\s+class="chips"><span\s+class="chip">gpu<\/span>/);
  assert.match(html, /<dt>Priority<\/dt><dd>7<\/dd>/);
  assert.match(html, /<dt>Why it is here<\/dt><dd>Somebody asked for it\.<\/dd>/);
  assert.match(await whyOn(portal), /no worker has tag gpu/);
  assert.match(await (await portal.get("/runs")).text(), /by hand, priority 7/);
  assert.match(await (await portal.get("/workers")).text(), /<span\s+class="chip">linux<\/span>/);
});

onEachDatabase("a run says that its key is full, and links to the run that holds it", async (open) => {
  const now = hongKong(9);
  await using test = await openAt(open, now);
  const { portal } = test;
  for (const name of ["One", "Two"]) await portal.job({ name, concurrency_key: "backup" });
  await worker(portal, now);
  await portal.post("/jobs/1/run", { key: "k" });
  assert.equal((await claim(portal, now)).length, 1);
  await portal.post("/jobs/2/run", { key: "k" });
  const html = await (await portal.get("/runs/2")).text();
  assert.match(html, /It waits: key backup is full \(limit 1, held by run <a\s+href="\/runs\/1" class="num">1<\/a>\)/);
});

onEachDatabase("pages say that the next run is later than the schedule says, as long as it is so", async (open) => {
  await using test = await openAt(open, hongKong(8, 30));
  const { portal, set } = test;
  await portal.job({ schedule: "hourly at :00", timezone: "UTC" });
  const says = async (path: string) =>
    /next run (is later than the schedule says|too late)/i.test(await (await portal.get(path)).text());
  assert.deepEqual([await says("/jobs/1"), await says("/jobs")], [false, false]);
  await pass(portal, epochMs(hongKong(8) + 400 * 86_400_000));
  assert.deepEqual([await says("/jobs/1"), await says("/jobs")], [true, true]);
  assert.match(
    await whyOn(portal),
    /Next run is later than the schedule says: 2027-12-29 09:00:00 Asia\/Hong_Kong instead of 2026-11-24 09:00:00 Asia\/Hong_Kong/,
  );
  await portal.store.scheduling.heal({ now: hongKong(8, 31), leaseMs: 180_000 });
  assert.deepEqual([await says("/jobs/1"), await says("/jobs")], [false, false]);
  // A scheduler's clock may be a little ahead of this one.
  await pass(portal, hongKong(9));
  set(epochMs(hongKong(9) - 500));
  assert.deepEqual([await says("/jobs/1"), await says("/jobs")], [false, false]);
});
