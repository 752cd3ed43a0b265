import assert from "node:assert/strict";
import { openAccounts } from "../support/accounts.ts";
import { onEachDatabase, openPortal } from "./_portal.ts";

onEachDatabase(
  "an administrator sees the installation, and who is signed in where, and ends a session",
  async (open) => {
    await using portal = await openPortal(open);
    const { as, users } = await openAccounts(portal);
    const headers = { cookie: await as("admin") };
    const viewer = { cookie: await as("viewer") };
    const system = await (await portal.asStranger("/settings/system", { headers })).text();
    assert.match(system, /<b>schema<\/b>: \d{4}_/);
    assert.match(system, /No scheduler is running/);
    const list = await (await portal.asStranger("/settings/users", { headers })).text();
    assert.match(list, />viewer<[\s\S]*?<td[^>]*>1<\/td>[\s\S]*?<time/);

    const id = users.get("viewer")?.id;
    const page = await (await portal.asStranger(`/settings/users/${id}`, { headers })).text();
    const path = new RegExp(`/settings/users/${id}/sessions/\\d+/revoke`).exec(page)?.[0];
    assert.ok(path !== undefined, "the session has no button");
    assert.equal((await portal.asStranger("/jobs", { headers: viewer })).status, 200);
    const answer = await portal.asStranger(path, {
      method: "POST",
      headers: { ...headers, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" },
    });
    assert.equal(answer.headers.get("location"), `/settings/users/${id}?notice=session_ended`);
    assert.equal((await portal.asStranger("/jobs", { headers: viewer })).status, 401);
    const { items: [event] } = await portal.store.audit.list({ limit: 1 });
    assert.deepEqual([event?.action, event?.actor?.name, event?.subject.name], ["session.end", "admin", "viewer"]);
  },
);
