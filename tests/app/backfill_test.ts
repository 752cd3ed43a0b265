import assert from "node:assert/strict";
import { type EpochMs, epochMs } from "../../shared/domain/mod.ts";
import { decideDue } from "../../shared/policy/mod.ts";
import { type OpenTestStore, openTestStore } from "../support/store.ts";
import { onEachDatabase, openPortal, ORIGIN, standing, type TestPortal } from "./_portal.ts";

/** When the portal is asked: noon on 24 November 2026 in Asia/Hong_Kong, its zone. */
const NOW: EpochMs = epochMs(Date.UTC(2026, 10, 24, 4));
const RANGE = "from=2026-11-20&to=2026-11-22&at_once=2";

const openAtNoon = (open: OpenTestStore) => openPortal(open, () => NOW);
const daily = (portal: TestPortal) => portal.job({ schedule: "daily at 02:30", timezone: "Europe/Berlin" });
const runsOf = async ({ store }: TestPortal) => (await store.runs.list({ limit: 100 })).items.toReversed();

onEachDatabase("a dry run lists the times of a range in both zones and how many, and writes nothing", async (open) => {
  await using portal = await openAtNoon(open);
  await daily(portal);
  const html = await (await portal.get(`/jobs/1/backfill?${RANGE}`)).text();
  assert.match(html, /Dry run: 3 times.*in this order, 2 at once/s);
  assert.deepEqual([...html.matchAll(/<th\s+scope="col"\s*>([^<]*)/g)].map(([, zone]) => zone), [
    "Europe/Berlin",
    "Asia/Hong_Kong",
  ]);
  assert.deepEqual([...html.matchAll(/<time\s+datetime="([^"]*)">([^<]*)/g)].map(([, iso, text]) => `${iso} ${text}`), [
    "2026-11-20T01:30:00Z 2026-11-20 02:30:00",
    "2026-11-20T01:30:00Z 2026-11-20 09:30:00",
    "2026-11-21T01:30:00Z 2026-11-21 02:30:00",
    "2026-11-21T01:30:00Z 2026-11-21 09:30:00",
    "2026-11-22T01:30:00Z 2026-11-22 02:30:00",
    "2026-11-22T01:30:00Z 2026-11-22 09:30:00",
  ]);
  assert.deepEqual(await runsOf(portal), []);
});

onEachDatabase("a backfill is written once, however often it is sent, and its runs are recognisable", async (open) => {
  await using portal = await openAtNoon(open);
  await daily(portal);
  const form = standing(await (await portal.get(`/jobs/1/backfill?${RANGE}`)).text());
  const send = async () => (await portal.post("/jobs/1/backfill", form)).headers.get("location");
  assert.deepEqual(await Promise.all([send(), send(), send()]), Array(3).fill("/jobs/1?notice=backfilled"));
  assert.equal(await send(), "/jobs/1?notice=backfilled");
  const runs = await runsOf(portal);
  assert.deepEqual(runs.map(({ scheduledFor }) => new Date(scheduledFor).toISOString()), [
    "2026-11-20T01:30:00.000Z",
    "2026-11-21T01:30:00.000Z",
    "2026-11-22T01:30:00.000Z",
  ]);
  assert.deepEqual(runs.map(({ backfill }) => backfill), Array(3).fill({ id: form.key, atOnce: 2 }));
  const key = form.key ?? "none";
  assert.equal((await (await portal.get("/runs")).text()).split(`by backfill ${key.slice(0, 8)}`).length - 1, 3);
  const run = await (await portal.get(`/runs/${runs[0]?.id}`)).text();
  assert.match(run, /It was backfilled, 2 at once\./);
  assert.ok(run.includes(`<dt>Backfill</dt><dd><code>${key}</code></dd>`));
  assert.match(await (await portal.get("/jobs/1?notice=backfilled")).text(), /The backfill was written/);
});

onEachDatabase("a dry run says what the schedule made of each time", async (open) => {
  const at = (hour: number, minute = 0) => epochMs(Date.UTC(2026, 10, 24, hour, minute));
  let now = at(4, 30);
  await using portal = await openPortal(open, () => now);
  const { store } = portal;
  await portal.job({ schedule: "hourly at :00", timezone: "UTC", misfire: "skip" });
  const pass = async () => {
    await store.scheduling.dispatchDue({ now, limit: 9, lockMs: 1000, decide: (due) => decideDue({ ...due, now }) });
  };
  now = at(5);
  await pass();
  now = at(7, 30);
  await pass();
  const query = new URLSearchParams({ from: "2026-11-24T04:00:00Z", to: "2026-11-24T07:00:00Z" });
  const html = await (await portal.get(`/jobs/1/backfill?${query}`)).text();
  const known = [...html.matchAll(/<td\s+class="known">(.*?)<\/td>/gs)].map(([, cell = ""]) =>
    cell.replace(/<[^>]+>/g, "")
  );
  const missed = "did not run: it was missed: no scheduler was running in time";
  assert.deepEqual(known, ["–", "#1 Waiting", missed, missed]);
});

onEachDatabase(
  "a backfill of a job that was changed since its dry run is not written, but listed again",
  async (open) => {
    await using portal = await openAtNoon(open);
    await daily(portal);
    const form = standing(await (await portal.get(`/jobs/1/backfill?${RANGE}`)).text());
    const edit = standing(await (await portal.get("/jobs/1/edit")).text());
    await portal.post("/jobs/1/edit", { ...edit, schedule: "daily at 04:00", intent: "save" });
    const response = await portal.post("/jobs/1/backfill", form);
    const html = await response.text();
    assert.equal(response.status, 409);
    assert.match(html, /the job was changed since these times were listed/);
    assert.match(html, /2026-11-20 04:00:00/);
    assert.deepEqual(await runsOf(portal), []);
  },
);

const wrong: readonly (readonly [query: string, field: string, message: RegExp])[] = [
  ["from=&to=2026-11-20", "from", /expected a day or a time/],
  ["from=2026-11-20&to=soon", "to", /found "soon", expected a day or a time/],
  ["from=2026-11-20&to=2026-11-19", "to", /before the beginning/],
  ["from=2026-11-25&to=2026-11-26", "from", /yet to come/],
  ["from=2026-11-20&to=2026-11-21&at_once=0", "at_once", /from 1 to 1000/],
  ["from=2000-01-01&to=2026-11-21", "to", /there are 9,822 times until then, expected at most 1,000/],
];
for (const [query, field, message] of wrong) {
  Deno.test(`a backfill with ${query} comes back with the reason and what was typed`, async () => {
    await using portal = await openAtNoon(openTestStore);
    await daily(portal);
    const html = await (await portal.get(`/jobs/1/backfill?${query}`)).text();
    assert.match(
      new RegExp(`id="field-${field}-problem">([^<]*)`).exec(html.replaceAll("&quot;", '"'))?.[1] ?? "",
      message,
    );
    for (const [name, value] of new URLSearchParams(query)) assert.equal(standing(html)[name], value);
    assert.doesNotMatch(html, /Dry run/);
  });
}

onEachDatabase("a backfill ends now: times to come are the schedule's own", async (open) => {
  await using portal = await openAtNoon(open);
  await portal.job({ schedule: "hourly at :00", timezone: "Asia/Hong_Kong" });
  const html = await (await portal.get("/jobs/1/backfill?from=2026-11-24&to=2026-11-24")).text();
  assert.match(html, /Dry run: 13 times/);
});

onEachDatabase("a backfill from another site is refused and writes nothing", async (open) => {
  await using portal = await openAtNoon(open);
  await daily(portal);
  const form = standing(await (await portal.get(`/jobs/1/backfill?${RANGE}`)).text());
  for (const headers of [{ origin: "https://evil.example" }, { origin: ORIGIN, "sec-fetch-site": "cross-site" }]) {
    assert.equal((await portal.post("/jobs/1/backfill", form, { headers })).status, 403);
  }
  assert.equal((await portal.post("/jobs/1/backfill", { ...form, key: "" })).status, 422);
  assert.deepEqual(await runsOf(portal), []);
});
