/**
 * Every text that people, scripts and machines send, as something that tries to become code, on each page in a browser, under the
 * policy that the portal sends: nothing may run, and nothing may even try.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { type Dispatch, epochMs, type Job, workerId } from "../../shared/domain/mod.ts";
import { pauseJob } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { append, finish, markStarted } from "../support/attempts.ts";
import { type TestPortal, withPortal } from "./_portal.ts";
import { addJob } from "./_seed.ts";
import { by } from "../support/actor.ts";

/** The name under which text that runs as code reports itself. */
const RAN = "jtpRan";

const PAYLOADS = [
  `<script>${RAN}=1</script>`,
  `<img src=x onerror=${RAN}=1>`,
  `"><svg onload=${RAN}=1>`,
  `' onfocus=${RAN}=1 autofocus x='`,
  `javascript:${RAN}=1`,
  `</script><script>${RAN}=1</script>`,
  `</textarea></title></style><script>${RAN}=1</script>`,
  `<!--<script>${RAN}=1</script>-->`,
  `<base href=//evil.example><link rel=stylesheet href=//evil.example/x.css>`,
  `<style>@import url(//evil.example)</style><p style="background:url(//evil.example)">`,
  `{{constructor.constructor("${RAN}=1")()}}\${${RAN}=1}`,
  `\u2028\u2029;${RAN}=1;//`,
  `\x1b]8;;javascript:${RAN}=1\x07link\x1b]8;;\x07`,
].join(" ");

/** Text that scripts may print or get, with control characters, which names may not have. */
const NAME = PAYLOADS.replace(/[\p{Cc}\u2028\u2029]/gu, "");

interface Hostile {
  readonly job: Job;
  readonly failed: Dispatch;
  readonly running: Dispatch;
  readonly waiting: Dispatch;
}

/** Fills every text column. Columns whose checks refuse such text are filled by SQL, as in a damaged database. */
async function fill(portal: TestPortal): Promise<Hostile> {
  const { store, sql } = portal;
  const now = epochMs(Date.now());
  const job = await addJob(portal, {
    name: NAME.slice(0, 200),
    script: "test_job.sh",
    args: [PAYLOADS, ...PAYLOADS.split(" ")],
    schedule: "cron 0 9 * * *",
    timezone: "Europe/Berlin",
    env: { TEXT: PAYLOADS },
  });
  const id = workerId(NAME.slice(0, 100));
  const identity = {
    workerId: id,
    hostname: NAME,
    platform: NAME,
    processId: 1,
    version: NAME,
    tags: [NAME],
    concurrency: 3,
  };
  await store.workers.register(identity, now);
  const run = async () => {
    const request = {
      jobId: job.id,
      trigger: "manual",
      args: [PAYLOADS],
      force: true,
      idempotencyKey: null,
      ...by(now),
    } as const;
    return await store.runs.runNow(request);
  };
  const [failed, running] = [await run(), await run()];
  const ask = { workerId: id, tags: new Set<string>(), limit: 2, leaseMs: 600_000, now };
  for (const [i, claim] of (await store.queue.claim(ask)).entries()) {
    await markStarted(store, claim, { now, timeoutAt: epochMs(now + 600_000) });
    const chunks = PAYLOADS.split(" ").map((data, seq) =>
      ({ seq, stream: "stderr", at: now, data: `${data}\n` }) as const
    );
    assert.ok(await append(store, claim, chunks));
    if (i === 1) continue;
    const outcome = {
      status: "FAILED",
      execution: "ERROR",
      exitCode: null,
      signal: null,
      errorMessage: PAYLOADS,
    } as const;
    const end = { outcome: { ...outcome, durationMs: 1, logBytes: 1, truncated: true }, retryAt: null, now };
    assert.ok(await finish(store, claim, end));
  }
  const waiting = await run();
  await pauseJob(operating(store, now), { id: job.id, note: NAME.slice(0, 500) });
  const quoted = NAME.replaceAll("'", "''");
  await sql(`UPDATE scheduled_jobs SET script_path = '${quoted}', paused_note = '${quoted}'`);
  await sql(`UPDATE job_dispatch SET correlation_id = '${quoted}'`);
  return { job, failed, running, waiting };
}

Deno.test("no text becomes code on any page, under the portal's own policy", async (t) => {
  await withPortal(async (portal) => {
    for (const status of [400, 401, 404, 422]) portal.expect(status);
    const { job, failed, running, waiting } = await fill(portal);
    const text = encodeURIComponent(PAYLOADS.slice(0, 900));
    const own = ["", "/edit", "/delete", "/run", "/backfill", `?why=${text}`, `/backfill?from=${text}&to=${text}`];
    const runs = [failed, running, waiting].map(({ id }) => `/runs/${id}`);
    const asked = [
      `/jobs?q=${text}&cursor=${text}`,
      `/jobs?q=${text}`,
      `/runs?job=${text}`,
      `/${text}`,
      `/jobs/${text}`,
    ];
    const pages = [
      "/jobs",
      "/jobs/new",
      "/runs",
      "/workers",
      "/help",
      ...own.map((path) => `/jobs/${job.id}${path}`),
      ...runs,
    ];
    const page = await portal.openWatched("/jobs");
    for (const path of [...pages, ...asked, `/jobs?token=${text}`]) {
      await t.step(path.slice(0, 60), async () => {
        await page.goto(portal.origin + path);
        await check(page, path);
      });
    }
    await t.step("text typed into the form and shown again", async () => {
      await page.goto(`${portal.origin}/jobs/new`);
      await page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true");
      for (const name of ["name", "args", "schedule", "env"]) await page.locator(`[name=${name}]`).fill(PAYLOADS);
      await page.getByRole("button", { name: "Create job" }).click();
      await page.locator("[aria-invalid=true]").first().waitFor();
      await check(page, "/jobs/new");
    });
  });

  async function check(page: Page, path: string): Promise<void> {
    await page.locator("h1").waitFor();
    assert.equal(await page.evaluate(`typeof ${RAN}`), "undefined", `${path}: a text was run`);
    assert.deepEqual(await page.evaluate("violations"), [], `${path}: a text tried to`);
    const made = await page.evaluate(
      "document.querySelectorAll('main img, main script, main style, base, [onload], [onfocus]').length",
    );
    assert.equal(made, 0, `${path}: a text became an element`);
  }
});
