/**
 * The pages of jobs: what fails on top, selecting rows, the menu of a row, why a job fails, and an edit that somebody else has overtaken.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { type TestPortal, withPortal } from "./_portal.ts";
import { addJob, begin } from "./_seed.ts";

const NAMES = ["Nightly A", "Nightly B", "Nightly C", "Report"];

Deno.test("people find, steer and change jobs", async (test) => {
  await withPortal(async (portal) => {
    for (const name of NAMES) {
      const labels = name.startsWith("Nightly") ? "nightly" : "finance";
      const job = await addJob(portal, { name, script: "report.py", schedule: "daily at 02:00", labels });
      for (const exitCode of name === "Report" ? [0, 0, 3] : [0]) {
        const running = await begin(portal, job);
        if (exitCode !== 0) await running.write("warming up\ndisk is full\n", "stderr");
        await running.end(exitCode);
      }
    }
    const page = await portal.open("/jobs");

    await test.step("what fails is on top, with its reason and its last runs", async () => {
      assert.deepEqual(await namesOn(page), ["Report", "Nightly A", "Nightly B", "Nightly C"]);
      const first = page.locator("tbody tr").first();
      assert.match(await first.innerText(), /Failing[\s\S]*exit 3[\s\S]*66 %/);
      const sentence = await first.locator(".spark").getAttribute("aria-label");
      assert.equal(sentence, "Last 3 runs: 2 succeeded, 1 failed, the last one did not succeed");
    });

    await test.step("a range is selected with shift, and what is refused says why", async () => {
      await page.goto(`${portal.origin}/jobs?sort=name`);
      await page.locator("[data-select-all]").waitFor();
      await page.locator(".pick input[name=id]").nth(0).click();
      await page.locator(".pick input[name=id]").nth(2).click({ modifiers: ["Shift"] });
      assert.match(await page.locator(".bulk").innerText(), /selected/);
      assert.equal(await page.locator(".pick input[name=id]:checked").count(), 3);
      await page.locator(".bulk button", { hasText: "Run now" }).click();
      await page.getByRole("button", { name: "Run 3 jobs" }).click();
      await page.getByRole("heading", { name: "3 jobs started" }).waitFor();
      await page.getByRole("link", { name: "Back to the list" }).click();
      await page.locator("[data-select-all]").check();
      await page.locator(".bulk button", { hasText: "Run now" }).click();
      await page.getByRole("button", { name: "Run 4 jobs" }).click();
      await page.getByRole("heading", { name: "1 job started" }).waitFor();
      assert.match(await page.locator("#refused").innerText(), /Nightly A[\s\S]*earlier run/);
      await page.getByRole("status").getByText("3 refused.").waitFor();
    });

    await test.step("the keyboard opens the menu of a row, and gives the focus back", async () => {
      await page.goto(`${portal.origin}/jobs?sort=name`);
      await page.locator("[data-select-all]").waitFor();
      const more = page.getByRole("link", { name: "More for Nightly A" });
      await more.focus();
      await page.keyboard.press("Enter");
      assert.equal(await page.locator("#job-menu :focus").innerText(), "Run with arguments…");
      await page.keyboard.press("Escape");
      assert.equal(await more.evaluate((link) => link === document.activeElement), true);
      await page.keyboard.press("Enter");
      await page.locator("#job-menu a", { hasText: "Clone…" }).click();
      await page.waitForURL(/\/jobs\/new\?from=1$/);
      assert.equal(await page.locator("input[name=name]").inputValue(), "Copy of Nightly A");
    });

    await test.step("a job says since when it fails, with the last line, and how long it took", async () => {
      await page.goto(`${portal.origin}/jobs/4`);
      assert.match(await page.locator(".verdict").innerText(), /Failing[\s\S]*exited with code 3/);
      assert.match(await page.locator(".note").first().innerText(), /disk is full/);
      const chart = page.locator("#duration svg[role=slider]");
      const sentence = await chart.getAttribute("aria-label");
      assert.match(sentence ?? "", /Half took up to 1\.2 s, 95 of 100 up to 1\.2 s\. 1 failed\./);
      // The browser's zone is offered once scripts run.
      await page.locator("option[value=browser]:not([hidden])").waitFor({ state: "attached" });
      await chart.focus();
      const reads = async (key: string, words: RegExp, at: string) => {
        await page.keyboard.press(key);
        await page.locator(".bar-words", { hasText: words }).waitFor();
        assert.match(await chart.getAttribute("aria-valuetext") ?? "", words);
        assert.equal(await chart.getAttribute("aria-valuenow"), at);
      };
      await reads("ArrowLeft", /^#\d+: failure after 1\.2 s, /, "3");
      await reads("ArrowLeft", /^#\d+: success after 1\.2 s, /, "2");
      await reads("Home", /^#\d+: success /, "1");
      await page.locator("#duration .fold summary").click();
      assert.equal(await page.locator("#duration tbody tr").count(), 3);
    });

    await test.step("an edit is taken back, and not once somebody else has edited", async () => {
      await rename(portal, page, "Sales");
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByRole("heading", { name: "Report" }).waitFor();
      await rename(portal, page, "Sales");
      const [job] = await portal.store.jobs.find("Sales");
      assert.ok(job !== undefined);
      await portal.sql("UPDATE scheduled_jobs SET revision = revision + 1 WHERE id = 4");
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByText("somebody has changed the job since").waitFor();
      assert.deepEqual((await portal.store.jobs.find("Sales")).map(({ id }) => id), [4]);
    });

    await test.step("below a list of many pages stands how many match, once somebody comes there", async () => {
      const columns =
        "script_path, script_args, schedule, timezone, policies, is_active, revision, created_at, updated_at";
      await portal.sql(`
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
        INSERT INTO scheduled_jobs (name, search_key, ${columns})
        SELECT 'Copy ' || i, 'copy ' || i, ${columns} FROM scheduled_jobs, n WHERE id = 4`);
      const asked: string[] = [];
      page.on("request", (request) => asked.push(new URL(request.url()).pathname));
      await page.goto(`${portal.origin}/jobs?q=copy&sort=name`);
      await page.locator("[data-select-all]").waitFor();
      assert.ok(!asked.includes("/api/matching"), "the list does not count");
      await page.locator(".matching").scrollIntoViewIfNeeded();
      await page.getByText("All 60 that match:").waitFor();
      await portal.sql("DELETE FROM scheduled_jobs WHERE name LIKE 'Copy %'");
    });

    await test.step("without script, a row leads to all actions, and rows are selected on a phone by their cards", async () => {
      const plain = await portal.open("/jobs?select=1&sort=name", {
        javaScriptEnabled: false,
        viewport: { width: 360, height: 740 },
        hasTouch: true,
      });
      await plain.locator(".cards tbody tr").nth(1).tap();
      await plain.locator(".bulk button", { hasText: "Pause…" }).tap();
      await plain.getByRole("button", { name: "Pause 1 job" }).tap();
      await plain.getByRole("heading", { name: "1 job paused" }).waitFor();
      await plain.context().close();
    });
  });
});

async function namesOn(page: Page): Promise<readonly string[]> {
  return await page.locator("tbody:not([hidden]) .name").allInnerTexts();
}

async function rename(portal: TestPortal, page: Page, name: string): Promise<void> {
  await page.goto(`${portal.origin}/jobs/4/edit`);
  await page.locator("input[name=name]").fill(name);
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByRole("heading", { name, exact: true }).waitFor();
}
