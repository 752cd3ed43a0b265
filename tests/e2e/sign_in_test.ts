import assert from "node:assert/strict";
import { by } from "../support/actor.ts";
import { openAccounts, PASSWORD } from "../support/accounts.ts";
import { withPortal } from "./_portal.ts";

Deno.test("in a browser, the printed address signs in for good and leaves no token behind", async () => {
  await withPortal(async (portal) => {
    portal.expect(401);
    const page = await portal.openAsStranger("/runs");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    const requests: string[] = [];
    page.on("request", (request) => requests.push(JSON.stringify([request.url(), request.headers()])));
    await page.goto(portal.signInAddress);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.equal(page.url(), `${portal.origin}/`);
    await page.reload();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await page.getByRole("heading", { name: "Runs" }).waitFor();

    const token = new URL(portal.signInAddress).searchParams.get("token") ?? "";
    assert.equal(requests.filter((request) => request.includes(token)).length, 1, "a request besides the first has it");
    assert.equal(await page.evaluate("document.cookie"), "");
    await page.goBack();
    assert.equal(page.url(), `${portal.origin}/`);
    await page.goBack();
    assert.equal(page.url(), `${portal.origin}/runs`);
  });
});

Deno.test("in a browser, the first account is made, signs out and in again, and goes on where it was", async () => {
  await withPortal(async (portal) => {
    portal.expect(401);
    const page = await portal.open("/jobs");
    await page.getByRole("link", { name: "Make the first account" }).first().click();
    await page.getByLabel("Name").fill("alice");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Make the account" }).click();
    await page.getByText("you are signed in with it").waitFor();
    await page.getByRole("link", { name: "alice" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
    await page.goto(`${portal.origin}/runs?status=FAILED`);
    await page.getByLabel("Name").fill("alice");
    await page.getByLabel("Password").fill("not the password at all");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("The name or the password is wrong").waitFor();
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/runs?status=FAILED");
    assert.equal(await page.evaluate("document.cookie"), "");
    assert.equal(await page.evaluate("document.scripts.length"), 1, "the list of runs is live");
    await page.goto(`${portal.origin}/account`);
    assert.equal(await page.evaluate("document.querySelectorAll('script[src], [data-island]').length"), 0);
  });
});

Deno.test("in a browser, a live page whose session ends leads to the sign-in page, and back", async () => {
  await withPortal(async (portal) => {
    portal.expect(401);
    const { users, signIn } = await openAccounts(portal);
    const context = await portal.browser.newContext();
    await context.addCookies(await signIn("viewer", portal.origin));
    const page = await portal.openIn(context, "/workers");
    await page.locator("[data-connection=live]").waitFor();
    const user = users.get("viewer");
    assert.ok(user !== undefined);
    await portal.store.sessions.revokeAll(user.id, by(await portal.store.now()));
    // The tab wakes up and connects again.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(page.url(), `${portal.origin}/workers`);
    assert.equal(await page.locator("input[name=next]").getAttribute("value"), "/workers");
  });
});
