import assert from "node:assert/strict";
import { withPortal } from "./_portal.ts";

Deno.test("in a browser, the printed address signs in for good and leaves no token behind", async () => {
  await withPortal(async (portal) => {
    portal.expect(401);
    const page = await portal.openAsStranger("/runs");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    const requests: string[] = [];
    page.on("request", (request) => requests.push(JSON.stringify([request.url(), request.headers()])));
    await page.goto(portal.signInAddress);
    await page.getByRole("heading", { name: "Jobs" }).waitFor();
    assert.equal(page.url(), `${portal.origin}/jobs`);
    await page.reload();
    await page.getByRole("heading", { name: "Jobs" }).waitFor();
    await page.getByRole("link", { name: "Runs" }).click();
    await page.getByRole("heading", { name: "Runs" }).waitFor();

    const token = new URL(portal.signInAddress).searchParams.get("token") ?? "";
    assert.equal(requests.filter((request) => request.includes(token)).length, 1, "a request besides the first has it");
    assert.equal(await page.evaluate("document.cookie"), "");
    await page.goBack();
    assert.equal(page.url(), `${portal.origin}/jobs`);
    await page.goBack();
    assert.equal(page.url(), `${portal.origin}/runs`);
  });
});
