/**
 * Signing in by OpenID Connect, against a real provider that runs as a process of its own, and what an attacker between the two could
 * try.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { OidcConfig } from "../../shared/config/mod.ts";
import { disableUser, setRole } from "../../shared/operations/mod.ts";
import { onEachDatabase, openPortal, ORIGIN, type TestPortal } from "../app/_portal.ts";
import { openAccounts } from "../support/accounts.ts";
import { settingsOf, startProvider, TestBrowser, type TestPerson } from "../support/identity_provider.ts";
import { operating } from "../support/operating.ts";
import type { OpenTestStore } from "../support/store.ts";

const provider = await startProvider(ORIGIN);
Deno.test.afterAll(async () => await provider[Symbol.asyncDispose]());

const ALICE: TestPerson = { sub: "248289761001", preferred_username: "alice", groups: ["ops", "finance", "sales"] };

async function open(settings: Partial<OidcConfig> = {}, store?: OpenTestStore): Promise<TestPortal> {
  return await openPortal(store, null, undefined, { ...settingsOf(provider.issuer, ORIGIN), ...settings });
}

const browserOf = ({ asStranger }: TestPortal) => new TestBrowser(ORIGIN, asStranger);

/** The audit list, oldest first, as `action outcome actor subject`. */
async function audited({ store }: TestPortal): Promise<readonly string[]> {
  const { items } = await store.audit.list({ limit: 50 });
  return items.toReversed().map(({ action, outcome, actor, subject }) =>
    [action, outcome, actor?.name ?? "nobody", subject.name ?? "nobody"].join(" ")
  );
}

async function problemOf(response: Response): Promise<string> {
  const html = await response.text();
  assert.deepEqual(response.headers.getSetCookie().filter((cookie) => cookie.startsWith("session")), []);
  return /role="alert".*?<\/svg>\s*(?:<[a-z]+[^>]*>\s*)*([^<]*)/s.exec(html)?.[1]?.trim() ?? assert.fail(html);
}

onEachDatabase(
  "who signs in at the provider gets an account with the roles of their groups, and a session",
  async (open) => {
    await using portal = await openPortal(open, null, undefined, settingsOf(provider.issuer, ORIGIN));
    await openAccounts(portal);
    const browser = browserOf(portal);
    const form = await (await browser.get("/sign-in?next=/runs")).text();
    assert.match(form, /<a\s+class="button" href="\/sign-in\/oidc\?next=%2Fruns">Sign in with Example SSO<\/a>/);
    const done = await browser.signIn(ALICE, "/runs?status=FAILED");
    assert.deepEqual([done.status, done.headers.get("location")], [303, "/runs?status=FAILED"]);
    const account = await (await browser.get("/account")).text();
    assert.match(account, /alice/);
    const user = await portal.store.users.findByExternal({ issuer: provider.issuer, subject: ALICE.sub });
    assert.deepEqual([user?.name, user?.role, user?.grants, user?.hasPassword], [
      "alice",
      "operator",
      [{ label: "finance", role: "editor" }],
      false,
    ]);
    assert.deepEqual((await audited(portal)).slice(-2), [
      "users.create done portal alice",
      "session.begin done alice alice",
    ]);
  },
);

Deno.test("roles follow the groups at each sign-in, with an event where they change", async () => {
  await using portal = await open();
  await openAccounts(portal);
  const roleOf = async () => (await portal.store.users.findByName("alice"))?.role;
  await (await browserOf(portal).signIn(ALICE)).body?.cancel();
  const before = (await audited(portal)).length;
  await (await browserOf(portal).signIn(ALICE)).body?.cancel();
  await (await browserOf(portal).signIn({ ...ALICE, preferred_username: "alice2", groups: ["it-admins"] })).body
    ?.cancel();
  assert.equal(await roleOf(), "admin");
  const refused = await browserOf(portal).signIn({ ...ALICE, groups: ["sales"] });
  assert.equal(refused.status, 403);
  assert.match(await problemOf(refused), /None of your groups has a role here any more/);
  assert.equal(await roleOf(), null);
  assert.deepEqual((await audited(portal)).slice(before), [
    "session.begin done alice alice",
    "users.edit done portal alice",
    "session.begin done alice alice",
    "users.edit done portal alice",
    "session.begin denied alice alice",
  ]);
});

Deno.test("without a mapping, a new account has the default role and keeps what an administrator gives it", async () => {
  await using portal = await open({ oidcRoles: [], oidcDefaultRole: "viewer" });
  await openAccounts(portal);
  await (await browserOf(portal).signIn(ALICE)).body?.cancel();
  const user = await portal.store.users.findByName("alice");
  assert.equal(user?.role, "viewer");
  await setRole(operating(portal.store, portal.now()), { id: user.id, role: "editor", grants: [] });
  await (await browserOf(portal).signIn(ALICE)).body?.cancel();
  assert.equal((await portal.store.users.findByName("alice"))?.role, "editor");
});

Deno.test("whoever is in no group with a role is refused, and no account is made", async () => {
  await using portal = await open();
  const answer = await browserOf(portal).signIn({ ...ALICE, groups: [] });
  assert.equal(answer.status, 403);
  assert.match(await problemOf(answer), /None of your groups has a role here/);
  assert.equal(await portal.store.users.findByName("alice"), null);
  assert.equal((await audited(portal)).at(-1), "session.begin denied nobody nobody");
});

Deno.test("the last administrator does not lose the role by their groups, and is not signed in with it either", async () => {
  await using portal = await open();
  await (await browserOf(portal).signIn({ ...ALICE, groups: ["it-admins"] })).body?.cancel();
  const answer = await browserOf(portal).signIn(ALICE);
  assert.match(await problemOf(answer), /alice is the last one: first make another/);
  assert.equal((await portal.store.users.findByName("alice"))?.role, "admin");
});

onEachDatabase(
  "a local account of the same name is never taken over, nor one of another person at the provider",
  async (store) => {
    await using portal = await open({}, store);
    await openAccounts(portal);
    for (const name of ["admin", "ADMIN", "ａｄｍｉｎ"]) {
      const answer = await browserOf(portal).signIn({ ...ALICE, preferred_username: name });
      assert.equal(answer.status, 403);
      assert.match(await problemOf(answer), /There is an account .* already, and it does not belong to this sign-in/);
    }
    await (await browserOf(portal).signIn(ALICE)).body?.cancel();
    const other = await browserOf(portal).signIn({ ...ALICE, sub: "another" });
    assert.match(await problemOf(other), /There is an account alice already/);
    const admin = await portal.store.users.findByName("admin");
    assert.deepEqual([admin?.externalId, admin?.role], [null, "admin"]);
  },
);

Deno.test("a disabled account stays out, and its session ends at once", async () => {
  await using portal = await open();
  await openAccounts(portal);
  const browser = browserOf(portal);
  await (await browser.signIn(ALICE)).body?.cancel();
  const user = await portal.store.users.findByName("alice") ?? assert.fail();
  await disableUser(operating(portal.store, portal.now()), user);
  assert.equal((await browser.get("/jobs")).status, 401);
  const answer = await browser.signIn(ALICE);
  assert.equal(answer.status, 403);
  assert.match(await problemOf(answer), /The account alice is disabled/);
  assert.equal((await audited(portal)).at(-1), "session.begin denied alice alice");
});

Deno.test("a name that no account can have is refused, and the message says what it takes", async () => {
  await using portal = await open();
  for (const name of ["", "a,b", "a".repeat(101)]) {
    const answer = await browserOf(portal).signIn({ ...ALICE, preferred_username: name });
    assert.match(
      await problemOf(answer),
      /gives no name for an account: found the name .*expected 1 to 100 characters/,
    );
  }
});

Deno.test("the session that the browser was in ends, and a planted one is not taken", async () => {
  await using portal = await open();
  const { as } = await openAccounts(portal);
  for (const cookie of [await as("viewer"), `session_8000=${"A".repeat(43)}`]) {
    const browser = browserOf(portal);
    const url = await browser.atProvider(await browser.begin(), ALICE);
    const [name = "", value = ""] = cookie.split("=");
    browser.cookies.get(ORIGIN)?.set(name, value);
    assert.equal((await browser.get(url.href)).status, 303);
    assert.notEqual(browser.cookies.get(ORIGIN)?.get(name), value);
    const old = await portal.asStranger("/jobs", { headers: { cookie } });
    assert.equal(old.status, 401);
    await old.body?.cancel();
  }
});

Deno.test("?next= leads to no other site after a sign-in by the provider", async () => {
  await using portal = await open();
  for (const next of ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", ""]) {
    const done = await browserOf(portal).signIn(ALICE, next);
    assert.equal(done.headers.get("location"), "/", next);
  }
});

Deno.test("a sign-in carries state, nonce and a PKCE challenge, none of which says what the browser keeps", async () => {
  await using portal = await open();
  const browser = browserOf(portal);
  const url = await browser.begin();
  const { state, nonce, code_challenge, code_challenge_method, redirect_uri, response_type, scope } = Object
    .fromEntries(
      url.searchParams,
    );
  assert.deepEqual([code_challenge_method, response_type, redirect_uri, scope], [
    "S256",
    "code",
    `${ORIGIN}/sign-in/oidc/callback`,
    "openid profile",
  ]);
  const kept = browser.cookies.get(ORIGIN)?.get("oidc_8000") ?? "";
  assert.match(kept, /^[\w-]{43}\.[\w-]+$/);
  assert.equal(new Set([state, nonce, code_challenge]).size, 3);
  for (const value of [state, nonce, code_challenge]) {
    assert.match(value ?? "", /^[\w-]{43,64}$/);
    assert.ok(!kept.includes(value ?? ""));
  }
  const other = await browserOf(portal).begin();
  assert.notEqual(other.searchParams.get("state"), state);
});

/** Ways to come back that are not the one that was begun. */
const stolen: readonly (readonly [
  name: string,
  attack: (attacker: TestBrowser, victim: TestBrowser) => Promise<Response>,
  problem: RegExp,
])[] = [
  ["in a browser that began nothing", async (attacker, victim) => {
    const url = await attacker.atProvider(await attacker.begin(), ALICE);
    return await victim.get(url.href);
  }, /was not begun in this browser/],
  ["with another's state", async (attacker, victim) => {
    const url = await attacker.atProvider(await attacker.begin(), ALICE);
    await victim.begin();
    return await victim.get(url.href);
  }, /proves nobody/],
  ["without a state", async (_, victim) => {
    const url = await victim.atProvider(await victim.begin(), ALICE);
    url.searchParams.delete("state");
    return await victim.get(url.href);
  }, /proves nobody/],
  ["with another's code, which PKCE binds to the browser that began", async (attacker, victim) => {
    const url = await attacker.atProvider(await attacker.begin(), ALICE);
    const begun = await victim.begin();
    url.searchParams.set("state", begun.searchParams.get("state") ?? "");
    return await victim.get(url.href);
  }, /proves nobody/],
  ["from another issuer", async (_, victim) => {
    const url = await victim.atProvider(await victim.begin(), ALICE);
    url.searchParams.set("iss", "https://evil.example");
    return await victim.get(url.href);
  }, /proves nobody/],
  ["with two codes", async (_, victim) => {
    const url = await victim.atProvider(await victim.begin(), ALICE);
    url.searchParams.append("code", "another");
    return await victim.get(url.href);
  }, /proves nobody/],
  ["with a code that was used", async (_, victim) => {
    const url = await victim.atProvider(await victim.begin(), ALICE);
    const jar = new Map(victim.cookies.get(ORIGIN));
    await (await victim.get(url.href)).body?.cancel();
    victim.cookies.set(ORIGIN, jar);
    return await victim.get(url.href);
  }, /proves nobody/],
];
for (const [name, attack, problem] of stolen) {
  Deno.test(`nobody comes back from the provider ${name}`, async () => {
    await using portal = await open();
    const answer = await attack(browserOf(portal), browserOf(portal));
    assert.equal(answer.status, 401);
    assert.match(await problemOf(answer), problem);
    assert.equal((await audited(portal)).at(-1), "session.begin failed nobody nobody");
  });
}

Deno.test("who gives up at the provider is told so, and the provider's words are not on the page", async () => {
  await using portal = await open();
  const browser = browserOf(portal);
  const state = (await browser.begin()).searchParams.get("state") ?? "";
  const query = new URLSearchParams({
    error: "access_denied",
    error_description: "<b>call 555-evil</b>",
    state,
    iss: provider.issuer,
  });
  const answer = await browser.get(`/sign-in/oidc/callback?${query}`);
  assert.equal(answer.status, 401);
  assert.equal(await problemOf(answer), "The identity provider signed nobody in. Try again, or ask who manages it.");
  assert.ok(!portal.logged.join().includes("555"));
});

Deno.test("a wrong client secret is the portal's fault, and the log says so", async () => {
  await using portal = await open({ oidcClientSecret: "wrong".repeat(8) });
  const answer = await browserOf(portal).signIn(ALICE);
  assert.equal(answer.status, 503);
  assert.match(await problemOf(answer), /not set up for this identity provider/);
  assert.match(portal.logged.join(), /It does not take WEB_OIDC_CLIENT_ID with WEB_OIDC_CLIENT_SECRET/);
});

Deno.test("without the settings, nobody signs in by a provider and no page offers it", async () => {
  await using portal = await openPortal();
  assert.doesNotMatch(await (await portal.asStranger("/sign-in")).text(), /oidc/);
  for (const path of ["/sign-in/oidc", "/sign-in/oidc/callback?code=x"]) {
    const answer = await portal.asStranger(path);
    assert.equal(answer.status, 404);
    await answer.body?.cancel();
  }
});

Deno.test("whoever opened the portal under another of its names is sent to its public address first", async () => {
  await using portal = await open();
  const answer = await portal.asStranger("/sign-in/oidc?next=/runs", { headers: { host: "localhost:8000" } });
  assert.equal(answer.headers.get("location"), `${ORIGIN}/sign-in/oidc?next=/runs`);
  assert.deepEqual(answer.headers.getSetCookie(), []);
});
