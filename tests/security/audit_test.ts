/**
 * Who got in and who did not, in the audit list: also where no session of the database begins, and without letting anybody fill it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { hashOf, newApiToken, prefixOf } from "../../shared/access/mod.ts";
import { epochMs } from "../../shared/domain/mod.ts";
import { disableUser, revokeToken } from "../../shared/operations/mod.ts";
import { onEachDatabase, openPortal, type TestPortal } from "../app/_portal.ts";
import { openAccounts } from "../support/accounts.ts";
import { by } from "../support/actor.ts";
import { operating } from "../support/operating.ts";
import { opened } from "../support/stream.ts";

/** The events about signing in and tokens, oldest first: `action outcome actor subject: reason or method`. */
async function audited({ store }: TestPortal): Promise<readonly string[]> {
  const { items } = await store.audit.list({ limit: 100 });
  return items.toReversed().filter(({ action }) => /^session|tokens\.use/.test(action)).map((event) => {
    const { action, outcome, actor, subject, reason, after } = event;
    const what = reason ?? after?.["method"] ?? "";
    return `${action} ${outcome} ${actor?.name ?? "nobody"} ${subject.name ?? "nobody"}: ${what}`;
  });
}

onEachDatabase(
  "who opens the printed address and signs out is in the audit list, and so is a wrong token",
  async (open) => {
    await using portal = await openPortal(open);
    for (let i = 0; i < 3; i++) assert.equal((await portal.asStranger("/?token=wrong")).status, 401);
    await portal.post("/sign-out");
    assert.deepEqual(await audited(portal), [
      "session.begin done local administrator local administrator: local",
      "session.begin failed nobody nobody: The token in this address is not, or no longer, the right one",
      "session.end done local administrator local administrator: ",
    ]);
    const { items } = await portal.store.audit.list({ limit: 1 });
    assert.equal(items[0]?.origin.address, "127.0.0.1");
    assert.equal((await portal.store.audit.verify()).isIntact, true);
  },
);

Deno.test("when the local administrator signs out, their streams end", async () => {
  await using portal = await openPortal();
  const rest = await opened(await portal.get("/api/events?since="));
  await portal.post("/sign-out");
  await rest((time) => portal.job({ name: `Another ${time}` }));
});

const SECRET = "a-proxy's-secret-of-32-characters";
const PROXY = { trustedProxies: ["127.0.0.1"], proxyUserHeader: "remote-user", proxySecret: SECRET } as const;

Deno.test("whom a proxy names is in the audit list once, not with each request, and whom it may not name as well", async () => {
  let now = Date.now();
  await using portal = await openPortal(undefined, () => epochMs(now), undefined, PROXY);
  const { users } = await openAccounts(portal);
  const before = (await audited(portal)).length;
  const named = async (user: string, secret = SECRET) => {
    const headers = { "remote-user": user, "x-proxy-secret": secret };
    const answer = await portal.asStranger("/account", { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  for (let i = 0; i < 3; i++) assert.equal(await named("viewer"), 200);
  now += 7 * 3_600_000;
  assert.equal(await named("viewer"), 200);
  now += 8 * 3_600_000;
  assert.equal(await named("viewer"), 200);
  await disableUser(operating(portal.store, portal.now()), users.get("editor") ?? assert.fail());
  for (let i = 0; i < 2; i++) {
    assert.equal(await named("editor"), 403);
    assert.equal(await named("mallory"), 403);
    assert.equal(await named("viewer", "wrong"), 401);
  }
  assert.deepEqual((await audited(portal)).slice(before), [
    "session.begin done viewer viewer: proxy",
    "session.begin done viewer viewer: proxy",
    "session.begin denied editor editor: The account editor is disabled",
    "session.begin denied nobody nobody: There is no account mallory; an administrator can make it",
    "session.begin failed nobody nobody: A header named somebody without the proxy's secret",
  ]);
});

onEachDatabase("use of an API token that does nothing is in the audit list, which says which and why", async (open) => {
  let now = Date.now();
  await using portal = await openPortal(open, () => epochMs(now));
  const { users } = await openAccounts(portal);
  const viewer = users.get("viewer") ?? assert.fail();
  const before = (await audited(portal)).length;
  const make = async (name: string, expiresAt: number | null) => {
    const secret = newApiToken();
    const values = {
      name,
      scopes: ["jobs.read"] as const,
      labels: null,
      prefix: prefixOf(secret),
      tokenHash: hashOf(secret),
    };
    const end = expiresAt === null ? null : epochMs(expiresAt);
    const token = await portal.store.tokens.create({ ...values, userId: viewer.id, expiresAt: end }, by(portal.now()));
    return { secret, token };
  };
  const [expired, revoked] = [await make("nightly", now + 1000), await make("ci", null)];
  await revokeToken(operating(portal.store, portal.now()), { userId: viewer.id, id: revoked.token.id });
  now += 2000;
  const use = async (secret: string) => {
    const answer = await portal.asStranger("/api/v1/jobs", { headers: { authorization: `Bearer ${secret}` } });
    await answer.body?.cancel();
    assert.equal(answer.status, 401);
  };
  for (let i = 0; i < 20; i++) {
    for (const secret of [expired.secret, revoked.secret, newApiToken(), "guess"]) await use(secret);
  }
  assert.deepEqual((await audited(portal)).slice(before), [
    "tokens.use failed nobody nightly: The API token has expired",
    "tokens.use failed nobody ci: The API token was revoked",
    "tokens.use failed nobody nobody: There is no such API token",
  ]);
  now += 60_000;
  await use(expired.secret);
  assert.match((await audited(portal)).at(-1) ?? "", /nightly: The API token has expired/);
});
