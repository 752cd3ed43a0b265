import { deepStrictEqual as same, ok, strictEqual as equal } from "node:assert/strict";
import { Builder } from "fresh/dev";
import type { Page } from "playwright-core";
import { sharedBrowser } from "../support/browser.ts";
import { app } from "./fixture/main.ts";

/** Serves the fixture to a browser, and fails at each error that the browser reports. */
async function withPage(look: (page: Page, origin: string, requests: string[]) => Promise<void>): Promise<void> {
  const apply = await new Builder({ root: `${import.meta.dirname}/fixture` }).build<unknown>({ snapshot: "memory" });
  apply(app);
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.handler());
  await using shared = await sharedBrowser();
  const page = await shared.browser.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  await look(page, `http://127.0.0.1:${server.addr.port}`, requests);
  same(complaints, []);
}

Deno.test("islands work in a browser under a strict policy", async (t) => {
  await withPage(async (page, origin, requests) => {
    await t.step("a page without islands loads no script", async () => {
      await page.goto(`${origin}/`, { waitUntil: "networkidle" });
      equal(await page.locator("script").count(), 0);
      ok(requests.every((path) => !path.startsWith("/_fresh/")), requests.join());
    });

    await t.step("text typed before the islands start stays", async () => {
      await page.route("**/_fresh/js/boot-*", async (route) => {
        await page.fill("#typed", "early");
        await route.continue();
      });
      requests.length = 0;
      await page.goto(`${origin}/islands`, { waitUntil: "networkidle" });
      equal(await page.inputValue("#typed"), "early");
    });

    await t.step("each file is fetched once", () => {
      ok(requests.some((path) => path.startsWith("/_fresh/js/island-Counter-")), requests.join());
      same([...new Set(requests)], requests);
    });

    const text = (selector: string) => page.locator(selector).innerText();

    await t.step("two islands share a signal", async () => {
      await page.click("#a");
      await page.click("#b");
      same(await Promise.all(["#a", "#b", "#in-slot", "#own"].map(text)), [
        "Count: 5",
        "Count: 5",
        "Count: 5",
        "Count: 10",
      ]);
    });

    await t.step("hostile text arrives unchanged", async () => {
      equal(await page.getAttribute("#own", "title"), "</script><!--<script>'\\ \u2028 ' \"quoted\"");
    });

    await t.step("an island inside an island is part of it", async () => {
      await page.click("#nested");
      same([await text("#nested"), await text("#doubled")], ["Count: 2", "4"]);
    });

    await t.step("a slot keeps its content, typed text included", async () => {
      await page.fill("#typed", "changed");
      await page.click("#open .toggle em");
      equal(await page.locator("#open .content").count(), 0);
      await page.click("#open .toggle");
      equal(await text("#open .content p"), "Slot text ");
      await page.click("#in-slot");
      equal(await text("#a"), "Count: 6");
    });

    await t.step("a slot that was not shown can be shown, and its island works", async () => {
      await page.click("#closed .toggle");
      equal(await page.isDisabled("#closed .content p button"), true);
      await page.click("#in-hidden");
      equal(await text("#b"), "Count: 7");
    });

    await t.step("JSON values arrive unchanged, and a table row can be an island", async () => {
      await page.click("#row");
      same(await page.locator("#row td").allInnerTexts(), ["Zoë|undefined|signal|null,1.5", "1"]);
    });
  });
});
