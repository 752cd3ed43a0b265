import assert from "node:assert/strict";
import { withPortal } from "./_portal.ts";
import { addJob, begin, seed } from "./_seed.ts";

Deno.test("in a browser, pages follow changes without being loaded again", async (t) => {
  await withPortal(async (portal) => {
    await t.step("a list shows a new job", async () => {
      const page = await portal.open("/jobs");
      await page.locator("[data-connection=live]").waitFor();
      await page.evaluate("window.stayed = true");
      await addJob(portal, { name: "Came later", script: "test_job.sh", schedule: "manual" });
      await page.getByRole("button", { name: "1 new job. Show" }).click();
      await page.getByRole("link", { name: "Came later", exact: true }).waitFor();
      assert.equal(await page.evaluate("window.stayed"), true);
      await page.close();
    });

    await t.step("a run's output appears as it is written, then its end", async () => {
      const job = await addJob(portal, { name: "Talks", script: "test_job.sh", schedule: "manual" });
      const running = await begin(portal, job);
      const page = await portal.open(`/runs/${running.run.id}`);
      await page.locator("[data-connection=live]").waitFor();
      await running.write("\x1b[32mfirst line\x1b[0m\n");
      await page.locator("#log .ln").getByText("first line").waitFor();
      assert.notEqual(await page.locator("#log .ln b").first().getAttribute("class"), "");
      await running.write("second");
      await page.getByText("second").waitFor();
      await running.end(0);
      await page.getByRole("button", { name: "Follow" }).waitFor({ state: "detached" });
      await page.locator(".state").getByText("Succeeded").first().waitFor();
      await page.close();
    });

    await t.step("the schedule's preview follows the typing", async () => {
      const page = await portal.open("/jobs/new");
      await page.locator("[name=schedule]").pressSequentially("daily at 09:00");
      await page.locator(".preview tbody tr").first().waitFor();
      assert.equal(await page.locator(".preview tbody tr").count(), 10);
      await page.locator("[name=schedule]").fill("dayly at 09:00");
      await page.locator(".preview .problem").getByText("did you mean").waitFor();
      await page.close();
    });

    await t.step("the preview follows the policies, and groups open without losing what was typed", async () => {
      const page = await portal.open("/jobs/new");
      await page.locator("[name=schedule]").fill("daily at 09:00");
      await page.locator(".preview tbody tr").first().waitFor();
      assert.equal(await page.locator("[name=overlap]").isVisible(), false);
      await page.getByText("When an earlier run has not ended").click();
      await page.locator("[name=overlap]").selectOption("cancel_running");
      await page.locator(".effects").getByText("the earlier one is cancelled").waitFor();
      await page.getByText("From, until, and spread").click();
      await page.locator("[name=ends_at]").fill("2001-01-01");
      await page.locator(".preview").getByText("Never fires.").waitFor();
      assert.equal(await page.locator("[name=schedule]").inputValue(), "daily at 09:00");
      await page.close();
    });

    await t.step("keys open pages, but not while typing", async () => {
      const page = await portal.open("/jobs");
      await page.locator("[data-connection=live]").waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("gr");
      assert.equal(await page.locator("[data-filter]").inputValue(), "gr");
      await page.locator("h1").click();
      await page.keyboard.press("g");
      await page.keyboard.press("r");
      await page.waitForURL("**/runs");
      await page.close();
    });
  });
});

Deno.test("without scripts, all that matters works", async () => {
  await withPortal(async (portal) => {
    const page = await portal.open("/jobs", { javaScriptEnabled: false });
    await page.getByRole("button", { name: "Create the sample job" }).click();
    await page.getByText("The job was created.").waitFor();
    await page.getByRole("button", { name: "Run now" }).click();
    await page.waitForURL("**/runs/*");
    await page.getByText("Nothing yet").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("The run was cancelled before it started.").waitFor();
    await page.goto(`${portal.origin}/jobs/new`);
    await page.locator("[name=schedule]").fill("every 5m");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.locator(".preview tbody tr").first().waitFor();
    assert.equal(await page.locator(".preview tbody tr").count(), 10);
    assert.equal(await page.locator("[name=schedule]").inputValue(), "every 5m");
  });
});

Deno.test("without scripts, people set policies, force a run, ask why a job did not run, and start a backfill", async () => {
  await withPortal(async (portal) => {
    portal.expect(409);
    const page = await portal.open("/jobs/new", { javaScriptEnabled: false });
    await page.getByLabel("Name").fill("Import");
    await page.getByLabel("Script").fill("test_job.sh");
    await page.getByLabel("Schedule").fill("daily at 02:30");
    await page.getByText("Where it runs").click();
    await page.getByLabel("Tags").fill("gpu");
    await page.getByRole("button", { name: "Create job" }).click();
    await page.getByText("Only a worker with the tag gpu runs it").waitFor();

    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByText("It waits: no worker is online.").waitFor();
    await page.goto(`${portal.origin}/jobs/1`);
    await page.getByLabel("More for Import").click();
    await page.getByRole("link", { name: "Run with arguments…" }).click();
    await page.getByLabel("Arguments").fill("--fast");
    await page.getByRole("button", { name: "Run it" }).click();
    await page.getByRole("alert").getByText("An earlier run has not ended").waitFor();
    await page.getByLabel("Force").check();
    await page.getByRole("button", { name: "Run it" }).click();
    await page.waitForURL("**/runs/2");
    await page.getByText("What ran").click();
    await page.getByText("--fast").waitFor();

    await page.goto(`${portal.origin}/jobs/1`);
    await page.getByLabel("Ask about a time").fill("2020-01-01 02:30");
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByText("There was no such job then").waitFor();
    assert.match(page.url(), /\?why=2020-01-01\+02%3A30#why$/);

    await page.getByLabel("More for Import").click();
    await page.getByRole("link", { name: "Backfill a range…" }).click();
    await page.getByLabel("From").fill("2020-01-01");
    await page.getByLabel("To", { exact: true }).fill("2020-01-03");
    await page.getByRole("button", { name: "Show the times" }).click();
    await page.getByRole("heading", { name: "Dry run: 3 times" }).waitFor();
    await page.getByRole("button", { name: "Run 3 times" }).click();
    await page.getByText("The backfill was written").waitFor();
    assert.equal(await page.locator("[data-live=runs] tbody").getByText("by backfill").count(), 3);
  });
});

Deno.test("text that tries to be code stays text, on every page", async () => {
  await withPortal(async (portal) => {
    const { job, good, bad, running } = await seed(portal);
    portal.expect(404);
    const paths = [
      "/jobs",
      `/jobs/${job.id}`,
      `/jobs/4/edit`,
      "/jobs/4",
      "/runs",
      "/",
      "/queue",
      "/workers",
      "/help",
      "/nowhere",
    ];
    for (const path of [...paths, ...[good, bad, running.run].map(({ id }) => `/runs/${id}`)]) {
      const page = await portal.open(path);
      await page.locator("h1").waitFor();
      assert.equal(await page.locator("img, #log script").count(), 0, path);
      await page.close();
    }
  });
});

Deno.test("in a browser, times that tick go by the database's clock, not by the browser's", async () => {
  const databaseAheadMs = () => 2 * 3_600_000;
  await withPortal(async (portal) => {
    const job = await addJob(portal, { name: "Ticks", script: "test_job.sh", schedule: "manual" });
    const { run } = await begin(portal, job);
    for (const path of ["/runs", `/runs/${run.id}`]) {
      const page = await portal.open(path);
      // The run began just now by this machine's clock, and two hours ago by the database's.
      const times = page.locator("main time[data-relative]");
      assert.match(await times.first().textContent() ?? "", /^2 h ago$/);
      await page.evaluate("document.querySelector('main time[data-relative]').textContent = 'untouched'");
      await page.getByText("untouched").waitFor({ state: "detached" });
      assert.match(await times.first().textContent() ?? "", /^2 h ago$/);
      await page.close();
    }
  }, { databaseAheadMs });
});
