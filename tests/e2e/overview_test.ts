/**
 * The first page at three in the morning: why last night's run failed, and how to stop a script, by mouse, keyboard and touch; and
 * what the tab says meanwhile.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { epochMs } from "../../shared/domain/mod.ts";
import { type TestPortal, withPortal } from "./_portal.ts";
import { addJob, begin } from "./_seed.ts";

const PHONE = { hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } };

/** One way to act on what is on the screen: it counts as one click. */
const WAYS: Readonly<Record<string, (target: Locator) => Promise<void>>> = {
  mouse: (target) => target.click(),
  async keyboard(target) {
    await target.focus();
    await target.press("Enter");
  },
  touch: (target) => target.tap(),
};

/** Lets a scheduler say that it is there, as it does every few seconds; the overview misses one that is silent for long. */
async function schedulerReports({ store }: TestPortal): Promise<void> {
  await store.services.report(
    { serviceId: "s", kind: "scheduler", hostname: "h", processId: 1, version: "1" },
    epochMs(Date.now()),
  );
}

async function iconOf(page: Page): Promise<string> {
  return await page.locator("link[rel=icon]").getAttribute("href") ?? "";
}

Deno.test("from the first page, one click shows why last night's run failed, and one stops a script", async () => {
  await withPortal(async (portal) => {
    const { store } = portal;
    const manual = { schedule: "manual", max_retries: 0 };
    const backup = await begin(
      portal,
      await addJob(portal, { name: "Backup", script: "backup/nightly.sh", ...manual }),
    );
    await backup.write("disk full\n", "stderr");
    await backup.end(3);
    for (const [way, act] of Object.entries(WAYS)) {
      await schedulerReports(portal);
      const script = await begin(portal, await addJob(portal, { name: `Script ${way}`, script: "sync.ts", ...manual }));
      const page = await portal.open("/", way === "touch" ? PHONE : {});
      assert.match(await page.title(), /^✗ 1 · Overview/, way);
      assert.match(await iconOf(page), /favicon-bad/);
      await act(page.getByRole("link", { name: /^Why it failed\s*: Backup$/ }));
      await page.getByText("disk full").first().waitFor();
      assert.equal(new URL(page.url()).pathname, `/runs/${backup.run.id}`, way);
      await page.goto(portal.origin);
      await act(page.getByRole("button", { name: new RegExp(`^Stop\\s*: Script ${way}$`) }));
      await page.getByText("The script was asked to stop").waitFor();
      const state = (await store.runs.get(script.run.id))?.state;
      assert.ok(state?.status === "IN_PROGRESS" && state.cancelRequestedAt !== null, way);
    }
  });
});

Deno.test("the tab says without a reload when the trouble is over, and when it comes back", async () => {
  await withPortal(async (portal) => {
    const manual = { schedule: "manual", max_retries: 0 };
    const job = await addJob(portal, { name: "Backup", script: "backup/nightly.sh", ...manual });
    const run = async (exitCode: number) => {
      await (await begin(portal, job)).end(exitCode);
      await schedulerReports(portal);
    };
    await run(3);
    const page = await portal.open("/jobs");
    const says = (title: RegExp, icon: string) =>
      page.evaluate(
        `new Promise((resolve) => {
          const icon = document.querySelector("link[rel=icon]");
          const look = () =>
            ${title}.test(document.title) && icon.href.includes("${icon}") ? resolve() : requestAnimationFrame(look);
          look();
        })`,
      );
    await says(/^✗ 1 · Jobs/, "favicon-bad");
    await run(0);
    await says(/^Jobs/, "favicon.svg");
    await run(3);
    await says(/^✗ 1 · Jobs/, "favicon-bad");
  });
});
