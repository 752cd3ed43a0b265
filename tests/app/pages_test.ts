import assert from "node:assert/strict";
import { epochMs } from "../../shared/domain/mod.ts";
import { enterWorker, onEachDatabase, openPortal } from "./_portal.ts";
import { at, manual } from "../store/_given.ts";
import { append, finish } from "../support/attempts.ts";

const MARKUP = `<img src=x onerror=alert(1)>"'&amp;`;

onEachDatabase("every page is there, on an empty database and on a full one", async (open) => {
  await using portal = await openPortal(open);
  const lists = [
    "/",
    "/queue",
    "/jobs",
    "/jobs/new",
    "/runs",
    "/timeline",
    "/timeline/month",
    "/statistics",
    "/workers",
    "/audit",
    "/help",
  ];
  lists.push("/help/api");
  for (const path of lists) assert.equal((await portal.get(path)).status, 200, path);
  await enterWorker(portal, epochMs(Date.now()));
  const job = await portal.job();
  const claim = await portal.claim(job);
  const path = `/jobs/${job.id}`;
  for (
    const page of [
      ...lists,
      path,
      `${path}/edit`,
      `${path}/delete`,
      `${path}/run`,
      `${path}/backfill`,
      "/runs",
      `/runs/${claim.dispatchId}`,
    ]
  ) {
    const response = await portal.get(page);
    assert.equal(response.status, 200, page);
    assert.match(await response.text(), /<title>[^<]+ · Job Trigger Portal<\/title>/);
  }
  assert.deepEqual(portal.logged, []);
});

onEachDatabase(
  "the page of workers shows schedulers, those that fell silent too, and says when none runs",
  async (open) => {
    await using portal = await openPortal(open);
    const text = async () => (await (await portal.get("/workers")).text()).replace(/<[^>]*>/g, " ");
    assert.match(await text(), /No scheduler is running, so no job starts by its schedule/);
    const now = await portal.store.now();
    const identity = { kind: "scheduler", hostname: "node-1", processId: 7, version: "0.1.0" } as const;
    await portal.store.services.report({ ...identity, serviceId: "a" }, epochMs(now - 1000));
    assert.match(await text(), /Scheduler\s+Running\s+node-1\s+version 0\.1\.0, process 7/);
    await portal.store.services.report({ ...identity, serviceId: "b" }, epochMs(now - 60_000));
    assert.match(await text(), /Scheduler\s+Silent\s+node-1/);
    assert.doesNotMatch(await text(), /No scheduler is running/);
  },
);

onEachDatabase(
  "the overview says how many runs are planned in the next hours, also of a job that was just made",
  async (open) => {
    let now = at(0);
    await using portal = await openPortal(open, () => now);
    const planned = async () => /(\d+) planned/.exec(await (await portal.get("/")).text())?.[1] ?? null;
    await portal.job({ schedule: "every 15m" });
    assert.equal(await planned(), "24");
    await portal.job({ schedule: "hourly at :30" });
    await portal.job({ schedule: "manual" });
    now = at(61);
    assert.equal(await planned(), "30");
  },
);

onEachDatabase("the overview names the failure first that ended last, whichever run was made first", async (open) => {
  await using portal = await openPortal(open);
  const slow = await portal.claim(await portal.job({ name: "Slow" }));
  const quick = await portal.claim(await portal.job({ name: "Quick" }));
  const outcome = {
    status: "FAILED",
    execution: "FAILURE",
    exitCode: 3,
    signal: null,
    errorMessage: null,
    durationMs: 1,
    logBytes: 0,
    truncated: false,
  } as const;
  const now = portal.now();
  await finish(portal.store, quick, { outcome, retryAt: null, now });
  await finish(portal.store, slow, { outcome, retryAt: null, now: epochMs(now + 1) });
  const [, failures = ""] = (await (await portal.get("/")).text()).split('data-live="failures"');
  assert.deepEqual(failures.match(/Slow|Quick/g)?.slice(0, 2), ["Slow", "Quick"]);
});

onEachDatabase("an empty portal offers the sample job, and one click makes it", async (open) => {
  await using portal = await openPortal(open);
  assert.match(await (await portal.get("/jobs")).text(), /action="\/jobs\/sample"/);
  const answer = await portal.post("/jobs/sample");
  assert.deepEqual([answer.status, answer.headers.get("location")], [303, "/jobs/1?notice=created"]);
  const { items: [job] } = await portal.store.jobs.list({ limit: 10 });
  assert.deepEqual([job?.scriptPath, job?.isActive], ["test_job.sh", true]);
  assert.doesNotMatch(await (await portal.get("/jobs")).text(), /jobs\/sample/);
});

onEachDatabase("the lists of jobs and runs take a filter, and say what is wrong with one", async (open) => {
  await using portal = await openPortal(open);
  for (const [name, labels] of [["One", ["eu"]], ["Two", ["us"]], ["Three", []]] as const) {
    const job = await portal.job({ name, labels });
    await portal.store.runs.runNow(manual(job, { now: epochMs(Date.now()) }));
  }
  const shown = async (path: string, filter: string) => {
    const text = await (await portal.get(`${path}?q=${encodeURIComponent(filter)}`)).text();
    return ["One", "Two", "Three"].filter((name) => text.includes(`>${name}<`)).join(" ");
  };
  assert.equal(await shown("/jobs", "label:eu,us"), "One Two");
  assert.equal(await shown("/jobs", "hree state:active"), "Three");
  assert.equal(await shown("/runs", "job:t* since:1h"), "Two Three");
  assert.equal(await shown("/runs", "label:us status:waiting"), "Two");
  assert.equal(await shown("/runs", "until:1h"), "");
  for (const path of ["/jobs", "/runs"]) {
    const response = await portal.get(`${path}?q=lable:eu`);
    const text = await response.text();
    assert.equal(response.status, 422);
    assert.match(text, /role="alert">there is no field &quot;lable:&quot; here, did you mean &quot;label:&quot;\?/);
    assert.match(text, /value="lable:eu"/);
    assert.doesNotMatch(text, />One</);
  }
});

onEachDatabase("names, notes, arguments and output are text, whatever they hold", async (open) => {
  await using portal = await openPortal(open);
  const job = await portal.job({ name: MARKUP, args: [MARKUP] });
  const claim = await portal.claim(job);
  await append(portal.store, claim, [{ seq: 0, stream: "stdout", at: epochMs(0), data: `${MARKUP}\n` }]);
  await portal.post(`/jobs/${job.id}/pause`, { note: MARKUP });
  const own = ["", "/edit", "/run", "/backfill", `?why=${encodeURIComponent(MARKUP)}`].map((rest) =>
    `/jobs/${job.id}${rest}`
  );
  own.push(`/jobs/${job.id}/backfill?from=${encodeURIComponent(MARKUP)}`);
  for (const path of ["/jobs", ...own, "/runs", `/runs/${claim.dispatchId}`]) {
    const html = await (await portal.get(path)).text();
    assert.ok(!html.includes("<img"), path);
    assert.ok(html.includes("&lt;img src=x"), path);
  }
});

onEachDatabase("every time has its zone: in its title, and at the foot of the page", async (open) => {
  await using portal = await openPortal(open);
  await portal.job({ timezone: "Europe/Berlin" });
  const html = await (await portal.get("/jobs")).text();
  assert.match(html, /<time\s+datetime="[^"]+Z" title="\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Asia\/Hong_Kong"/);
  assert.match(html, /Times in <strong>Asia\/Hong_Kong<\/strong>/);
  assert.match(html, /Europe\/Berlin/);
});

onEachDatabase("what is not there is a page that says so", async (open) => {
  await using portal = await openPortal(open);
  for (const path of ["/nowhere", "/jobs/77", "/jobs/77/edit", "/jobs/0x1", "/runs/77", "/runs/abc", "/runs/77/log"]) {
    const response = await portal.get(path);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /Not found/);
  }
  const missing = await portal.get("/api/runs/77/events");
  assert.equal(missing.status, 404);
  assert.equal((await missing.json()).error.status, 404);
});

Deno.test("a broken address shows the list, not an error", async () => {
  await using portal = await openPortal();
  await portal.job();
  for (const query of ["?state=x&sort=y", "?status=NONE&job=abc", "?q=%25%5C", "?job=99999999999999999999"]) {
    for (const path of ["/jobs", "/runs"]) assert.equal((await portal.get(path + query)).status, 200, path + query);
  }
});

onEachDatabase("a cursor that is none is a clear error", async (open) => {
  await using portal = await openPortal(open);
  const response = await portal.get("/jobs?cursor=nonsense");
  assert.equal(response.status, 422);
});

onEachDatabase("a run shows its output in colour, where lines can be linked to", async (open) => {
  await using portal = await openPortal(open);
  const claim = await portal.claim(await portal.job());
  const data = "plain\n\x1b[32mgreen\x1b[0m\n";
  await append(portal.store, claim, [{ seq: 0, stream: "stdout", at: epochMs(0), data }]);
  const html = await (await portal.get(`/runs/${claim.dispatchId}`)).text();
  assert.match(html, /id="L2"[^>]*>.*<b\s+class="[^"]+">green<\/b>/);
  assert.doesNotMatch(html, /style=/);
  assert.ok(!html.includes("\u001b"));
});

onEachDatabase("the whole output of a run can be downloaded as it was stored", async (open) => {
  await using portal = await openPortal(open);
  const claim = await portal.claim(await portal.job());
  const line = `${"x".repeat(1000)}\n`;
  const chunks = Array.from(
    { length: 2000 },
    (_, seq) => ({ seq, stream: "stdout" as const, at: epochMs(0), data: line }),
  );
  await append(portal.store, claim, chunks);
  const response = await portal.get(`/runs/${claim.dispatchId}/log`);
  assert.match(response.headers.get("content-disposition") ?? "", /^attachment; filename="run-\d+\.log"$/);
  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(await response.text(), line.repeat(2000));
});

onEachDatabase("the health check fails while the database does not answer", async (open) => {
  await using portal = await openPortal(open);
  assert.equal((await portal.get("/healthz")).status, 200);
  await portal.store.close();
  const response = await portal.get("/healthz");
  assert.equal(response.status, 503);
  await response.body?.cancel();
});
