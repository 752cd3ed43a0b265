import assert from "node:assert/strict";
import type { Policies } from "../../shared/domain/mod.ts";
import { FIELDS, onEachDatabase, openPortal, standing, type TestPortal } from "./_portal.ts";

const at = (text: string) => Date.parse(text);

/** Every policy as typed, none of it the default. */
const TYPED: Readonly<Record<string, string>> = {
  misfire: "run_all",
  misfire_grace: "120",
  misfire_limit: "7",
  catchup_window: "3600",
  overlap: "queue_one",
  max_retries: "4",
  retry_base: "20",
  retry_cap: "300",
  tags: "linux, gpu",
  concurrency_key: "backup",
  concurrency_limit: "2",
  priority: "-5",
  starts_at: "2026-12-01 09:00",
  ends_at: "2027-01-31T18:00:00Z",
  spread: "600",
  gap: "skip",
  fold: "both",
};

/** What {@linkcode TYPED} means in a job in Europe/Berlin. */
const STORED = {
  timeoutSeconds: 60,
  retry: { max: 4, baseSeconds: 20, capSeconds: 300 },
  dst: { gap: "skip", fold: "both" },
  misfire: { kind: "run_all", graceSeconds: 120, limit: 7, catchupSeconds: 3600 },
  overlap: "queue_one",
  spreadSeconds: 600,
  startsAt: at("2026-12-01T08:00:00Z"),
  endsAt: at("2027-01-31T18:00:00Z"),
  priority: -5,
  tags: ["gpu", "linux"],
  concurrency: { key: "backup", limit: 2 },
  env: { MODE: "full" },
};

async function policiesOf({ store }: TestPortal): Promise<Policies | undefined> {
  return (await store.jobs.list({ limit: 1 })).items[0]?.policies;
}

onEachDatabase("every policy is set through the form", async (open) => {
  await using portal = await openPortal(open);
  assert.equal((await portal.post("/jobs/new", { ...FIELDS, ...TYPED })).status, 303);
  assert.deepEqual(await policiesOf(portal), STORED);
});

onEachDatabase(
  "an edit that touches no policy changes none, even when it moves the job to another zone",
  async (open) => {
    await using portal = await openPortal(open);
    await portal.post("/jobs/new", { ...FIELDS, ...TYPED });
    const form = standing(await (await portal.get("/jobs/1/edit")).text());
    assert.equal(form.starts_at, "2026-12-01 09:00:00+01:00");
    const edit = { ...form, name: "Renamed", timezone: "America/New_York", intent: "save" };
    assert.equal((await portal.post("/jobs/1/edit", edit)).status, 303);
    assert.deepEqual(await policiesOf(portal), STORED);
    assert.equal((await portal.store.jobs.list({ limit: 1 })).items[0]?.name, "Renamed");
  },
);

onEachDatabase("a job without policies of its own keeps the defaults through an edit", async (open) => {
  await using portal = await openPortal(open);
  const { policies } = await portal.job();
  const form = standing(await (await portal.get("/jobs/1/edit")).text());
  assert.equal((await portal.post("/jobs/1/edit", { ...form, name: "Renamed", intent: "save" })).status, 303);
  assert.deepEqual(await policiesOf(portal), policies);
});

const wrong: readonly (readonly [field: string, value: string, message: RegExp])[] = [
  ["misfire", "run_some", /run_latest, run_all, skip/],
  ["misfire_grace", "0", /from 1 to 86400/],
  ["misfire_limit", "many", /whole number/],
  ["catchup_window", "-1", /whole number/],
  ["overlap", "both", /queue_one/],
  ["max_retries", "101", /from 0 to 100/],
  ["retry_base", "1.5", /whole number/],
  ["retry_cap", "forever", /whole number/],
  ["tags", "gpu, ü!", /letters and digits/],
  ["concurrency_key", "a b", /letters and digits/],
  ["concurrency_limit", "0", /from 1 to 1000/],
  ["priority", "high", /whole number/],
  ["starts_at", "tomorrow", /2026-12-01 09:00/],
  ["starts_at", "02:00", /found (?:"|&quot;)02:00(?:"|&quot;), expected a day and a time such as 2026-12-01 09:00/],
  ["ends_at", "2026-12", /expected a day and a time such as 2026-12-01 09:00/],
  ["ends_at", "2026-11-30", /before/],
  ["spread", "90000", /from 0 to 86400/],
  ["gap", "jump", /after or skip/],
];
for (const [field, value, message] of wrong) {
  Deno.test(`a form with ${field} "${value}" comes back with the reason in an open group, and loses nothing`, async () => {
    await using portal = await openPortal();
    const typed = { ...FIELDS, ...TYPED, [field]: value };
    const response = await portal.post("/jobs/new", typed);
    const html = await response.text();
    assert.equal(response.status, 422);
    assert.match(new RegExp(`<p class="problem" id="field-${field}-problem">([^<]*)`).exec(html)?.[1] ?? "", message);
    const before = html.slice(0, html.indexOf(`id="field-${field}"`));
    assert.match(before.slice(before.lastIndexOf("<details")), /^<details\s+class="fold" open/);
    const kept = standing(html);
    for (const name of Object.keys(TYPED)) {
      // A select cannot show what is none of its options.
      if (name !== field || !["misfire", "overlap", "gap"].includes(field)) assert.equal(kept[name], typed[name], name);
    }
    assert.equal(await policiesOf(portal), undefined);
  });
}

onEachDatabase("a group is open for a problem that cannot be seen, too", async (open) => {
  await using portal = await openPortal(open);
  const html = await (await portal.post("/jobs/new", { ...FIELDS, spread: "  " })).text();
  assert.match(html, /<details\s+class="fold" open[^>]*><summary>From, until, and spread/);
  assert.match(html, /id="field-spread-problem"/);
});

onEachDatabase("groups of policies are folded, and their headings say what they hold", async (open) => {
  await using portal = await openPortal(open);
  const groups = async (path: string) =>
    [
      ...(await (await portal.get(path)).text())
        .matchAll(/<details\s+class="fold"([^>]*)><summary>([^<]*)<span\s+class="quiet">([^<]*)/g),
    ].map(([, attributes = "", title, value]) => `${title}: ${value}${attributes.includes("open") ? ", open" : ""}`);
  assert.deepEqual(await groups("/jobs/new"), [
    "When it fails: 3 retries, time limit 10 min",
    "When an earlier run has not ended: it does not run",
    "When a time was missed: only the latest one runs, late",
    "Where it runs: any worker, no shared key",
    "From, until, and spread: no limits",
    "When clocks change: run right after the gap, run the first time",
    "Key and environment: no key, no variables",
  ]);
  await portal.job({ overlap: "allow", tags: "gpu", max_retries: "5", env: { A: "1" } });
  const edited = await groups("/jobs/1/edit");
  assert.deepEqual(edited.filter((line) => /fails|earlier|where|Key/i.test(line)), [
    "When it fails: retries 5",
    "When an earlier run has not ended: it runs beside it",
    "Where it runs: tags gpu",
    "Key and environment: no key, 1 variable",
  ]);
});

onEachDatabase("the second of two editors is told which policies the first changed", async (open) => {
  await using portal = await openPortal(open);
  await portal.job();
  const form = standing(await (await portal.get("/jobs/1/edit")).text());
  const save = (change: Record<string, string>) => portal.post("/jobs/1/edit", { ...form, ...change, intent: "save" });
  assert.equal((await save({ overlap: "allow", tags: "gpu" })).status, 303);
  const second = await save({ priority: "7" });
  const html = await second.text();
  assert.equal(second.status, 409);
  const table = html.slice(html.indexOf('aria-label="What changed"'), html.indexOf("</table>"));
  assert.deepEqual([...table.matchAll(/<th\s+scope="row">([^<]*)/g)].map(([, label]) => label), [
    "While an earlier run has not ended",
    "Tags",
  ]);
  assert.equal(standing(html).priority, "7");
  assert.equal((await policiesOf(portal))?.overlap, "allow");
});

onEachDatabase("the preview tells what policies do, and keeps to the validity", async (open) => {
  await using portal = await openPortal(open);
  const ask = async (query: Record<string, string>) =>
    await (await portal.get(`/api/schedule/preview?${new URLSearchParams(query)}`)).json();
  const typed = { schedule: "daily at 09:00", timezone: "UTC", overlap: "allow" };
  const within = await ask({ ...typed, starts_at: "2099-01-01 00:00", ends_at: "2099-01-03 09:00" });
  assert.deepEqual(within.runs.map(({ iso }: { iso: string }) => iso), [
    "2099-01-01T09:00:00Z",
    "2099-01-02T09:00:00Z",
    "2099-01-03T09:00:00Z",
  ]);
  const effects = within.effects.map(({ sentence }: { sentence: string }) => sentence).join("\n");
  assert.match(effects, /runs beside it \(overlap allow\)/);
  assert.match(effects, /After 2099-01-03 09:00:00 UTC it is never due/);
  assert.deepEqual((await ask({ ...typed, ends_at: "2001-01-01" })).runs, []);
  const invalid = await ask({ ...typed, overlap: "x" });
  assert.deepEqual(invalid.problems.map(({ field }: { field: string }) => field), ["overlap"]);
});

onEachDatabase("the preview of a job with a spread shows when it is due and when it starts", async (open) => {
  await using portal = await openPortal(open);
  const query = new URLSearchParams({ schedule: "daily at 09:00", timezone: "UTC", spread: "3600" });
  const starts = async (job: string) =>
    (await (await portal.get(`/api/schedule/preview?${query}${job}`)).json()).runs
      .map(({ start }: { start: string | null }) => start?.slice(-8));
  assert.deepEqual(new Set(await starts("")), new Set([undefined]), "a job that is not made yet has no offset yet");
  const [one, two] = [await starts("&job=1"), await starts("&job=2")];
  for (const start of [...one, ...two]) assert.ok(start >= "09:00:00" && start <= "10:00:00", start);
  assert.equal(new Set(one).size, 1);
  assert.notEqual(one[0], two[0]);
  const html = await (await portal.post("/jobs/new", { ...FIELDS, ...TYPED, intent: "preview" })).text();
  assert.match(html, /It starts up to 10 min after the time it is due/);
});
