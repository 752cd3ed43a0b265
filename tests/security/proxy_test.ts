/**
 * Attacks on what a proxy says: only a named one is believed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Network, type NetworkConfig } from "../../app/server/access/network.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { disableUser } from "../../shared/operations/mod.ts";
import { openPortal, type TestPortal } from "../app/_portal.ts";
import { openAccounts, PASSWORD } from "../support/accounts.ts";
import { NETWORK } from "../support/network.ts";
import { operating } from "../support/operating.ts";
import { opened } from "../support/stream.ts";

const PUBLIC = "https://jobs.example.com";
const PROXIED: NetworkConfig = { ...NETWORK, publicUrl: PUBLIC, trustedProxies: ["127.0.0.1", "10.1.0.0/16"] };

const wayOf = (headers: Readonly<Record<string, string>>, peer: string, config: NetworkConfig = PROXIED) =>
  new Network(config).wayOf(new Headers(headers), "jobs.example.com", peer);

const addresses: readonly (readonly [name: string, forwarded: string | null, peer: string, address: string])[] = [
  ["no proxy's", null, "203.0.113.9", "203.0.113.9"],
  ["an unnamed proxy's", "198.51.100.1", "203.0.113.9", "203.0.113.9"],
  ["a named proxy's", "198.51.100.1", "127.0.0.1", "198.51.100.1"],
  ["behind two named proxies", "198.51.100.1, 10.1.2.3", "127.0.0.1", "198.51.100.1"],
  ["with invented ones before it", "1.1.1.1, 127.0.0.1, 198.51.100.1", "127.0.0.1", "198.51.100.1"],
  ["with nonsense", "unknown", "127.0.0.1", "127.0.0.1"],
  ["with nonsense between", "198.51.100.1, <script>", "10.1.0.1", "10.1.0.1"],
  ["IPv6", "[2001:db8::1]", "127.0.0.1", "2001:db8::1"],
  ["a named proxy that says nothing", null, "127.0.0.1", "127.0.0.1"],
  ["mapped into IPv6", "198.51.100.1", "::ffff:127.0.0.1", "198.51.100.1"],
];
for (const [name, forwarded, peer, address] of addresses) {
  Deno.test(`the address of a request is taken from named proxies alone: ${name}`, () => {
    assert.equal(wayOf(forwarded === null ? {} : { "x-forwarded-for": forwarded }, peer).address, address);
  });
}

Deno.test("that a request came by TLS, a named proxy says, or the public address", () => {
  const plain = { ...NETWORK, trustedProxies: ["127.0.0.1"] };
  const https = { "x-forwarded-proto": "https" };
  assert.equal(wayOf(https, "127.0.0.1", plain).isSecure, true);
  assert.equal(wayOf(https, "203.0.113.9", plain).isSecure, false);
  assert.equal(wayOf({}, "127.0.0.1", plain).isSecure, false);
  assert.equal(wayOf({}, "203.0.113.9").isSecure, true);
  assert.equal(wayOf({}, "203.0.113.9").origin, PUBLIC);
});

const answering:
  readonly (readonly [config: Partial<NetworkConfig>, names: readonly string[], not: readonly string[]])[] = [
    [{}, ["127.0.0.1:8000", "localhost"], ["192.168.1.5:8000", "jobs.example.com", "evil.example"]],
    [{ host: "0.0.0.0" }, ["192.168.1.5:8000", "[fe80::1]:8000", "localhost"], [
      "evil.example",
      "1.2.3.4.evil.example",
    ]],
    [{ host: "0.0.0.0", publicUrl: PUBLIC }, ["jobs.example.com", "JOBS.example.com", "127.0.0.1:8000"], [
      "jobs.example.com:8000",
      "192.168.1.5:8000",
      "jobs.example.com.evil.example",
    ]],
  ];
for (const [config, names, not] of answering) {
  Deno.test(`the portal answers under its own names alone: ${JSON.stringify(config)}`, () => {
    const network = new Network({ ...NETWORK, ...config });
    for (const name of names) assert.equal(network.answers(name), true, name);
    for (const name of not) assert.equal(network.answers(name), false, name);
  });
}

const open = (network: Partial<NetworkConfig>) => openPortal(undefined, null, undefined, { ...PROXIED, ...network });

/** A request as a proxy, or whoever `peer` is, sends it on. */
function through(
  portal: TestPortal,
  path: string,
  headers: Readonly<Record<string, string>>,
  peer = "127.0.0.1",
  body?: URLSearchParams,
) {
  const request = new Request(`http://127.0.0.1:8000${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { host: "jobs.example.com", ...headers },
    ...(body !== undefined && { body }),
  });
  const remoteAddr = { transport: "tcp" as const, hostname: peer, port: 40_000 };
  return portal.handler(request, { remoteAddr, completed: Promise.resolve() });
}

Deno.test("behind TLS, cookies are for TLS and this host alone, and browsers are told to use nothing else", async () => {
  await using portal = await open({});
  await openAccounts(portal);
  const body = new URLSearchParams({ name: "viewer", password: PASSWORD });
  const answer = await through(portal, "/sign-in", { origin: PUBLIC }, "127.0.0.1", body);
  assert.equal(answer.status, 303);
  const [session = "", device = ""] = answer.headers.getSetCookie();
  assert.match(session, /^__Host-session_443=[\w-]{43}; Path=\/; Max-Age=604800; SameSite=Lax; HttpOnly; Secure$/);
  assert.match(device, /^__Host-device_443=.*; HttpOnly; Secure$/);
  assert.equal(answer.headers.get("strict-transport-security"), "max-age=31536000");
  const cookie = session.split(";")[0] ?? "";
  const page = await through(portal, "/jobs", { cookie });
  assert.equal(page.status, 200);
  await page.body?.cancel();
  // The same secret under the name that needs no TLS, as a page of http could plant it.
  const planted = await through(portal, "/jobs", { cookie: cookie.replace("__Host-", "") });
  assert.equal(planted.status, 401);
  await planted.body?.cancel();
  const plain = await portal.asStranger("/sign-in");
  assert.equal(plain.headers.get("strict-transport-security"), null);
  await plain.body?.cancel();
});

Deno.test("behind TLS, a post from the same name without TLS is another site's", async () => {
  await using portal = await open({});
  const body = () => new URLSearchParams({ name: "viewer", password: PASSWORD });
  for (const origin of ["http://jobs.example.com", "https://jobs.example.com:8443", "https://evil.example"]) {
    const answer = await through(portal, "/sign-in", { origin }, "127.0.0.1", body());
    assert.equal(answer.status, 403, origin);
    await answer.body?.cancel();
  }
});

Deno.test("guessing through a named proxy is counted by the address behind it", async () => {
  await using portal = await openPortal(undefined, () => epochMs(Date.UTC(2026, 10, 27)), undefined, PROXIED);
  await openAccounts(portal);
  const guess = (address: string) =>
    through(
      portal,
      "/sign-in",
      { origin: PUBLIC, "x-forwarded-for": `127.0.0.1, ${address}` },
      "127.0.0.1",
      new URLSearchParams({ name: "viewer", password: "wrong" }),
    );
  const statuses: number[] = [];
  for (const address of [...Array<string>(6).fill("198.51.100.1"), "198.51.100.2"]) {
    const answer = await guess(address);
    statuses.push(answer.status);
    await answer.body?.cancel();
  }
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 401]);
});

const SECRET = "a proxy's secret of 32 characters".replaceAll(" ", "-");
const USER = { proxyUserHeader: "remote-user", proxySecret: SECRET } as const;

/** What the proxy sends for a user who is signed in there. */
const naming = (user: string) => ({ "remote-user": user, "x-proxy-secret": SECRET });

Deno.test("a named proxy's header signs in whom it names, for that request alone", async () => {
  await using portal = await open(USER);
  await openAccounts(portal);
  const page = await through(portal, "/account", naming("Viewer"));
  assert.equal(page.status, 200);
  assert.deepEqual(page.headers.getSetCookie(), []);
  assert.match(await page.text(), /Viewer.*a proxy says who you are/s);
  const without = await through(portal, "/account", {});
  assert.equal(without.status, 401);
  await without.body?.cancel();
  const forbidden = await through(portal, "/settings/users", naming("viewer"));
  assert.equal(forbidden.status, 403);
  await forbidden.body?.cancel();
});

Deno.test("the header signs nobody in from an address that is not named, nor while it is off", async () => {
  await using portal = await open(USER);
  await openAccounts(portal);
  for (const peer of ["203.0.113.9", "10.2.0.1", "::1", "127.0.0.2", ""]) {
    const headers = { ...naming("admin"), "x-forwarded-for": "127.0.0.1" };
    const answer = await through(portal, "/jobs", headers, peer);
    assert.equal(answer.status, 401, peer);
    await answer.body?.cancel();
  }
  await using off = await open({});
  await openAccounts(off);
  const answer = await through(off, "/jobs", naming("admin"));
  assert.equal(answer.status, 401);
  await answer.body?.cancel();
});

Deno.test("the header signs nobody in from the proxy's address without the proxy's secret, and the log says so", async () => {
  await using portal = await open(USER);
  await openAccounts(portal);
  for (const secret of [{}, { "x-proxy-secret": "" }, { "x-proxy-secret": `${SECRET}.` }]) {
    const answer = await through(portal, "/jobs", { "remote-user": "admin", ...secret });
    assert.equal(answer.status, 401, JSON.stringify(secret));
    await answer.body?.cancel();
  }
  const lines = portal.logged.filter((line) => /names nobody/.test(line));
  assert.deepEqual([lines.length, lines.some((line) => line.includes(SECRET))], [3, false]);
});

Deno.test("a stream of whom a proxy names ends when the account is disabled", async () => {
  await using portal = await open(USER);
  const { users } = await openAccounts(portal);
  const viewer = users.get("viewer");
  assert.ok(viewer !== undefined);
  const rest = await opened(await through(portal, "/api/events?since=", naming("viewer")));
  await disableUser(operating(portal.store, portal.now()), viewer);
  await rest((time) => portal.job({ name: `Another ${time}` }));
});

Deno.test("whom a proxy names without an account is refused, or gets the role that the settings say", async () => {
  await using closed = await open(USER);
  const { users } = await openAccounts(closed);
  const refused = await through(closed, "/jobs", naming("mallory"));
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /There is no account mallory/);
  assert.equal(await closed.store.users.findByName("mallory"), null);
  const viewer = users.get("viewer");
  assert.ok(viewer !== undefined);

  await using opened = await open({ ...USER, proxyUserRole: "viewer" });
  await openAccounts(opened);
  const answers = await Promise.all(
    ["carol@example.com", "Carol@example.com", "carol@example.com"].map((name) =>
      through(opened, "/jobs", naming(name))
    ),
  );
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
  }
  const made = await opened.store.users.findByName("carol@example.com");
  assert.deepEqual([made?.role, made?.hasPassword], ["viewer", false]);
  for (const name of ["a,b", "a".repeat(200), 'say "hi"']) {
    const answer = await through(opened, "/jobs", naming(name));
    assert.equal(answer.status, 403, name);
    await answer.body?.cancel();
  }
});
