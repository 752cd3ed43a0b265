/**
 * Live lists while a person touches, points, reads or uses keys: rows on screen are updated where they are, and new rows wait
 * until the person asks for them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { jobId } from "../../shared/domain/mod.ts";
import { deleteJob, pauseJob } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { type TestPortal, withPortal } from "./_portal.ts";
import { addJob, begin, register } from "./_seed.ts";

const PHONE = { hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } };

/** The state in which a page is, as its stream names it. */
const SEEN = "document.documentElement.dataset.seen";

/** Waits until a page is in another state. */
async function seesOtherThan(page: Page, state: unknown): Promise<void> {
  await page.locator(`html[data-seen]:not([data-seen="${state}"])`).waitFor({ state: "attached" });
}

/** Makes a change and waits until the page shows it. */
async function andSee(page: Page, act: () => Promise<unknown>): Promise<void> {
  const before = await page.evaluate(SEEN);
  await act();
  await seesOtherThan(page, before);
}

/** Waits until a sentence is read out to those who cannot see the page. */
async function hears(page: Page, sentence: string): Promise<void> {
  await page.locator("[role=status][data-announce]").getByText(sentence).waitFor({ state: "attached" });
}

/** Opens a page and waits until it is live. */
async function opened(portal: TestPortal, path: string, options = {}): Promise<Page> {
  const page = await portal.open(path, options);
  await seesOtherThan(page, null);
  return page;
}

async function middleOf(target: Locator): Promise<readonly [x: number, y: number]> {
  const box = await target.boundingBox();
  if (box === null) throw new Error("It is not on screen");
  return [box.x + box.width / 2, box.y + box.height / 2];
}

const every = (seconds: number) => ({ script: "test_job.sh", schedule: `every ${seconds}s`, timezone: "UTC" });

Deno.test("a touch hits the row that it aims at, although rows are added or change their order meanwhile", async () => {
  await withPortal(async (portal) => {
    for (let i = 1; i <= 8; i++) await addJob(portal, { name: `Job ${i}`, ...every(86_400 + 1000 * i) });
    const page = await opened(portal, "/jobs?sort=nextRun", PHONE);
    for (let i = 1; i <= 3; i++) {
      // The whole card is the target of its link.
      const target = page.getByRole("link", { name: `Job ${i}`, exact: true });
      await target.scrollIntoViewIfNeeded();
      const [x, y] = await middleOf(target);
      await andSee(page, () => addJob(portal, { name: `Earlier ${i}`, ...every(3600 - 60 * i) }));
      await page.touchscreen.tap(x, y);
      await page.waitForURL("**/jobs/*");
      const id = jobId(Number(/\d+$/.exec(page.url())?.[0]));
      assert.equal((await portal.store.jobs.get(id))?.name, `Job ${i}`);
      await page.goto(`${portal.origin}/jobs?sort=nextRun`);
      await seesOtherThan(page, null);
    }
  });
});

Deno.test("rows are updated where they are, and new rows appear when a person asks for them", async () => {
  await withPortal(async (portal) => {
    const job = await addJob(portal, { name: "Backup", script: "test_job.sh", schedule: "manual", overlap: "allow" });
    const running = await begin(portal, job);
    const page = await opened(portal, "/runs", PHONE);
    const row = page.locator(`[data-row="${running.run.id}"]`);
    const before = await row.boundingBox();
    await andSee(page, () => running.end(1));
    await row.getByText("Failed").waitFor();
    await hears(page, "#1 Backup: Failed.");
    await begin(portal, job);
    await page.getByRole("button", { name: "1 new run. Show" }).waitFor();
    await begin(portal, job);
    const button = page.getByRole("button", { name: "2 new runs. Show" });
    await button.waitFor();
    assert.deepEqual(await row.boundingBox(), before);
    await hears(page, "1 new run.");
    await button.tap();
    await button.waitFor({ state: "detached" });
    await hears(page, "The list is up to date.");
    assert.equal(await page.locator("tbody:not([data-left]) > [data-row]").count(), 3);
    await page.close();

    const keyed = await opened(portal, "/runs");
    await andSee(keyed, () => begin(portal, job));
    await keyed.getByRole("button", { name: "1 new run. Show" }).waitFor();
    await keyed.keyboard.press("n");
    await keyed.getByRole("button", { name: "new run" }).waitFor({ state: "detached" });
    assert.equal(await keyed.locator("tbody > [data-row]").count(), 4);
    assert.equal(await keyed.evaluate("document.activeElement.textContent"), "#4");
  });
});

Deno.test("a run that ends stays in a list of running ones and shows its end; so does a job that leaves its filter", async () => {
  await withPortal(async (portal) => {
    const job = await addJob(portal, { name: "Backup", ...every(3600) });
    await addJob(portal, { name: "Other", ...every(3600) });
    const running = await begin(portal, job);
    const page = await opened(portal, "/runs?status=IN_PROGRESS");
    await running.end(0);
    await page.locator(`[data-row="${running.run.id}"]`).getByText("Succeeded").waitFor();
    await page.close();

    const jobs = await opened(portal, "/jobs?state=active");
    const row = jobs.locator(`[data-row="${job.id}"]`);
    const more = row.getByRole("link", { name: "More for Backup" });
    await more.hover();
    const own = await opened(portal, `/jobs/${job.id}`);
    await pauseJob(operating(portal.store, await portal.store.now()), { id: job.id, note: null });
    await hears(own, "Backup: Paused.");
    await own.close();
    await row.locator(".reason").getByText("Paused").waitFor();
    await more.click();
    const menu = jobs.locator("#job-menu");
    await menu.getByRole("button", { name: "Resume" }).waitFor();
    assert.equal(await menu.getByRole("link", { name: "Pause…" }).isVisible(), false, "it is paused already");
    await jobs.keyboard.press("Escape");
    // A row in which the focus is stays as it is.
    await jobs.locator("h1").click();
    await deleteJob(operating(portal.store, await portal.store.now()), { id: job.id });
    await jobs.locator(`[data-row="${job.id}"].gone`).waitFor();
    assert.equal(await jobs.locator("tbody > [data-row]").count(), 2);
  });
});

Deno.test("a first job and a first worker appear only on request, because buttons stand in the place of their rows", async () => {
  await withPortal(async (portal) => {
    const page = await opened(portal, "/jobs", PHONE);
    const [x, y] = await middleOf(page.getByRole("button", { name: "Create the sample job" }));
    await andSee(page, () => addJob(portal, { name: "First", ...every(3600) }));
    assert.deepEqual(await middleOf(page.getByRole("button", { name: "Create the sample job" })), [x, y]);
    await page.getByRole("button", { name: "1 new job. Show" }).tap();
    await page.getByRole("link", { name: "First", exact: true }).waitFor();
    await page.close();
    const workers = await opened(portal, "/workers");
    await andSee(workers, () => register(portal));
    await workers.getByRole("button", { name: "1 new worker. Show" }).click();
    await workers.getByText("Idle").waitFor();
  });
});

Deno.test("when a run ends, its Cancel button never becomes Run again, and the text below the facts stays where it is", async () => {
  await withPortal(async (portal) => {
    const job = await addJob(portal, { name: "Backup", script: "test_job.sh", schedule: "manual" });
    const running = await begin(portal, job);
    const page = await opened(portal, `/runs/${running.run.id}`, PHONE);
    const places = async () => [
      await middleOf(page.getByRole("button", { name: "Cancel" })),
      await middleOf(page.getByRole("button", { name: "Run again" })),
    ];
    assert.ok(await page.getByRole("button", { name: "Run again" }).isDisabled());
    const before = await places();
    await running.end(0);
    await page.locator(".state").getByText("Succeeded").first().waitFor();
    assert.ok(await page.getByRole("button", { name: "Run again" }).isEnabled());
    assert.deepEqual(await places(), before);
    await hears(page, "Run #1: Succeeded.");
    assert.match(await page.title(), /✓ Backup #1 · Job Trigger Portal$/);
    await page.getByRole("button", { name: "Cancel" }).tap({ force: true });
    assert.match(page.url(), /\/runs\/1$/);
    await page.close();

    const next = await begin(portal, job);
    const reading = await opened(portal, `/runs/${next.run.id}`, PHONE);
    await reading.evaluate("document.getElementById('log').scrollIntoView({ block: 'start' })");
    const log = await reading.locator("#log").boundingBox();
    await next.end(1);
    await reading.locator("[data-live=facts]").getByText("code 1").first().waitFor({ state: "attached" });
    await reading.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))");
    assert.ok(Math.abs(((await reading.locator("#log").boundingBox())?.y ?? 0) - (log?.y ?? 0)) < 1);
  });
});

Deno.test("lines that leave the page of a log that is followed can be reached", async () => {
  await withPortal(async (portal) => {
    const job = await addJob(portal, { name: "Talks", script: "test_job.sh", schedule: "manual" });
    const running = await begin(portal, job);
    const page = await opened(portal, `/runs/${running.run.id}`);
    const earlier = page.getByRole("link", { name: "Earlier lines" });
    assert.equal(await earlier.isVisible(), false);
    const top = (await page.locator("#log").boundingBox())?.y;
    const lines = 21_000;
    for (let i = 0; i < lines; i += 1000) {
      await running.write(Array.from({ length: 1000 }, (_, n) => `line ${i + n + 1}\n`).join(""));
    }
    await page.locator(`#L${lines}`).waitFor();
    await earlier.waitFor();
    assert.equal((await page.locator("#log").boundingBox())?.y, top);
    const first = Number((await page.locator("#log .ln[id]").first().getAttribute("id"))?.slice(1));
    assert.ok(first > 1 && first <= lines);
    await earlier.click();
    await page.locator(`#L${first - 1}`).getByText(`line ${first - 1}`, { exact: false }).waitFor();
  });
});
