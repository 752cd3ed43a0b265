import assert from "node:assert/strict";
import { runNow } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { FIELDS, onEachDatabase, openPortal, standing, WORKER } from "./_portal.ts";

onEachDatabase("a new job is saved as it was typed", async (open) => {
  await using portal = await openPortal(open);
  const answer = await portal.post("/jobs/new", FIELDS);
  assert.deepEqual([answer.status, answer.headers.get("location")], [303, "/jobs/1?notice=created"]);
  const { items: [job] } = await portal.store.jobs.list({ limit: 1 });
  assert.deepEqual([job?.name, job?.scriptPath, job?.timezone], ["Nightly backup", "test_job.sh", "Europe/Berlin"]);
  assert.deepEqual(job?.scriptArgs, ["--target", "/srv/my data"]);
  assert.deepEqual(job?.schedule, { kind: "daily", time: "02:30" });
  assert.deepEqual([job?.policies.timeoutSeconds, job?.policies.retry.max, job?.policies.env], [60, 2, {
    MODE: "full",
  }]);
});

const wrong: readonly (readonly [name: string, field: string, value: string, message: RegExp])[] = [
  ["no name", "name", "", /name/i],
  ["an unknown kind of schedule", "schedule", "dayly at 9", /unknown kind &quot;dayly&quot;.*daily/],
  ["an interval of 0", "schedule", "every 0s", /0/],
  ["a cron field out of range", "schedule", "cron 61 * * * *", /minute/],
  ["an unknown zone", "timezone", "Mars/Olympus", /Mars\/Olympus/],
  ["a script that is not there", "script", "test_jop.sh", /did you mean &quot;test_job\.sh&quot;/],
  ["a script outside its directories", "script", "../../etc/passwd", /\.\./],
  ["a time limit that is none", "timeout", "soon", /soon/],
  ["an environment name that steers interpreters", "env", "LD_PRELOAD=x", /LD_PRELOAD/],
];
for (const [name, field, value, message] of wrong) {
  Deno.test(`a form with ${name} is shown again with the reason, and loses nothing`, async () => {
    await using portal = await openPortal();
    const response = await portal.post("/jobs/new", { ...FIELDS, [field]: value });
    const html = await response.text();
    assert.equal(response.status, 422);
    assert.match(html, new RegExp(`href="#field-${field}"`));
    assert.match(html.replaceAll("&#34;", "&quot;").replaceAll('"', "&quot;"), message);
    for (const [kept, typed] of Object.entries({ ...FIELDS, [field]: value })) {
      if (["name", "script", "schedule", "timezone", "timeout", "max_retries"].includes(kept) && typed !== "") {
        assert.ok(html.includes(`value="${typed}"`), `${kept} is lost`);
      }
    }
    assert.match(html, /--target\n\/srv\/my data/);
    assert.deepEqual((await portal.store.jobs.list({ limit: 1 })).items, []);
  });
}

onEachDatabase("arguments that look like options are arguments", async (open) => {
  await using portal = await openPortal(open);
  await portal.post("/jobs/new", { ...FIELDS, args: "--help\n-rf\n$(id)\n`id`" });
  const { items: [job] } = await portal.store.jobs.list({ limit: 1 });
  assert.deepEqual(job?.scriptArgs, ["--help", "-rf", "$(id)", "`id`"]);
});

onEachDatabase("the preview comes without scripts too: the form is sent and comes back with it", async (open) => {
  await using portal = await openPortal(open);
  const response = await portal.post("/jobs/new", { ...FIELDS, intent: "preview" });
  const html = await response.text();
  assert.equal(response.status, 200);
  assert.match(html, /value="Nightly backup"/);
  assert.equal([...html.matchAll(/<time [^>]*>/g)].length >= 10, true);
  assert.deepEqual((await portal.store.jobs.list({ limit: 1 })).items, []);
});

onEachDatabase("the preview answers a schedule being typed in words, next runs and warnings", async (open) => {
  await using portal = await openPortal(open);
  const ask = async (query: Record<string, string>) =>
    await (await portal.get(`/api/schedule/preview?${new URLSearchParams(query)}`)).json();
  const preview = await ask({ schedule: "daily at 02:30", timezone: "Europe/Berlin" });
  assert.equal(preview.kind, "valid");
  assert.equal(preview.runs.length, 10);
  assert.ok(preview.warnings.length > 0, "clocks change within 13 months");
  const sevens = await ask({ schedule: "0/7 * * * *", timezone: "UTC", timeout: "5m" });
  assert.match(
    sevens.warnings.join(),
    /the last pause is 4 minutes; if it should run every 7 minutes, write "every 7m"/,
  );
  const inOneHour = await ask({ schedule: "*/30 2 * * *", timezone: "Europe/Berlin", gap: "skip" });
  assert.match(
    inOneHour.warnings.join(),
    /02:00 does not exist in Europe\/Berlin \(clocks go forward\): it does not run/,
  );
  const command = await ask({ schedule: "*/5 * * * * /usr/bin/backup", timezone: "UTC" });
  assert.equal(command.kind, "invalid");
  assert.match(command.problems[0].message, /write "\*\/5 \* \* \* \*", and the command as the job's script/);
  assert.deepEqual((await ask({ schedule: "cron 0 0 31 2 *", timezone: "UTC" })).runs, []);
  const invalid = await ask({ schedule: "dayly", timezone: "Mars" });
  assert.deepEqual(invalid.problems.map(({ field }: { field: string }) => field), ["schedule", "timezone"]);
  assert.equal(await ask({ schedule: " ", timezone: "UTC" }), null);
});

onEachDatabase("of two edits the second is told what the first changed, and loses nothing", async (open) => {
  await using portal = await openPortal(open);
  const job = await portal.job({ name: "Original" });
  const form = await (await portal.get(`/jobs/${job.id}/edit`)).text();
  const hidden = (name: string) =>
    (new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? "").replaceAll("&quot;", '"').replaceAll(
      "&amp;",
      "&",
    );
  const opened = { revision: hidden("revision"), base: hidden("base") };
  const path = `/jobs/${job.id}/edit`;
  assert.equal((await portal.post(path, { ...FIELDS, ...opened, name: "First" })).status, 303);
  const second = await portal.post(path, { ...FIELDS, ...opened, name: "Second", args: "mine" });
  const html = await second.text();
  assert.equal(second.status, 409);
  assert.match(html, /Somebody changed this job/);
  assert.match(html, /Original/);
  assert.match(html, /First/);
  assert.match(html, /value="Second"/);
  assert.match(html, />mine<\/textarea>/);
  assert.equal((await portal.store.jobs.get(job.id))?.name, "First");
  const revision = /name="revision" value="(\d+)"/.exec(html)?.[1] ?? "";
  assert.equal((await portal.post(path, { ...FIELDS, base: "", revision, name: "Second" })).status, 303);
  assert.equal((await portal.store.jobs.get(job.id))?.name, "Second");
});

onEachDatabase("one click runs a job once, however often it is sent, and leads to the run", async (open) => {
  await using portal = await openPortal(open);
  const job = await portal.job();
  const key = /name="key" value="([^"]+)"/.exec(await (await portal.get(`/jobs/${job.id}`)).text())?.[1] ?? "";
  assert.ok(key.length > 30);
  const answers = await Promise.all([1, 2, 3].map(() => portal.post(`/jobs/${job.id}/run`, { key })));
  assert.deepEqual(answers.map(({ headers }) => headers.get("location")), ["/runs/1", "/runs/1", "/runs/1"]);
  assert.equal((await portal.store.runs.list({ limit: 10 })).items.length, 1);
  const another = await portal.post(`/jobs/${job.id}/run`, { key: "another" });
  assert.equal(another.headers.get("location"), `/jobs/${job.id}?notice=busy`);
  assert.match(await (await portal.get(`/jobs/${job.id}?notice=busy`)).text(), /An earlier run/);
});

onEachDatabase("a job is paused with a note, resumed, and deleted after a question", async (open) => {
  await using portal = await openPortal(open);
  const job = await portal.job();
  const path = `/jobs/${job.id}`;
  const paused = await portal.post(`${path}/pause`, { note: "moving house", back: "/jobs?q=x" });
  assert.equal(paused.headers.get("location"), "/jobs?q=x&notice=paused");
  assert.match(await (await portal.get(path)).text(), /moving house/);
  assert.equal((await portal.store.jobs.get(job.id))?.nextRun, null);
  const resumed = await portal.post(`${path}/resume`, { back: "/jobs?notice=paused#runs" });
  assert.equal(resumed.headers.get("location"), "/jobs?notice=resumed#runs");
  assert.equal((await portal.store.jobs.get(job.id))?.isActive, true);
  assert.match(await (await portal.get(`${path}/delete`)).text(), /Delete Backup\?/);
  const deleted = await portal.post(`${path}/delete`);
  assert.equal(deleted.headers.get("location"), "/jobs?notice=deleted");
  assert.equal((await portal.get(path)).status, 404);
});

onEachDatabase("a damaged job shows what is wrong and is whole again once a revision is restored", async (open) => {
  await using portal = await openPortal(open);
  await portal.job({ name: "Whole" });
  const { id } = await portal.job({ name: "Torn", schedule: "daily at 02:30", labels: ["x"] });
  await portal.sql(`UPDATE scheduled_jobs SET schedule = '{"kind":"sometimes"}' WHERE id = ${id}`);
  const read = async (path: string) => await (await portal.get(path)).text();
  const list = await read("/jobs");
  assert.match(list, /Damaged.*Torn.*schedule: .*unknown kind.*Whole/s);
  assert.match(await read(`/jobs/${id}`), /No scheduler runs this job: a part of it cannot be read/);
  assert.match(await read(`/jobs/${id}/edit`), /has a stand-in in its place/);
  for (const path of ["/", "/runs", "/queue", "/timeline", "/statistics", `/jobs/${id}/revisions`]) {
    assert.equal((await portal.get(path)).status, 200, path);
  }
  assert.equal((await portal.post(`/jobs/${id}/pause`, {})).status, 409);
  const bulk = await portal.post("/jobs/bulk", { do: "label", id: String(id), add: "y", key: "k" });
  assert.match(await read(bulk.headers.get("location") ?? ""), /1 refused.*is damaged/s);
  await portal.post(`/jobs/${id}/rollback`, { revision: "1", to: "1" });
  await portal.sql(`UPDATE job_revisions SET definition = '{"name":"Half"}' WHERE job_id = ${id} AND revision = 1`);
  assert.match(await read(`/jobs/${id}`), /Revisions/);
  assert.match(await read(`/jobs/${id}/revisions`), /Damaged.*this revision cannot be read: .*schedule is missing/s);
  const refused = await portal.post(`/jobs/${id}/rollback`, { revision: "2", to: "1" });
  assert.match(refused.headers.get("location") ?? "", /notice=not_restored/);
  const { schedule, damage, nextRun } = await portal.store.jobs.get(id) ?? assert.fail();
  assert.deepEqual([schedule, damage, nextRun === null], [{ kind: "daily", time: "02:30" }, null, false]);
});

onEachDatabase(
  "a pause says how many runs wait, that they start all the same, and offers to cancel them",
  async (open) => {
    await using portal = await openPortal(open);
    const job = await portal.job();
    await portal.post("/jobs/1/run", { key: "waits" });
    const paused = await portal.post("/jobs/1/pause", { back: "/jobs?q=x" });
    assert.equal(paused.headers.get("location"), "/jobs/1?notice=paused");
    const page = await (await portal.get("/jobs/1?notice=paused")).text();
    assert.match(page, /The job is paused\.</);
    assert.match(page, /but 1 run waits and starts all the same, unless you cancel it/);
    const form = /<form\s+method="post" action="\/jobs\/1\/pause".*?<\/form>/s.exec(page)?.[0] ?? "";
    assert.match(form, /Cancel the 1 run that waits/);
    const cancelled = await portal.post("/jobs/1/pause", standing(form));
    assert.equal(cancelled.headers.get("location"), "/jobs/1?notice=paused&cancelled=1");
    const after = await (await portal.get("/jobs/1?notice=paused&cancelled=1")).text();
    assert.match(after, /The job is paused\. 1 run that waited was cancelled\./);
    assert.doesNotMatch(after, /all the same/);
    assert.equal(await portal.store.runs.waiting(job.id), 0);
  },
);

onEachDatabase("runs that wait are cancelled with the pause when its form says so", async (open) => {
  await using portal = await openPortal(open);
  await portal.job({ overlap: "queue_all" });
  assert.doesNotMatch(await (await portal.get("/jobs/1/pause")).text(), /cancel_waiting/);
  for (const key of ["one", "two", "three"]) await portal.post("/jobs/1/run", { key });
  const page = await (await portal.get("/jobs/1/pause")).text();
  assert.match(page, /<input\s+type="checkbox" name="cancel_waiting"\/?>\s*Cancel the 3 runs that wait/);
  const paused = await portal.post("/jobs/1/pause", { note: "moving", cancel_waiting: "on" });
  assert.equal(paused.headers.get("location"), "/jobs/1?notice=paused&cancelled=3");
  const { items: runs } = await portal.store.runs.list({ limit: 9 });
  assert.deepEqual(runs.map(({ state }) => state.status), ["CANCELLED", "CANCELLED", "CANCELLED"]);
  assert.match(await (await portal.get("/runs/1")).text(), /Cancelled when its job was paused/);
});

onEachDatabase("the page of a run says for which run the overlap policy ended it, and links to that", async (open) => {
  await using portal = await openPortal(open);
  await portal.job({ overlap: "cancel_running" });
  await portal.post("/jobs/1/run", { key: "waits" });
  await portal.post("/jobs/1/run", { key: "runs" });
  const [claim] = await portal.store.queue.claim({
    workerId: WORKER,
    tags: new Set(),
    limit: 1,
    leaseMs: 60_000,
    now: await portal.store.now(),
  });
  assert.equal(claim?.dispatchId, 2);
  await portal.post("/jobs/1/run", { key: "last" });
  const madeRoomFor = (id: number) =>
    new RegExp(`Cancelled to make room for run <a\\s+href="/runs/${id}" class="num">${id}</a>: .* is cancel_running`);
  assert.match(await (await portal.get("/runs/1")).text(), madeRoomFor(2));
  const stopping = await (await portal.get("/runs/2")).text();
  assert.match(stopping, /asked to stop/);
  assert.match(stopping, madeRoomFor(3));
});

onEachDatabase(
  "a run is cancelled: at once while it waits, by asking while it runs, not at all when it has ended",
  async (open) => {
    await using portal = await openPortal(open);
    const job = await portal.job();
    const running = await portal.claim(job);
    await portal.post(`/jobs/${job.id}/run`, { key: "k" });
    const cancel = async (id: number) => (await portal.post(`/runs/${id}/cancel`)).headers.get("location");
    assert.equal(await cancel(running.dispatchId), `/runs/${running.dispatchId}?notice=requested`);
    const waiting = await runNow(operating(portal.store, job.createdAt), {
      id: job.id,
      args: null,
      force: true,
      idempotencyKey: null,
    });
    assert.equal(await cancel(waiting.id), `/runs/${waiting.id}?notice=cancelled`);
    assert.equal(await cancel(waiting.id), `/runs/${waiting.id}?notice=ended`);
  },
);

Deno.test("a list of many pages does not count; who asks, and the question before a change, get the number", async () => {
  await using portal = await openPortal();
  const { id } = await portal.job({ name: "Copied", labels: ["eu"] });
  const columns = "script_path, script_args, schedule, timezone, policies, is_active, revision, created_at, updated_at";
  await portal.sql(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1233)
    INSERT INTO scheduled_jobs (name, search_key, ${columns})
    SELECT 'Copy ' || i, 'copy ' || i, ${columns} FROM scheduled_jobs, n WHERE id = ${id}`);
  const html = await (await portal.get("/jobs?q=cop")).text();
  const [, address = ""] = /data-matching="([^"]+)">All that match:/.exec(html) ?? [];
  assert.equal(await (await portal.get(address.replaceAll("&amp;", "&"))).text(), "1,234");
  assert.match(await (await portal.get("/jobs?q=Copied")).text(), /All 1 that match:/);
  const question = await (await portal.get("/jobs/bulk?do=pause&all=1&q=cop")).text();
  assert.match(question, /<h1><bdi>Pause 1,234 jobs\?/);
  assert.match(question, /the first 200/);
});
