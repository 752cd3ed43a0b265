import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { withPortal } from "./_portal.ts";
import { addJob, begin } from "./_seed.ts";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } as const;
const LINES = 6000;

Deno.test("a text in a long output is found by mouse, keyboard and touch, what ran at night is listed, and a run is run again with other arguments", async (t) => {
  await withPortal(async (portal) => {
    const job = await addJob(portal, {
      name: "Backup",
      script: "test_job.sh",
      args: ["customers", "--verify"],
      schedule: "manual",
    });
    const { run } = await begun();
    const path = `/runs/${run.id}`;

    await t.step("mouse: the search counts the lines, goes to the next, and marks the text", async () => {
      const page = await portal.open(path);
      await page.getByLabel("Find in the output").fill("no SPACE");
      await page.keyboard.press("Enter");
      await page.waitForURL(`**${path}?find=no+SPACE&at=1001#L1001`);
      assert.match(await page.locator(".find [role=status]").innerText(), /^1 of 3/);
      assert.equal(await page.locator("#L1001 mark").innerText(), "No space");
      assert.ok(await isInTheMiddle(page, 1001));
      await page.getByRole("link", { name: "Next match" }).click();
      await page.waitForURL("**#L3001");
      await page.getByRole("link", { name: "Previous match" }).click();
      await page.waitForURL("**#L1001");
      assert.match(await page.title(), /✗ Backup #1 · Job Trigger Portal$/);
      await page.close();
    });

    await t.step(
      "keyboard: / goes to the field, Enter to the match after, and the log is one stop of Tab",
      async () => {
        const page = await portal.open(`${path}?find=no+space&at=1001#L1001`);
        await page.getByRole("button", { name: "Wrap" }).waitFor();
        await page.keyboard.press("/");
        await page.keyboard.press("Enter");
        await page.waitForURL("**#L3001");
        await page.locator("#log").focus();
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate("document.activeElement.closest('#log')"), null);
        await page.close();
      },
    );

    await t.step("touch: the tools of the search take one row, and one stream is shown alone", async () => {
      const page = await portal.open(`${path}?find=no+space&at=1001#L1001`, PHONE);
      const tops = await page.locator(".logbar .search, .find a, .logbar > .menu summary").evaluateAll((parts) =>
        parts.map((part) => Math.round(part.getBoundingClientRect().top + part.getBoundingClientRect().height / 2))
      );
      assert.equal(new Set(tops).size, 1, `${tops}`);
      await page.locator(".logbar > .menu summary").tap();
      await page.getByRole("link", { name: "Only stderr" }).tap();
      await page.waitForURL("**?stream=stderr");
      assert.deepEqual(await page.locator(".ln > span").allInnerTexts(), ["No space left\n", "the end\n"]);
      await page.close();
    });

    await t.step("the address names lines: shift extends them, and a line elsewhere is loaded", async () => {
      const page = await portal.open(`${path}#L20`);
      await page.waitForURL("**?line=20#L20");
      await page.locator("#L23 > a").click({ modifiers: ["Shift"] });
      assert.match(page.url(), /#L20-L23$/);
      assert.equal(await page.locator(".picked").count(), 4);
      await page.evaluate("location.hash = '#L4000'");
      await page.waitForURL("**?line=4000#L4000");
      await page.locator("#L4000.picked").waitFor();
      assert.ok(await isInTheMiddle(page, 4000));
      await page.close();
    });

    await t.step("what ran from 01:00 to 04:00 is asked for by two fields, in an address of its own", async () => {
      const page = await portal.open("/runs");
      await page.getByText("Time, job, worker, label, trigger").click();
      await page.getByLabel("From (").fill("2026-01-01 01:00");
      await page.getByLabel("To (").fill("2199-01-01 04:00");
      await page.getByRole("button", { name: "Narrow" }).click();
      await page.waitForURL("**/runs?q=*");
      const text = 'since:"2026-01-01 01:00" until:"2199-01-01 04:00"';
      assert.equal(new URL(page.url()).searchParams.get("q"), text);
      await page.getByRole("link", { name: "Failed", exact: true }).click();
      await page.waitForURL((url) => url.searchParams.get("q")?.includes("failed") === true);
      assert.equal(new URL(page.url()).searchParams.get("q"), `${text} status:failed`);
      assert.equal(await page.locator("tbody [data-row]").count(), 1);
      await page.close();
    });

    await t.step("a run is run again with other arguments: the form has those it was passed", async () => {
      const page = await portal.open(path);
      await page.locator(".head .menu summary").click();
      await page.getByRole("link", { name: "Run again with other arguments" }).click();
      await page.locator("form .arg").first().waitFor();
      assert.deepEqual(await page.locator("form .arg").allInnerTexts(), ["customers", "--verify"]);
      const field = page.getByLabel("Arguments");
      assert.equal(await field.inputValue(), "customers\n--verify");
      await field.fill("orders\n--verify");
      await page.getByRole("button", { name: "Run it" }).click();
      await page.waitForURL("**/runs/2");
      await page.getByText("What ran").click();
      assert.deepEqual(await page.locator(".arg").allInnerTexts(), ["orders", "--verify"]);
      await page.close();
    });

    await t.step("axe finds nothing, on a search either", async () => {
      for (const at of [`${path}?find=no+space&at=1001#L1001`, path, "/runs?q=status:failed"]) {
        const page = await portal.open(at);
        await page.evaluate(axe.source);
        // Of thousands of lines that are alike, those of the first group.
        const found = await page.evaluate(
          "axe.run({ exclude: ['.group ~ .group'] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))",
        );
        assert.deepEqual(found, [], at);
        await page.close();
      }
    });

    /** A run that failed after a long output. */
    async function begun() {
      const running = await begin(portal, job);
      const line = (n: number) => n === 1001 || n === 5001 ? `No space left, ${n}\n` : `line ${n}\n`;
      const lines = (from: number, to: number) =>
        Array.from({ length: to - from + 1 }, (_, i) => line(from + i)).join("");
      await running.write(lines(1, 3000));
      await running.write("No space left\n", "stderr");
      await running.write(lines(3002, LINES - 1));
      await running.write("the end\n", "stderr");
      await running.end(3);
      return running;
    }
  });
});

async function isInTheMiddle(page: Page, line: number): Promise<boolean> {
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  const [log, row] = [await page.locator("#log").boundingBox(), await page.locator(`#L${line}`).boundingBox()];
  if (log === null || row === null) return false;
  return row.y > log.y + log.height * 0.2 && row.y < log.y + log.height * 0.8;
}
