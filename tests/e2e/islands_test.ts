import assert from "node:assert/strict";
import { withPortal } from "./_portal.ts";
import { addJob, begin, seed } from "./_seed.ts";

Deno.test("in a browser, pages follow what happens without being loaded again", async (t) => {
  await withPortal(async (portal) => {
    await t.step("a list shows a new job", async () => {
      const page = await portal.open("/jobs");
      await page.locator("[data-connection=live]").waitFor();
      await page.evaluate("window.stayed = true");
      await addJob(portal, { name: "Came later", script: "test_job.sh", schedule: "manual" });
      await page.getByRole("link", { name: "Came later" }).waitFor();
      assert.equal(await page.evaluate("window.stayed"), true);
      await page.close();
    });

    await t.step("a run's output appears as it is written, then its end", async () => {
      const job = await addJob(portal, { name: "Talks", script: "test_job.sh", schedule: "manual" });
      const running = await begin(portal, job);
      const page = await portal.open(`/runs/${running.run.id}`);
      await page.locator("[data-connection=live]").waitFor();
      await running.write("\x1b[32mfirst line\x1b[0m\n");
      await page.locator("#log .line").getByText("first line").waitFor();
      assert.notEqual(await page.locator("#log .line b").first().getAttribute("class"), "");
      await running.write("second");
      await page.getByText("second").waitFor();
      await running.end(0);
      await page.locator("[data-connection=ended]").waitFor();
      await page.locator(".badge").getByText("Succeeded").first().waitFor();
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

    await t.step("keys go to places, but not while typing", async () => {
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
    assert.equal(await page.locator(".preview tbody tr").count(), 10);
    assert.equal(await page.locator("[name=schedule]").inputValue(), "every 5m");
  });
});

Deno.test("text that tries to be code stays text, on every page", async () => {
  await withPortal(async (portal) => {
    const { job, good, bad, running } = await seed(portal);
    portal.expect(404);
    const paths = ["/jobs", `/jobs/${job.id}`, `/jobs/4/edit`, "/jobs/4", "/runs", "/workers", "/help", "/nowhere"];
    for (const path of [...paths, ...[good, bad, running.run].map(({ id }) => `/runs/${id}`)]) {
      const page = await portal.open(path);
      await page.locator("h1").waitFor();
      assert.equal(await page.locator("img, #log script").count(), 0, path);
      await page.close();
    }
  });
});
