/**
 * A server that hangs, as a real process that is stopped: its sockets stay open and nothing comes. The page's clock is the test's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sharedBrowser } from "../support/browser.ts";
import { openSite, Service } from "../support/process.ts";

Deno.test("a page says within 25 s that its server hangs, and is live again when the server continues", async () => {
  const build = await new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", "build"] }).output();
  assert.ok(build.success, new TextDecoder().decode(build.stderr));
  await using site = await openSite({ WEB_PORT: "0" });
  await using service = await Service.start("serve", site.env);
  const address = (await service.line(/^Job Trigger Portal: /)).replace("Job Trigger Portal: ", "");
  await using shared = await sharedBrowser();
  const page = await shared.browser.newPage();
  await page.clock.install();
  // Opening the printed address signs the browser in and leads to the jobs.
  await page.goto(address);
  const sign = page.locator("[data-connection]");
  await page.locator("[data-connection=live]").waitFor();
  service.kill("SIGSTOP");
  try {
    await page.clock.runFor(15_000);
    assert.equal(await sign.textContent(), "Live");
    await page.clock.runFor(10_000);
    assert.equal(await sign.textContent(), "Reconnecting");
    // It stays so, however often the page tries.
    await page.clock.runFor(60_000);
    assert.equal(await sign.textContent(), "Reconnecting");
  } finally {
    service.kill("SIGCONT");
  }
  await page.clock.resume();
  await page.locator(":is([data-connection=live], [data-connection=polling])").waitFor();
});
