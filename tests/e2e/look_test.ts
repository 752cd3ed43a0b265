import assert from "node:assert/strict";
import { pauseJob } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { openAccounts } from "../support/accounts.ts";
import { ALL_RULES, CONTRAST, faultsOf, loadAxe } from "./_axe.ts";
import { seedAlerts } from "./_alert_seed.ts";
import { withPortal } from "./_portal.ts";
import { seed } from "./_seed.ts";

/** So tall that no bar at an edge of the window covers half of what is beside it, which axe takes for a target that is too small. */
const TALL = 4000;

/**
 * What is tried at each width: all rules in one theme; where tables are tables, the other theme's contrast too. What is cards, in the
 * light at the least width and in the dark at the next, is drawn from the same parts.
 */
const WIDTHS = [
  [1280, [["light", ALL_RULES], ["dark", CONTRAST]]],
  [820, [["dark", ALL_RULES]]],
  [360, [["light", ALL_RULES]]],
] as const;

Deno.test("every page is accessible in both themes under its own policy, and nothing is wider than the screen", async (t) => {
  await withPortal(async (portal) => {
    portal.expect(404);
    portal.expect(401);
    portal.expect(403);
    // One profile for all pages: each path is one navigation.
    const page = await portal.open("/help");
    const empty = ["/", "/queue", "/jobs", "/runs", "/workers", "/timeline", "/statistics", "/audit"];
    for (const path of empty) await t.step(`${path} while empty`, () => look(path));
    const { job, good, bad, running, unusual, waiting } = await seed(portal);
    while (await portal.store.statistics.rollUp({ limit: 500 }) > 0);
    const own = ["", "/edit", "/delete", "/pause", "/backfill"].map((page) => `/jobs/${job.id}${page}`);
    own.push(
      `/jobs/${job.id}/revisions`,
      `/jobs/bulk?do=pause&id=${job.id}&id=${unusual.id}`,
      `/jobs/bulk?do=delete&id=${job.id}`,
    );
    for (const path of ["", "?why=02:30", "?why=noon", "/edit", "/run", "/backfill?from=2025-11-01&to=2025-11-20"]) {
      own.push(`/jobs/${unusual.id}${path}`);
    }
    await seedAlerts(portal, [job, unusual]);
    own.push("/alerts", "/alerts?state=closed", "/alerts/rules", "/alerts/rules/1/edit", "/settings/alerts");
    own.push(`/alerts/rules?job=${job.id}`);
    const runs = [good, bad, running.run, waiting].map(({ id }) => `/runs/${id}`);
    for (
      const path of [
        ...empty,
        "/jobs/new",
        "/search?q=re",
        "/jobs?select=1",
        "/timeline/month",
        "/help",
        "/help?q=lease",
        "/help/docs/operations",
        "/help/api",
        "/nowhere",
        ...own,
        ...runs,
      ]
    ) {
      await t.step(path, () => look(path));
    }
    await pauseJob(operating(portal.store, await portal.store.now()), { id: unusual.id, note: null });
    const paused = `/jobs/${unusual.id}?notice=paused`;
    await t.step(`${paused}, whose runs wait`, () => look(paused));

    await t.step("the result of a change of many", async () => {
      await page.goto(`${portal.origin}/jobs/bulk?do=run&id=${job.id}&id=${unusual.id}`);
      await page.getByRole("button", { name: "Run 2 jobs" }).click();
      await page.waitForURL(/bulk\/\d+/);
      await look(null);
    });

    await t.step("/first-account", () => look("/first-account"));

    await page.context().clearCookies();
    await t.step("the sign-in page", () => look("/jobs?token=old"));

    const { users, signIn } = await openAccounts(portal);
    await t.step("the page that signs in", () => look("/sign-in?next=/runs"));
    await page.context().addCookies(await signIn("admin", portal.origin));
    const people = ["/account", "/settings/users", "/settings/users/new", `/settings/users/${users.get("viewer")?.id}`];
    people.push("/settings/system", `/settings/users/${users.get("admin")?.id}`);
    for (const path of people) await t.step(path, () => look(path));
    await t.step("the audit list after a check of it", async () => {
      await page.goto(`${portal.origin}/audit`);
      await page.getByRole("button", { name: "Check the list" }).click();
      await page.getByText("The list is intact").waitFor();
      await look(null);
    });
    await t.step("a token that was just made", async () => {
      await page.goto(`${portal.origin}/account`);
      await page.getByText("New token").click();
      await page.getByLabel("Name").fill("ci-deploy");
      await page.getByRole("button", { name: "Make the token" }).click();
      await page.getByText("Copy it now").waitFor();
      await look(null);
    });
    await t.step("a webhook that was just made", async () => {
      const path = `/jobs/${job.id}/webhooks`;
      await look(path);
      await page.getByLabel("Name").fill("ci-deploy");
      await page.getByLabel("Arguments from the body").fill("=--quiet\n/ref string max=100");
      await page.getByRole("button", { name: "Make the webhook" }).click();
      await page.getByText("Copy it now").waitFor();
      await look(null);
      await page.goto(portal.origin + path);
      await page.getByLabel("More for ci-deploy").click();
      await page.getByRole("link", { name: "Edit…" }).click();
      await page.waitForURL(/webhooks\/\d+/);
      await look(null);
    });
    await page.context().clearCookies();
    await page.context().addCookies(await signIn("viewer", portal.origin));
    for (const path of ["/settings/users", "/jobs", `/jobs/${job.id}`]) {
      await t.step(`${path} for a viewer`, () => look(path));
    }

    /** Checks the page at a path; null: the open page. */
    async function look(path: string | null): Promise<void> {
      await page.setViewportSize({ width: 1280, height: TALL });
      if (path !== null) await page.goto(portal.origin + path);
      await page.locator("h1").waitFor();
      await loadAxe(page);
      for (const [width, tries] of WIDTHS) {
        await page.setViewportSize({ width, height: TALL });
        const wide = await page.evaluate("document.documentElement.scrollWidth");
        assert.ok(Number(wide) <= width, `${path} is ${wide} px wide on ${width} px`);
        for (const [colorScheme, rules] of tries) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await faultsOf(page, rules), [], `${path} in ${colorScheme} at ${width} px`);
        }
      }
      await page.setViewportSize({ width: 320, height: TALL });
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      assert.ok(Number(wide) <= 320, `${path} is ${wide} px wide on 320 px`);
    }
  });
});
