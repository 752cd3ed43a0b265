import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { withPortal } from "./_portal.ts";
import { seedDays } from "./_days.ts";

/** What axe finds on a page, with the rules of WCAG 2.2 AA, in a tall window. */
async function found(page: Page): Promise<readonly string[]> {
  await page.setViewportSize({ width: 1280, height: 4000 });
  await page.evaluate(axe.source);
  return await page.evaluate(
    `axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 200))))`,
  );
}

Deno.test("timeline, calendar and statistics answer what went wrong and how long it takes", async (t) => {
  await withPortal(async (portal) => {
    portal.expect(422);
    await seedDays(portal);
    const page = await portal.open("/timeline");
    let month = "";

    await t.step(
      "by keyboard: the last 24 hours, then twice as close, and the range stays in the address",
      async () => {
        await page.goto(`${portal.origin}/timeline`);
        await page.getByRole("link", { name: "Last 24 h" }).focus();
        await page.keyboard.press("Enter");
        await page.waitForURL("**/timeline?range=last-24h");
        const row = (name: string) => page.locator(".tl tbody tr").filter({ hasText: name });
        const chart = row("Sync CRM contacts").getByRole("slider");
        const said = await chart.getAttribute("aria-label");
        const all = "Sync CRM contacts: 36 succeeded, 12 failed; planned: none";
        assert.equal(said, all, "the chart says in words what it draws");
        assert.equal(await page.locator(".tl svg[tabindex='0']").count(), 1, "all rows are one tab stop");
        // The browser's zone is offered once scripts run.
        await page.locator("option[value=browser]:not([hidden])").waitFor({ state: "attached" });
        await page.locator(".tl svg[tabindex='0']").focus();
        const rows = await page.locator(".tl tbody tr").allInnerTexts();
        const at = rows.findIndex((text) => text.includes("Sync CRM contacts"));
        for (let i = 0; i < at; i++) await page.keyboard.press("ArrowDown");
        await page.locator(".tl tbody tr", { hasText: "Sync CRM contacts" }).locator("svg:focus").waitFor();
        await page.keyboard.press("End");
        await page.locator(".bar-words", { hasText: /^Failed, run \d+, from / }).waitFor();
        assert.match(await chart.getAttribute("aria-valuetext") ?? "", /^Failed, run \d+, from .* to /);
        await page.keyboard.press("Escape");
        await page.locator(".bar-words").waitFor({ state: "detached" });
        assert.match(await row("Import orders").locator("small").innerText(), /^\d{3} runs$/);
        await page.getByRole("link", { name: "Zoom in" }).focus();
        await page.keyboard.press("Enter");
        await page.waitForURL("**/timeline?from=*&to=*");
        const [from, to] = ["from", "to"].map((name) => Date.parse(new URL(page.url()).searchParams.get(name) ?? ""));
        assert.equal(Number(to) - Number(from), 12 * 3_600_000);
      },
    );

    await t.step("a filter narrows to jobs, and what is wrong with a range is said beside it", async () => {
      await page.goto(`${portal.origin}/timeline?q=label:crm`);
      assert.deepEqual(await page.locator(".tl tbody th a").allInnerTexts(), ["Sync CRM contacts"]);
      await page.goto(`${portal.origin}/timeline?from=tomorrow&to=2026-11-27`);
      assert.match(await page.getByRole("alert").innerText(), /^Found "tomorrow", expected a time/);
      assert.equal(
        await page.locator("input[name=from]").inputValue(),
        "tomorrow",
        "what is wrong stays to be corrected",
      );
    });

    await t.step("by touch: a month, and from one of its hours to the timeline of that hour", async () => {
      const phone = await portal.open("/timeline/month", { hasTouch: true, viewport: { width: 360, height: 800 } });
      const wide = await phone.evaluate("document.documentElement.scrollWidth");
      assert.ok(Number(wide) <= 360, `${wide} px`);
      await phone.getByRole("link", { name: "Month after" }).tap();
      await phone.waitForURL("**/timeline/month?month=*");
      await phone.locator(".heat tbody tr").first().locator("td").nth(2).getByRole("link").tap();
      await phone.waitForURL("**/timeline?from=*&to=*");
      assert.match(await phone.locator(".verdict").innerText(), /02:00 to 03:00.*15 planned/);
      await phone.close();
    });

    await t.step("by keyboard: the month is one tab stop, and arrow keys move through its days and hours", async () => {
      await page.goto(`${portal.origin}/timeline/month`);
      await page.getByRole("link", { name: "Month after" }).press("Enter");
      await page.waitForURL("**/timeline/month?month=*");
      month = new URL(page.url()).pathname + new URL(page.url()).search;
      await page.getByRole("grid", { name: "Planned runs by day and hour" }).waitFor();
      await page.getByRole("link", { name: "Month after" }).focus();
      await page.keyboard.press("Tab");
      const place =
        "[document.activeElement.closest('tr').sectionRowIndex, document.activeElement.closest('td').cellIndex]";
      const at = async () => await page.evaluate(place);
      assert.deepEqual(await at(), [0, 1]);
      const moves: readonly (readonly [key: string, row: number, column: number])[] = [
        ["ArrowUp", 0, 1],
        ["ArrowDown", 1, 1],
        ["ArrowRight", 1, 2],
        ["End", 1, 25],
        ["Home", 1, 1],
        ["ArrowLeft", 1, 1],
        ["Control+Home", 0, 1],
        ["ArrowRight", 0, 2],
        ["ArrowRight", 0, 3],
      ];
      for (const [key, row, column] of moves) {
        await page.keyboard.press(key);
        assert.deepEqual(await at(), [row, column], key);
      }
      assert.equal(await page.locator(".heat-box [tabindex='0'], .heat-box[tabindex]").count(), 1);
      await page.keyboard.press("Enter");
      await page.waitForURL("**/timeline?from=*&to=*");
      assert.match(await page.locator(".verdict").innerText(), /02:00 to 03:00.*15 planned/);
    });

    await t.step("statistics say what the runs say", async () => {
      await page.goto(`${portal.origin}/statistics?range=7d&sort=runs`);
      assert.match(
        await page.locator(".verdict").innerText(),
        /^97\.4 % of runs succeeded in 7 days: 1,002 ended, 26 failed\./,
      );
      const rows = await page.locator("#jobs tbody tr").allInnerTexts();
      assert.deepEqual(rows.map((row) => row.split("\t").slice(0, 4)), [
        ["Import orders", "100 %", "900", "0"],
        ["Sync CRM contacts", "75 %", "100", "25"],
        ["Nightly backup", "50 %", "2", "1"],
      ]);
      await page.getByRole("link", { name: "Lowest success rate" }).click();
      await page.waitForURL("**/statistics?range=7d&sort=rate#jobs");
      assert.match(await page.locator("#jobs tbody tr").first().innerText(), /^Nightly backup/);
      await page.goto(`${portal.origin}/statistics?range=7d&q=label:crm`);
      assert.match(await page.locator(".verdict").innerText(), /^75 % .*100 ended, 25 failed/);
      assert.equal(await page.locator("#hosts").count(), 0, "hosts are of all jobs");
    });

    await t.step(
      "full of data, the pages are accessible in both themes, and nothing is wider than a phone",
      async () => {
        for (const path of ["/timeline?range=last-24h", month, "/statistics?range=7d"]) {
          await page.goto(portal.origin + path);
          if (path === month) await page.getByRole("grid").waitFor();
          for (const colorScheme of ["light", "dark"] as const) {
            await page.emulateMedia({ colorScheme });
            assert.deepEqual(await found(page), [], `${path} in ${colorScheme}`);
          }
          for (const width of [360, 320]) {
            await page.setViewportSize({ width, height: 900 });
            const wide = await page.evaluate("document.documentElement.scrollWidth");
            assert.ok(Number(wide) <= width, `${path} is ${wide} px wide on ${width} px`);
          }
        }
      },
    );
  });
});
