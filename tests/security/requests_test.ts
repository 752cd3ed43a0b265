/**
 * Attacks by requests of who is signed in, or pretends to be: path tricks, methods in disguise, fields that no form has.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ROUTE_PERMISSIONS } from "../../app/server/access/route_permissions.ts";
import { openPortal, ORIGIN, type TestPortal } from "../app/_portal.ts";
import { openAccounts, PASSWORD } from "../support/accounts.ts";

async function ask(portal: TestPortal, path: string, cookie: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("cookie", cookie);
  return await portal.asStranger(path, { ...init, headers });
}

/** Spellings of the page that only administrators may see. */
const spellings = [
  "//settings/users",
  "/settings//users",
  "/settings/users/",
  "/settings/users.",
  "/settings/users..",
  "/settings/users/.",
  "/settings/./users",
  "/settings%2fusers",
  "/settings%2Fusers",
  "/%73ettings/users",
  "/settings/users%20",
  "/settings/users%00",
  "/settings/users;a=b",
  "/settings/users?x=/healthz",
  "/settings/users#/healthz",
  "/jobs/../settings/users",
  "/jobs/%2e%2e/settings/users",
  "/jobs/%2e%2e%2fsettings/users",
  "/jobs/..%2fsettings/users",
  "/jobs/..;/settings/users",
  "/healthz/../settings/users",
  "/healthz/..%2fsettings/users",
  "/sign-in/../settings/users",
  "/styles.css/../settings/users",
  "/styles.css%2f..%2fsettings/users",
  "/SETTINGS/USERS",
  "/settings\\users",
  "/settings/users/healthz",
  "/settings/users.css",
  "/settings/users/new.json",
  "/api/v1/jobs/../users",
  "/api/../settings/users",
];
Deno.test("no spelling of a path leads past its permission", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const viewer = await as("viewer");
  for (const path of spellings) {
    const signedIn = await ask(portal, path, viewer);
    assert.ok([400, 403, 404].includes(signedIn.status), `${path}: ${signedIn.status}`);
    assert.doesNotMatch(await signedIn.text(), /finance operator/, path);
    const stranger = await portal.asStranger(path);
    assert.ok([400, 401].includes(stranger.status), `${path}: ${stranger.status}`);
    await stranger.body?.cancel();
  }
});

const disguises: readonly Readonly<Record<string, string>>[] = [
  { "x-http-method-override": "POST" },
  { "x-http-method": "POST" },
  { "x-method-override": "POST" },
  { "x-original-url": "/settings/users", "x-rewrite-url": "/settings/users" },
  { "x-forwarded-user": "admin", "remote-user": "admin", "x-auth-request-user": "admin", "x-remote-user": "admin" },
  { authorization: "Basic YWRtaW46YWRtaW4=" },
  { "x-forwarded-host": "127.0.0.1", "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https" },
];
Deno.test("no header turns a request into another, or its sender into somebody else", async () => {
  await using portal = await openPortal();
  const job = await portal.job();
  const { as } = await openAccounts(portal);
  const viewer = await as("viewer");
  for (const headers of disguises) {
    const name = JSON.stringify(headers);
    assert.equal((await ask(portal, "/settings/users", viewer, { headers })).status, 403, name);
    assert.equal((await portal.asStranger("/jobs", { headers })).status, 401, name);
    const paused = await ask(portal, `/jobs/${job.id}/pause?_method=POST`, viewer, { headers });
    assert.ok([403, 405].includes(paused.status), `${name}: ${paused.status}`);
  }
  assert.equal((await portal.store.jobs.get(job.id))?.isActive, true);
});

Deno.test("every post without a proof that it comes from the portal's own pages is refused, with a cookie and without", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const admin = await as("admin");
  // A delivery to a webhook proves itself, and no cookie counts there: webhooks_test.ts.
  const posts = Object.entries(ROUTE_PERMISSIONS)
    .filter(([pattern, { POST }]) => POST !== undefined && pattern !== "/hooks/:id");
  assert.ok(posts.length > 20);
  for (const [pattern] of posts) {
    const path = pattern.replaceAll(/:\w+/g, "1");
    for (
      const headers of [{}, { origin: "https://evil.example" }, { "sec-fetch-site": "cross-site", origin: ORIGIN }]
    ) {
      for (const cookie of [admin, ""]) {
        const body = new URLSearchParams({ name: "mallory", password: PASSWORD });
        const response = await ask(portal, path, cookie, { method: "POST", headers, body });
        assert.equal(response.status, 403, path);
        assert.match(await response.text(), /does not come from the portal's own pages/);
      }
    }
  }
  assert.equal(await portal.store.users.findByName("mallory"), null);
});

const masses: readonly (readonly [who: string, path: string, fields: Readonly<Record<string, string>>])[] = [
  ["viewer", "/account/password", { old_password: PASSWORD, password: "another pebble walks home", role: "admin" }],
  ["viewer", "/account/password", { old_password: PASSWORD, password: "another pebble walks home", id: "1" }],
  ["viewer", "/account/tokens", { name: "t", days: "7", scopes: "jobs.read", labels: "", userId: "1" }],
  ["viewer", "/account/tokens", { name: "t", days: "7", scopes: "jobs.read", labels: "", user_id: "1" }],
  ["viewer", "/sign-out", { next: "https://evil.example" }],
  ["admin", "/settings/users/new", { name: "mallory", role: "viewer", grants: "", password: "", isDisabled: "false" }],
  ["admin", "/settings/users/new", { name: "mallory", role: "viewer", grants: "", password: "", externalId: "x" }],
  ["admin", "/settings/users/2/role", { role: "viewer", grants: "", password: "another pebble walks home" }],
  ["admin", "/settings/users/2/password", { password: "another pebble walks home", role: "admin" }],
];
Deno.test("a field that no form has is an error, and nothing of the form is done", async () => {
  await using portal = await openPortal();
  const { as, users } = await openAccounts(portal);
  const before = (await portal.store.users.list({ limit: 50 })).items;
  for (const [who, path, fields] of masses) {
    const body = new URLSearchParams(fields);
    const response = await ask(portal, path, await as(who), { method: "POST", headers: { origin: ORIGIN }, body });
    assert.equal(response.status, 400, path);
    assert.match(await response.text(), /The form has no field/, path);
  }
  const twice = new URLSearchParams([["role", "viewer"], ["role", "admin"], ["grants", ""]]);
  const init = { method: "POST", headers: { origin: ORIGIN }, body: twice };
  assert.equal((await ask(portal, "/settings/users/2/role", await as("admin"), init)).status, 400);
  assert.deepEqual((await portal.store.users.list({ limit: 50 })).items, before);
  for (const { id } of users.values()) {
    assert.deepEqual((await portal.store.tokens.list({ userId: id, limit: 9 })).items, []);
  }
});

Deno.test("a token of one's own is shown once, is kept by nothing, and may do no more than its owner", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const cookie = await as("viewer");
  const make = (fields: Readonly<Record<string, string>>) =>
    ask(portal, "/account/tokens", cookie, {
      method: "POST",
      headers: { origin: ORIGIN },
      body: new URLSearchParams({ name: "ci", days: "30", labels: "", scopes: "jobs.read", ...fields }),
    });
  const made = await make({});
  assert.equal(made.status, 303);
  const shown = await ask(portal, made.headers.get("location") ?? "", cookie);
  assert.equal(shown.headers.get("cache-control"), "no-store");
  const [secret = ""] = /jtp_[0-9A-Za-z]{49}/.exec(await shown.text()) ?? [];
  assert.notEqual(secret, "", "the page does not show the token");
  const again = await (await ask(portal, "/account", cookie)).text();
  assert.match(again, /jtp_/);
  assert.ok(!again.includes(secret), "the page shows the token again");
  assert.ok(![...portal.logged, ...portal.noted].join("\n").includes(secret), "the log has the token");
  for (const fields of [{ scopes: "everything" }, { days: "36500" }, { name: "" }]) {
    const response = await make(fields);
    assert.equal(response.status, 422, JSON.stringify(fields));
    await response.body?.cancel();
  }
});

Deno.test("an administrator cannot take the last administrator's role, nor disable them", async () => {
  await using portal = await openPortal();
  const { as, users } = await openAccounts(portal);
  const id = users.get("admin")?.id;
  const cookie = await as("admin");
  for (const [path, fields] of [["disable", {}], ["role", { role: "viewer", grants: "" }]] as const) {
    const init = { method: "POST", headers: { origin: ORIGIN }, body: new URLSearchParams(fields) };
    const response = await ask(portal, `/settings/users/${id}/${path}`, cookie, init);
    assert.equal(response.status, 409, path);
    await response.body?.cancel();
  }
});

Deno.test("administrators add people and service accounts, change roles, disable and enable", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const cookie = await as("admin");
  const post = (path: string, fields: Readonly<Record<string, string>> = {}) =>
    ask(portal, path, cookie, { method: "POST", headers: { origin: ORIGIN }, body: new URLSearchParams(fields) });
  const made = await post("/settings/users/new", {
    name: "robot",
    role: "",
    grants: "finance: operator\r\npeople: viewer",
    password: "",
    service: "on",
  });
  const path = (made.headers.get("location") ?? "").replace(/\?.*/, "");
  assert.match(path, /^\/settings\/users\/\d+$/);
  const { grants, isService } = await portal.store.users.findByName("robot") ?? {};
  assert.deepEqual([grants, isService], [
    [{ label: "finance", role: "operator" }, { label: "people", role: "viewer" }],
    true,
  ]);
  assert.equal((await post(`${path}/role`, { role: "editor", grants: "" })).status, 303);
  const wrong = await post(`${path}/role`, { role: "", grants: "finance = operator" });
  assert.equal(wrong.status, 422);
  assert.match(await wrong.text(), /expected a label and a role/);
  const token = await post(`${path}/tokens`, { name: "deploy", days: "", labels: "finance", scopes: "jobs.run" });
  const shown = await ask(portal, token.headers.get("location") ?? "", cookie);
  assert.match(await shown.text(), /jtp_[0-9A-Za-z]{49}/);
  assert.equal((await post(`${path}/tokens/1/revoke`)).status, 303);
  assert.equal((await post(`${path}/disable`)).status, 303);
  assert.equal((await portal.store.users.findByName("robot"))?.isDisabled, true);
  assert.equal((await post(`${path}/enable`)).status, 303);
  assert.equal(
    (await post(`${path}/password`, { password: PASSWORD })).status,
    422,
    "a service account has a password",
  );
  const taken = await post("/settings/users/new", { name: "ROBOT", role: "viewer", grants: "", password: "" });
  assert.equal(taken.status, 422);
});
