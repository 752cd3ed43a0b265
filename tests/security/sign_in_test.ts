/**
 * Attacks on signing in: each test plays one, through the application on a real database.
 *
 * @module
 */
import assert from "node:assert/strict";
import { hashOf } from "../../shared/access/mod.ts";
import { type EpochMs, epochMs, SESSION_IDLE_MS } from "../../shared/domain/mod.ts";
import { onEachDatabase, openPortal, ORIGIN, type TestPortal } from "../app/_portal.ts";
import { setRole } from "../../shared/operations/mod.ts";
import { by } from "../support/actor.ts";
import { operating } from "../support/operating.ts";
import { openAccounts, PASSWORD, signInAs } from "../support/accounts.ts";
import { append } from "../support/attempts.ts";
import { opened } from "../support/stream.ts";

const SAME = { "sec-fetch-site": "same-origin" };

function trySignIn(
  portal: TestPortal,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = new URLSearchParams({ name: "viewer", password: "wrong password here", ...fields });
  return portal.asStranger("/sign-in", { method: "POST", headers: { ...SAME, ...headers }, body });
}

async function statusWith(portal: TestPortal, cookie: string, path = "/jobs"): Promise<number> {
  const response = await portal.asStranger(path, { headers: { cookie } });
  await response.body?.cancel();
  return response.status;
}

onEachDatabase("an account signs in, stays signed in, and signs out for good", async (open) => {
  await using portal = await openPortal(open);
  await openAccounts(portal);
  const response = await trySignIn(portal, { password: PASSWORD, next: "/runs?status=FAILED" }, {
    "user-agent": "Test",
  });
  assert.deepEqual([response.status, response.headers.get("location")], [303, "/runs?status=FAILED"]);
  const [session = "", device = "", ...others] = response.headers.getSetCookie();
  assert.deepEqual(others, []);
  assert.match(session, /^session_8000=[\w-]{43}; Path=\/; Max-Age=604800; SameSite=Lax; HttpOnly$/);
  assert.match(device, /^device_8000=[\w-]{43}; Path=\/; Max-Age=7776000; SameSite=Lax; HttpOnly$/);
  const cookie = session.split(";")[0] ?? "";
  assert.equal(await statusWith(portal, cookie), 200);
  const mine = await (await portal.asStranger("/account", { headers: { cookie } })).text();
  assert.match(mine, /Test.*This one/s);

  const out = await portal.asStranger("/sign-out", {
    method: "POST",
    headers: { ...SAME, cookie },
    body: new URLSearchParams(),
  });
  assert.equal(out.headers.get("location"), "/sign-in");
  assert.match(out.headers.getSetCookie()[0] ?? "", /^session_8000=; Path=\/; Max-Age=0; SameSite=Lax; HttpOnly$/);
  assert.equal(await statusWith(portal, cookie), 401, "the session outlives its sign-out");
});

Deno.test("who signs in gets a new secret, and the session that the browser was in ends", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const before = await as("viewer");
  const planted = `session_8000=${"A".repeat(43)}`;
  for (const cookie of [before, planted]) {
    const response = await trySignIn(portal, { name: "editor", password: PASSWORD }, { cookie });
    const after = response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    assert.notEqual(after, cookie);
    assert.equal(await statusWith(portal, after), 200);
    assert.equal(await statusWith(portal, cookie), 401, "the cookie from before signs in");
  }
});

Deno.test("a failed sign-in ends no session", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const cookie = await as("viewer");
  assert.equal((await trySignIn(portal, { name: "editor" }, { cookie })).status, 401);
  assert.equal(await statusWith(portal, cookie), 200);
});

Deno.test("a wrong name and a wrong password are answered alike, but for the name that was typed", async () => {
  await using portal = await openPortal();
  const { users } = await openAccounts(portal);
  const disabled = users.get("editor")?.id;
  assert.ok(disabled !== undefined);
  await portal.store.users.update(disabled, { isDisabled: true }, by(await portal.store.now()));
  const answers: string[] = [];
  for (const fields of [{ name: "viewer" }, { name: "nobody" }, { name: "editor", password: PASSWORD }]) {
    const response = await trySignIn(portal, fields);
    assert.equal(response.status, 401);
    assert.deepEqual(response.headers.getSetCookie(), []);
    answers.push((await response.text()).replaceAll(fields.name, "NAME").replace(/data-now="\d+"/, ""));
  }
  assert.match(answers[0] ?? "", /The name or the password is wrong/);
  assert.equal(new Set(answers).size, 1);
});

Deno.test("guessing is slowed down and says for how long, and what is typed in place of a name is not in the log", async () => {
  await using portal = await openPortal(undefined, () => epochMs(Date.UTC(2026, 10, 27)));
  await openAccounts(portal);
  assert.equal((await trySignIn(portal, { name: "hunter2hunter2" })).status, 401);
  for (let i = 0; i < 5; i++) assert.equal((await trySignIn(portal, {})).status, 401);
  const response = await trySignIn(portal, { password: PASSWORD });
  assert.equal(response.status, 429);
  assert.match(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.match(await response.text(), /Too many attempts have failed. Try again in 1 second\./);
  assert.ok(![...portal.logged, ...portal.noted].join("\n").includes("hunter2"), "the log has what was typed");
});

Deno.test("a forged X-Forwarded-For does not change whose attempts are counted", async () => {
  await using portal = await openPortal(undefined, () => epochMs(Date.UTC(2026, 10, 27)));
  await openAccounts(portal);
  const statuses: number[] = [];
  for (let i = 0; i < 6; i++) {
    const forged = {
      "x-forwarded-for": `203.0.113.${i}`,
      "x-real-ip": `203.0.113.${i}`,
      forwarded: `for=203.0.113.${i}`,
    };
    statuses.push((await trySignIn(portal, {}, forged)).status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
});

const elsewhere = [
  "https://evil.example",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/%0d%0aset-cookie:x=y\r\nx: y",
  " //evil.example",
  "javascript:alert(1)",
  "jobs",
  "",
  "/\\/evil.example",
  "/jobs\\..\\..\\evil.example",
  "http:evil.example",
  "/jobs\n//evil.example",
  `/${"a".repeat(3000)}`,
  "/.//evil.example",
  "/jobs/..//evil.example",
  "/%2e%2e//evil.example",
];
Deno.test("?next= leads to no other site, in no spelling", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const cookie = await as("viewer");
  for (const next of elsewhere) {
    const page = await portal.asStranger(`/sign-in?next=${encodeURIComponent(next)}`);
    assert.match(await page.text(), /name="next" value="\/"/, next);
    const already = await portal.asStranger(`/sign-in?next=${encodeURIComponent(next)}`, { headers: { cookie } });
    assert.equal(already.headers.get("location"), "/", next);
  }
  for (const next of ["/jobs?q=a%2Fb#x", "/runs/1?line=3", "/jobs//evil.example"]) {
    const { headers } = await portal.asStranger(`/sign-in?next=${encodeURIComponent(next)}`, { headers: { cookie } });
    assert.equal(new URL(headers.get("location") ?? "", ORIGIN).origin, ORIGIN, next);
  }
});

Deno.test("a form of another site signs nobody in and nobody out", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const cookie = await as("viewer");
  const foreign: readonly Readonly<Record<string, string>>[] = [
    {},
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site", origin: ORIGIN },
    { "sec-fetch-site": "same-site", origin: ORIGIN },
    { "sec-fetch-site": "none" },
  ];
  for (const headers of foreign) {
    const body = new URLSearchParams({ name: "viewer", password: PASSWORD });
    const signedIn = await portal.asStranger("/sign-in", { method: "POST", headers, body });
    assert.equal(signedIn.status, 403);
    assert.deepEqual(signedIn.headers.getSetCookie(), []);
    const out = await portal.asStranger("/sign-out", { method: "POST", headers: { ...headers, cookie } });
    assert.equal(out.status, 403);
  }
  assert.equal(await statusWith(portal, cookie), 200);
});

Deno.test("once there is an administrator, neither the printed address nor a session from it lets anybody in", async () => {
  await using portal = await openPortal();
  assert.equal((await portal.get("/jobs")).status, 200);
  await openAccounts(portal);
  const page = await portal.get("/jobs");
  assert.equal(page.status, 401, "the session of the printed address outlives the first account");
  await page.body?.cancel();
  const response = await portal.asStranger(`/runs?token=${portal.token}`);
  assert.equal(response.status, 401);
  assert.deepEqual(response.headers.getSetCookie(), []);
  const html = await response.text();
  assert.match(html, /no longer sign anybody in/);
  assert.match(html, /name="next" value="\/runs"/);
  assert.ok(!html.includes(portal.token), "the page repeats the token");
});

Deno.test("a disabled account, another password, and a sign-out elsewhere end a session at once", async () => {
  await using portal = await openPortal();
  const { as, users } = await openAccounts(portal);
  const now = await portal.store.now();
  const id = (name: string) => {
    const user = users.get(name);
    assert.ok(user !== undefined);
    return user.id;
  };
  const cookies = [await as("viewer"), await as("operator"), await as("editor")] as const;
  await portal.store.users.update(id("viewer"), { isDisabled: true }, by(now));
  await portal.store.users.update(id("operator"), { passwordHash: "$scrypt$another" }, by(now));
  await portal.store.sessions.revokeAll(id("editor"), by(now));
  for (const cookie of cookies) assert.equal(await statusWith(portal, cookie), 401);
});

Deno.test("a session that nobody used for eight hours is over", async () => {
  let now: EpochMs = epochMs(Date.UTC(2026, 10, 27));
  await using portal = await openPortal(undefined, () => now);
  const { users } = await openAccounts(portal);
  const user = users.get("viewer");
  assert.ok(user !== undefined);
  const secret = "s".repeat(43);
  const place = {
    userId: user.id,
    secretHash: hashOf(secret),
    address: "127.0.0.1",
    userAgent: "",
    passwordHash: null,
  };
  await portal.store.sessions.begin({ ...place, method: "local" }, by(now));
  const cookie = `session_8000=${secret}`;
  now = epochMs(now + SESSION_IDLE_MS - 1);
  assert.equal(await statusWith(portal, cookie), 200);
  now = epochMs(now + SESSION_IDLE_MS - 1);
  assert.equal(await statusWith(portal, cookie), 200);
  now = epochMs(now + SESSION_IDLE_MS + 1);
  assert.equal(await statusWith(portal, cookie), 401);
});

Deno.test("the first account is made from the printed address, signs in, and closes that door", async () => {
  await using portal = await openPortal();
  const wrong = await portal.post("/first-account", { name: "alice", password: "short" });
  assert.equal(wrong.status, 422);
  assert.match(await wrong.text(), /found 5 characters, expected 12 to 128/);
  const made = await portal.post("/first-account", { name: "alice", password: PASSWORD });
  assert.deepEqual([made.status, made.headers.get("location")], [303, "/jobs?notice=first_account"]);
  const cookie = made.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const page = await portal.asStranger("/settings/users", { headers: { cookie } });
  assert.match(await page.text(), /alice/);
  assert.equal((await portal.get("/jobs")).status, 401);
  assert.equal((await portal.post("/first-account", { name: "mallory", password: PASSWORD })).status, 401);
  assert.equal(await portal.store.users.findByName("mallory"), null);
});

Deno.test("somebody's session is ended by nobody but them and administrators", async () => {
  await using portal = await openPortal();
  const { as, users } = await openAccounts(portal);
  const [victim, attacker] = [await as("viewer"), await as("editor")];
  const user = users.get("viewer");
  assert.ok(user !== undefined);
  const [session] = await portal.store.sessions.list(user.id, await portal.store.now());
  const path = `/account/sessions/${session?.id}/revoke`;
  const response = await portal.asStranger(path, {
    method: "POST",
    headers: { ...SAME, cookie: attacker },
    body: new URLSearchParams(),
  });
  assert.equal(response.status, 404);
  assert.equal(await statusWith(portal, victim), 200);
});

Deno.test("one's own password takes the old one, and ends all other sessions", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const [cookie, other] = [await as("viewer"), await as("viewer")];
  const change = (old: string, password: string) =>
    portal.asStranger("/account/password", {
      method: "POST",
      headers: { ...SAME, cookie },
      body: new URLSearchParams({ old_password: old, password }),
    });
  assert.equal((await change("not the old password", "another pebble walks home")).status, 422);
  assert.equal((await change(PASSWORD, "viewer")).status, 422);
  assert.equal((await change(PASSWORD, "another pebble walks home")).status, 303);
  assert.deepEqual([await statusWith(portal, cookie), await statusWith(portal, other)], [200, 401]);
  await signInAs(portal.asStranger, "viewer", "another pebble walks home");
});

Deno.test("a stream of events ends with its session, and says nothing more", async () => {
  await using portal = await openPortal();
  const job = await portal.job();
  const { dispatchId } = await portal.claim(job);
  const { as, users } = await openAccounts(portal);
  const viewer = users.get("viewer");
  assert.ok(viewer !== undefined);
  for (const path of ["/api/events?since=", `/api/runs/${dispatchId}/events`]) {
    const response = await portal.asStranger(path, { headers: { cookie: await as("viewer") } });
    assert.equal(response.status, 200);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.ok(reader !== undefined);
    while (!/^event: /m.test((await reader.read()).value ?? "event: ended")) continue;
    await portal.store.sessions.revokeAll(viewer.id, by(await portal.store.now()));
    await portal.job({ name: "Another" });
    const rest = await reader.read();
    assert.deepEqual([rest.done, rest.value], [true, undefined], path);
  }
});

onEachDatabase(
  "a run's stream ends when its reader may no longer read the output, and has nothing that came after",
  async (open) => {
    await using portal = await openPortal(open);
    const job = await portal.job({ labels: ["finance"] });
    const claim = await portal.claim(job);
    const { as, users } = await openAccounts(portal);
    const user = users.get("finance operator");
    assert.ok(user !== undefined);
    const headers = { cookie: await as("finance operator") };
    const rest = await opened(await portal.asStranger(`/api/runs/${claim.dispatchId}/events`, { headers }));
    await setRole(operating(portal.store, portal.now()), { id: user.id, role: null, grants: [] });
    const text = await rest((seq) =>
      append(portal.store, claim, [{ seq, stream: "stdout", at: portal.now(), data: `piece ${seq}` }])
    );
    assert.doesNotMatch(text, /piece 1/);
    assert.match(text, /event: state\ndata: gone\n\nevent: end/);
  },
);

Deno.test("a stream of the local administrator ends when there is an administrator with an account", async () => {
  await using portal = await openPortal();
  const rest = await opened(await portal.get("/api/events?since="));
  await openAccounts(portal);
  await rest((time) => portal.job({ name: `Another ${time}` }));
});
