import assert from "node:assert/strict";
import type { Clock } from "../../shared/time/mod.ts";
import { createUser, pauseJob, signIn } from "../../shared/operations/mod.ts";
import { NOBODY, openAccounts } from "../support/accounts.ts";
import { by } from "../support/actor.ts";
import { operating } from "../support/operating.ts";
import { onEachDatabase, openPortal, type TestPortal } from "./_portal.ts";

/** The numbers of the events that a page lists. */
function listed(html: string): readonly number[] {
  return [...html.matchAll(/<tr\s+id="event-(\d+)"/g)].map(([, id]) => Number(id));
}

async function htmlOf(portal: TestPortal, path: string, cookie: string | null = null): Promise<string> {
  const response = cookie === null ? await portal.get(path) : await portal.asStranger(path, { headers: { cookie } });
  assert.equal(response.status, 200, path);
  return await response.text();
}

onEachDatabase(
  "the audit page lists who changed what, readable before and after, with the zone of its times",
  async (open) => {
    await using portal = await openPortal(open);
    // The sign-in with the printed address is the first event.
    assert.match(await htmlOf(portal, "/audit?q=outcome:denied"), /No event matches/);
    const { id } = await portal.job({ labels: ["finance"] });
    await pauseJob(operating(portal.store, portal.now()), { id, note: "<b>moving</b>" });
    const html = await htmlOf(portal, "/audit");
    assert.deepEqual(listed(html), [3, 2, 1]);
    const [pause = "", create = ""] = html.split("<tr id=").slice(1);
    assert.match(
      pause,
      /jobs\.pause.*href="\/jobs\/1".*isActive<\/span> <bdi\s+class="arg">yes<\/bdi> → <bdi\s+class="arg">no/s,
    );
    assert.match(pause, /note<\/span> <span\s+class="quiet">none<\/span> → <bdi\s+class="arg">&lt;b>moving&lt;\/b>/);
    assert.match(create, /<details[^>]*><summary>\d+ facts<\/summary>.*schedule<\/span>.*daily at 02:30/s);
    assert.match(create, /<time\s+datetime="[^"]+Z" title="\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Asia\/Hong_Kong"/);
    assert.doesNotMatch(html, /<script|\.js"/, "the page has a budget of no script");
  },
);

onEachDatabase("the audit page filters by the words of jobctl audit and pages by key", async (open) => {
  await using portal = await openPortal(open);
  const { users, as } = await openAccounts(portal);
  await signIn({ ...operating(portal.store, portal.now()) }, {
    name: "viewer",
    password: "wrong",
    device: null,
    address: "192.0.2.9",
    userAgent: "",
  });
  const cookie = await as("admin");
  const page = async (filter: string) => listed(await htmlOf(portal, `/audit?q=${encodeURIComponent(filter)}`, cookie));
  const all = await page("");
  assert.deepEqual(await page("action:users.create actor:test"), [6, 5, 4, 3, 2]);
  assert.deepEqual(await page(`subject:user/${users.get("viewer")?.id} outcome:failed`), [7]);
  assert.deepEqual(await page("since:2030-01-01"), []);
  assert.deepEqual(await page("until:2020-01-01"), []);
  assert.deepEqual(await page("since:2020-01-01 until:2030-01-01"), all);
  for (
    const [filter, message] of [
      ["action:jobs.edti", /did you mean jobs\.edit\?/],
      ["actor:test since:soon", /&quot;since:&quot;: /],
      ["subject:user/x", /found &quot;user\/x&quot; as the subject/],
    ] as const
  ) {
    const path = `/audit?q=${encodeURIComponent(filter)}`;
    const wrong = await portal.asStranger(path, { headers: { cookie } });
    const html = await wrong.text();
    assert.equal(wrong.status, 422, filter);
    assert.match(html, message);
    assert.ok(html.includes(filter), "the filter stays as it was typed");
    assert.deepEqual(listed(html), [], "half a filter lists nothing");
  }
  for (let i = 0; i < 50; i++) await portal.store.users.create({ ...NEW, name: `u${i}` }, by(portal.now()));
  const first = await htmlOf(portal, "/audit?q=action:users.create", cookie);
  assert.equal(listed(first).length, 50);
  const next = /rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
  assert.deepEqual(listed(await htmlOf(portal, next, cookie)), [6, 5, 4, 3, 2]);
});

const NEW = { role: null, grants: [], isService: false, passwordHash: null, externalId: null } as const;

Deno.test("only who may read the audit list has its page, its check and its place in the navigation", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  for (const [who, status] of [["editor", 403], ["admin", 200]] as const) {
    const headers = { cookie: await as(who), "sec-fetch-site": "same-origin" };
    const answer = await portal.asStranger("/audit", { headers });
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    await answer.body?.cancel();
    assert.equal((await htmlOf(portal, "/jobs", headers.cookie)).includes('href="/audit"'), status === 200);
    const init = { method: "POST", headers, body: new URLSearchParams() };
    assert.equal((await portal.asStranger("/audit/verify", init)).status, status === 200 ? 303 : 403);
  }
});

Deno.test("the audit page shows the check of the list, and finds a changed event", async () => {
  await using portal = await openPortal();
  await createUser(operating(portal.store, portal.now()), { ...NOBODY, name: "alice", password: null });
  assert.equal((await portal.post("/audit/verify")).headers.get("location"), "/audit#check");
  const hash = (await portal.store.audit.list({ limit: 1 })).items[0]?.hash;
  const html = await htmlOf(portal, "/audit");
  assert.match(html, /The list is intact: 2 events/);
  assert.ok(hash !== undefined && html.includes(hash));
  assert.match(html, /AUDIT_RETENTION_DAYS/);
});

Deno.test("a check of a long list rests between batches: pages go on, and there is one check at a time", async () => {
  const rests: (() => void)[] = [];
  const sleep: Clock["sleep"] = (_ms, signal) =>
    new Promise((resolve) => {
      rests.push(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  await using portal = await openPortal(undefined, null, sleep);
  for (let i = 0; i < 300; i++) await portal.store.users.create({ ...NEW, name: `u${i}` }, by(portal.now()));
  const asked = [portal.post("/audit/verify"), portal.post("/audit/verify")];
  while (rests.length < 3) await new Promise((resolve) => setTimeout(resolve));
  assert.match(await htmlOf(portal, "/audit"), /The check goes on: 250 events were right so far/);
  // The patience of both who asked, and one rest of the one check.
  assert.equal(rests.length, 3);
  for (const end of rests) end();
  for (const answer of asked) assert.equal((await answer).status, 303);
  while (portal.portal.auditCheck.state.kind === "running") await new Promise((resolve) => setTimeout(resolve));
  assert.match(await htmlOf(portal, "/audit"), /The list is intact: 301 events/);
});
