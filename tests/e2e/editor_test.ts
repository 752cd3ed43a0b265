/**
 * Editing a job, finding one, and steering by keys.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { type TestPortal, withPortal } from "./_portal.ts";
import { addJob } from "./_seed.ts";

/** Opens a page and waits until its scripts have begun. */
async function opened(portal: TestPortal, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await portal.open(path, options);
  await begun(page);
  return page;
}

/** The browser's zone is offered once scripts run. */
async function begun(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector("option[value=browser]:not([hidden])") !== null);
}

/** The field of the palette. */
function palette(page: Page): Locator {
  return page.getByRole("combobox", { name: "Find jobs, pages and actions" });
}

Deno.test("people make, find and steer jobs by mouse, keyboard and touch", async (t) => {
  await withPortal(async (portal) => {
    const text = "input[name=schedule]";

    await addJob(portal, {
      name: "Weekly report",
      script: "report.py",
      schedule: "weekly on fri at 09:00",
      overlap: "allow",
    });

    await t.step("a typed text is shown in the buttons, a city becomes its zone, and leaving asks", async () => {
      const page = await opened(portal, "/jobs/1/edit");
      await page.locator(text).fill("cron 0 9 13 * fri");
      await page.waitForFunction(() => document.querySelector<HTMLInputElement>("[value=cron]")?.checked);
      await page.locator(".preview").getByText("match either").waitFor();
      await page.locator(text).fill("dayly");
      await page.waitForFunction(() => document.querySelector("[name=schedule_kind]:checked") === null);
      await page.locator(text).fill("daily at 2:30");
      for (
        const [typed, zone] of [["hkt", "Asia/Hong_Kong"], ["Hong Kong", "Asia/Hong_Kong"], ["berlin", "Europe/Berlin"]]
      ) {
        await page.getByLabel("Time zone").fill(typed ?? "");
        await page.getByLabel("Time zone").blur();
        assert.equal(await page.getByLabel("Time zone").inputValue(), zone);
      }
      await page.getByText("does not exist in Europe/Berlin").waitFor();
      await page.getByLabel("Arguments").fill("--to\nmy file");
      assert.equal(await page.locator("[data-passed]").textContent(), '["--to","my file"]');
      const asked: string[] = [];
      page.once("dialog", (dialog) => {
        asked.push(dialog.message());
        void dialog.dismiss();
      });
      await page.getByRole("link", { name: "Cancel" }).click();
      assert.deepEqual(asked, ["Leave this page? What you changed is not saved."]);
      assert.match(page.url(), /\/jobs\/1\/edit$/);
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.waitForURL(/\/jobs\/1\?notice=saved/);
      await page.getByRole("status").getByText("The job was saved.").waitFor();
      await page.context().close();
    });

    for (const name of ["Nightly backup", "Nightly vacuum"]) {
      await addJob(portal, { name, script: "test_job.sh", schedule: "manual", overlap: "allow" });
    }

    await t.step("the palette opens by keys while typing, finds a job, and runs it", async () => {
      const page = await opened(portal, "/jobs");
      await page.keyboard.press("Control+k");
      const field = palette(page);
      await field.waitFor();
      assert.ok(await field.evaluate((input) => input === document.activeElement));
      await page.keyboard.type("vacuum");
      const run = page.getByRole("option", { name: "Run now: Nightly vacuum" });
      await run.waitFor();
      await page.keyboard.press("ArrowDown");
      assert.equal(await run.getAttribute("aria-selected"), "true");
      assert.equal(await field.getAttribute("aria-activedescendant"), await run.getAttribute("id"));
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/runs\/\d+/);
      await begun(page);
      await page.keyboard.press("Control+k");
      await field.waitFor();
      await page.keyboard.press("Escape");
      await field.waitFor({ state: "detached" });
      await page.context().close();
    });

    await t.step("on a phone the palette opens by a touch, and leads to a page", async () => {
      const page = await opened(portal, "/jobs", { hasTouch: true, viewport: { width: 360, height: 740 } });
      await page.getByText("More", { exact: true }).tap();
      await page.getByRole("link", { name: /^Search/ }).tap();
      await palette(page).fill("work");
      await page.getByRole("option", { name: "Workers" }).tap();
      await page.waitForURL(/\/workers/);
      await page.context().close();
    });

    await t.step(
      "keys lead to places, through a list and to an edit; not while typing, and not where they are off",
      async () => {
        const page = await opened(portal, "/runs");
        await page.keyboard.press("g");
        await page.keyboard.press("j");
        await page.waitForURL(/\/jobs$/);
        await begun(page);
        await page.keyboard.press("j");
        await page.keyboard.press("j");
        const id = await page.locator("tr", { has: page.locator(":focus") }).getAttribute("data-row");
        const name = page.locator(`tr[data-row="${id}"] a.name`);
        await page.keyboard.press("x");
        assert.deepEqual(
          await page.locator(".pick input[name=id]:checked").evaluateAll((boxes) =>
            boxes.map((box) => box.getAttribute("value"))
          ),
          [id],
        );
        for (const [key, path] of [["e", "edit"], ["p", "pause"]]) {
          await name.focus();
          await page.keyboard.press(key ?? "");
          await page.waitForURL(`**/jobs/${id}/${path}`);
          await page.goBack();
          await begun(page);
        }
        await name.focus();
        await page.keyboard.press("r");
        await page.waitForURL(/\/runs\/\d+/);
        assert.equal(await page.locator(".head .crumb").getAttribute("href"), `/jobs/${id}`);
        await page.goBack();
        await begun(page);
        await page.keyboard.press("j");
        await page.keyboard.press("j");
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/jobs\/\d+$/);
        await begun(page);
        await page.keyboard.press("e");
        await page.waitForURL(/\/edit$/);
        await begun(page);
        await page.getByLabel("Name").focus();
        await page.keyboard.type("?g");
        assert.match(page.url(), /\/edit$/);
        await page.context().close();

        const other = await portal.open("/help");
        await other.getByRole("button", { name: "Switch keys off" }).click();
        await other.goto(`${portal.origin}/jobs`);
        await begun(other);
        await other.keyboard.press("?");
        await other.keyboard.press("Control+k");
        await palette(other).waitFor();
        assert.match(other.url(), /\/jobs$/);
        await other.context().close();
      },
    );

    await t.step("times follow the browser's zone once it is chosen, and say so", async () => {
      const page = await opened(portal, "/jobs/1", { timezoneId: "America/St_Johns" });
      await page.getByLabel(/^Times in/).selectOption("browser");
      await page.getByRole("button", { name: "Change" }).click();
      await page.getByText("Times in America/St_Johns").waitFor();
      const titles = await page.locator("main time[title]").evaluateAll((times) =>
        times.map((time) => time.getAttribute("title") ?? "")
      );
      assert.ok(titles.length > 0 && titles.every((title) => title.endsWith("America/St_Johns")), titles.join());
      await page.context().close();
    });
  });
});
