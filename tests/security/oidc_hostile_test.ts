/**
 * Tokens and documents of an identity provider, or of somebody between it and the portal, that prove nobody.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fetchFromHere } from "../../app/server/access/oidc/provider_fetch.ts";
import type { OidcConfig } from "../../shared/config/mod.ts";
import { openPortal, ORIGIN, type TestPortal } from "../app/_portal.ts";
import { openAccounts, signInAs } from "../support/accounts.ts";
import { type ForgedToken, type HostileProvider, startHostileProvider } from "../support/hostile_provider.ts";
import { CLIENT_SECRET, settingsOf, TestBrowser } from "../support/identity_provider.ts";

const NOW = () => Math.floor(Date.now() / 1000);

async function open(provider: { readonly issuer: string }, settings: Partial<OidcConfig> = {}): Promise<TestPortal> {
  return await openPortal(undefined, null, undefined, { ...settingsOf(provider.issuer, ORIGIN), ...settings });
}

/** Signs in at a provider that sends everybody back at once. */
async function signIn({ asStranger }: TestPortal, provider: HostileProvider): Promise<Response> {
  const browser = new TestBrowser(ORIGIN, asStranger);
  const { searchParams } = await browser.begin();
  provider.nonce = searchParams.get("nonce") ?? "";
  const query = new URLSearchParams({ code: "anything", state: searchParams.get("state") ?? "" });
  return await browser.get(`/sign-in/oidc/callback?${query}`);
}

const forged: readonly (readonly [name: string, token: () => ForgedToken])[] = [
  ["another issuer", () => ({ claims: { iss: "https://evil.example" } })],
  ["no issuer", () => ({ claims: { iss: undefined } })],
  ["another audience", () => ({ claims: { aud: "another-client" } })],
  ["no audience", () => ({ claims: { aud: undefined } })],
  ["several audiences and another authorized party", () => ({ claims: { aud: ["portal", "other"], azp: "other" } })],
  ["another nonce", () => ({ claims: { nonce: "n".repeat(64) } })],
  ["no nonce", () => ({ claims: { nonce: undefined } })],
  ["a time that is over", () => ({ claims: { iat: NOW() - 7200, exp: NOW() - 3600 } })],
  ["no time", () => ({ claims: { exp: undefined } })],
  ["a time that has not begun", () => ({ claims: { nbf: NOW() + 3600 } })],
  ["no subject", () => ({ claims: { sub: undefined } })],
  ["alg none", () => ({ header: { alg: "none" }, signedBy: "nobody" })],
  ["alg NONE and a signature", () => ({ header: { alg: "NONE" } })],
  ["no signature", () => ({ signedBy: "nobody" })],
  ["the signature of a stranger", () => ({ signedBy: "stranger" })],
  [
    "a key of its own in the header",
    () => ({ header: { jwk: { kty: "RSA", n: "AQAB", e: "AQAB" } }, signedBy: "stranger" }),
  ],
  ["a key that the provider does not have", () => ({ header: { kid: "2" }, signedBy: "stranger" })],
  ["the client's secret as its key", () => ({ header: { alg: "HS256" }, signedBy: "client secret" })],
  ["an unknown critical header", () => ({ header: { crit: ["exp"] } })],
];

Deno.test("a right token of the same provider signs in, so that the wrong ones fail for what is wrong with them", async () => {
  await using provider = await startHostileProvider(CLIENT_SECRET);
  await using portal = await open(provider);
  const answer = await signIn(portal, provider);
  assert.deepEqual([answer.status, answer.headers.get("location")], [303, "/jobs"]);
  assert.deepEqual(provider.asked, ["/.well-known/openid-configuration", "/token", "/jwks"]);
});

Deno.test("an ID token that proves nobody signs nobody in, and stands in the audit list", async (t) => {
  await using provider = await startHostileProvider(CLIENT_SECRET);
  // A provider that allows everything does not weaken the portal.
  provider.document = { id_token_signing_alg_values_supported: ["RS256", "HS256", "none"] };
  await using portal = await open(provider);
  for (const [name, token] of forged) {
    await t.step(`with ${name}`, async () => {
      provider.token = token();
      const answer = await signIn(portal, provider);
      assert.equal(answer.status, 401);
      assert.match(await answer.text(), /What the identity provider answered proves nobody\. Start again\./);
      assert.deepEqual(answer.headers.getSetCookie().map((cookie) => cookie.split("=")[0]), ["oidc_8000"]);
      assert.equal(await portal.store.users.findByName("alice"), null);
    });
  }
  // The same refusal of one address is written once a minute.
  const { items: [event, ...others] } = await portal.store.audit.list({ outcome: "failed", limit: 50 });
  assert.deepEqual([event?.action, event?.actor, others], ["session.begin", null, []]);
});

Deno.test("user details count only of the same subject", async () => {
  await using provider = await startHostileProvider(CLIENT_SECRET);
  await using portal = await open(provider);
  provider.token = { claims: { groups: undefined } };
  provider.userinfo = { sub: "somebody else", groups: ["it-admins"] };
  assert.equal((await signIn(portal, provider)).status, 401);
  provider.userinfo = { sub: "248289761001", groups: ["it-admins"], preferred_username: "mallory" };
  assert.equal((await signIn(portal, provider)).status, 303);
  assert.deepEqual([
    (await portal.store.users.findByName("alice"))?.role,
    await portal.store.users.findByName("mallory"),
  ], [
    "admin",
    null,
  ]);
});

const documents:
  readonly (readonly [name: string, document: Readonly<Record<string, unknown>>, status: number, log: RegExp])[] = [
    ["names another issuer", { issuer: "https://evil.example" }, 401, /issuer/],
    [
      "sends people to no web page",
      { authorization_endpoint: "javascript:alert(1)" },
      401,
      /only HTTP and HTTPS requests are allowed/,
    ],
  ];
for (const [name, document, status, log] of documents) {
  Deno.test(`a discovery document that ${name} is not taken`, async () => {
    await using provider = await startHostileProvider(CLIENT_SECRET);
    await using portal = await open(provider);
    provider.document = document;
    const answer = await portal.asStranger("/sign-in/oidc");
    assert.equal(answer.status, status);
    assert.deepEqual(answer.headers.get("location"), null);
    await answer.body?.cancel();
    assert.match(portal.logged.join(), log);
  });
}

Deno.test("a discovery document cannot send the portal to another host: only the settings can", async () => {
  await using provider = await startHostileProvider(CLIENT_SECRET);
  await using inside = await startHostileProvider(CLIENT_SECRET);
  provider.document = { token_endpoint: `${inside.issuer}/token` };
  await using portal = await open(provider);
  const answer = await signIn(portal, provider);
  assert.equal(answer.status, 503);
  assert.match(await answer.text(), /not set up for this identity provider/);
  assert.match(portal.logged.join(), /which is neither the issuer's nor in WEB_OIDC_HOSTS/);
  assert.deepEqual(inside.asked, []);
  await using named = await open(provider, { oidcHosts: [new URL(inside.issuer).host] });
  await (await signIn(named, provider)).body?.cancel();
  assert.deepEqual(inside.asked, ["/token"]);
});

Deno.test("while the provider is away, the page says so in a sentence, and passwords sign in as before", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const issuer = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  await using portal = await open({ issuer });
  await openAccounts(portal);
  const answer = await portal.asStranger("/sign-in/oidc?next=/runs");
  assert.equal(answer.status, 503);
  const html = await answer.text();
  assert.match(html, /The identity provider does not answer\. Try again in a while\./);
  assert.match(html, /name="next" value="\/runs"/);
  await signInAs(portal.asStranger, "viewer");
  // It is asked again, not remembered as away.
  await using provider = await startHostileProvider(CLIENT_SECRET);
  await using later = await open(provider);
  provider.document = { issuer: null };
  assert.equal((await later.asStranger("/sign-in/oidc")).status, 401);
  provider.document = {};
  assert.equal((await later.asStranger("/sign-in/oidc")).status, 303);
});

Deno.test("a provider that accepts a connection and says nothing, or too much, is given up", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const request = { method: "GET", headers: [], body: null };
  const accepted = silent.accept();
  await assert.rejects(
    fetchFromHere({ ...request, url: `http://127.0.0.1:${silent.addr.port}/` }, { timeoutMs: 50 }),
    /TimeoutError/,
  );
  (await accepted).close();
  await using endless = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }),
    ));
  await assert.rejects(fetchFromHere({ ...request, url: `http://127.0.0.1:${endless.addr.port}/` }), /larger than/);
});
