/**
 * What somebody with a part of the rights learns of the rest, and what becomes of rights that end on the way.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { beginBulk } from "../../app/server/bulk.ts";
import { type Access, accessOf, FULL_ACCESS } from "../../shared/access/mod.ts";
import { createUser, disableUser, revokeToken, setRole } from "../../shared/operations/mod.ts";
import { apiTokenId, epochMs, MAX_TOKENS, userId } from "../../shared/domain/mod.ts";
import { enterWorker, onEachDatabase, openPortal, ORIGIN } from "../app/_portal.ts";
import { ApiClient, newToken } from "../app/api/_client.ts";
import { NOBODY, openAccounts } from "../support/accounts.ts";
import { operating } from "../support/operating.ts";

const MANY = { apiPerMinute: 100_000 };

const JOB = { name: "Nightly", script: "test_job.sh", schedule: "manual" };

const itemsSchema = z.object({ items: z.array(z.record(z.string(), z.unknown())) });

onEachDatabase(
  "who may see the jobs of one label hears no number of another job's run from workers, by page and API",
  async (open) => {
    await using portal = await openPortal(open, null, undefined, MANY);
    await enterWorker(portal, portal.now());
    const own = await portal.claim(await portal.job({ labels: ["finance"] }));
    const foreign = await portal.claim(await portal.job({ name: "Payroll", labels: ["hr"] }));
    const { as } = await openAccounts(portal);
    const page = async (who: string) =>
      (await portal.asStranger("/workers", { headers: { cookie: await as(who) } })).text();
    assert.match(await page("viewer"), new RegExp(`href="/runs/${foreign.dispatchId}"`));
    const html = await page("finance operator");
    assert.match(html, new RegExp(`href="/runs/${own.dispatchId}"`));
    assert.doesNotMatch(html, new RegExp(`/runs/${foreign.dispatchId}"`));
    assert.match(html, /2 of 4/, "how many slots are taken is no secret");
    const client = await ApiClient.open(portal, await newToken(portal));
    const limited = await newToken(portal, { name: "eve", role: null, grants: [{ label: "finance", role: "viewer" }] });
    const { json } = await client.ok("listWorkers", { token: limited });
    assert.deepEqual(itemsSchema.parse(json).items[0]?.["current_run_ids"], [own.dispatchId]);
  },
);

onEachDatabase(
  "a key that a job has which somebody may not see is taken, and nothing else is said of that job",
  async (open) => {
    await using portal = await openPortal(open, null, undefined, MANY);
    const client = await ApiClient.open(portal, await newToken(portal));
    const { json } = await client.ok("createJob", { body: { ...JOB, key: "payroll", labels: ["hr"] } });
    const token = await newToken(portal, { name: "eve", role: null, grants: [{ label: "finance", role: "editor" }] });
    const body = { ...JOB, key: "payroll", labels: ["finance"] };
    const refused = await client.fails(422, "createJob", { token, body });
    assert.match(refused.text, /another job had already/);
    assert.doesNotMatch(refused.text, new RegExp(`job ${json["id"]} has`));
    const own = await client.ok("createJob", { token, body: { ...body, key: "mine" } });
    const params = { job: Number(own.json["id"]) };
    const edited = await client.fails(422, "replaceJob", { token, params, body, headers: { "if-match": "*" } });
    assert.doesNotMatch(edited.text, new RegExp(`job ${json["id"]} has`));
    await client.ok("createChannel", { body: { name: "ops", kind: "slack", url: "https://hooks.example.com/x" } });
    const rule = { name: "fails", condition: "failures", limit: 1, channels: ["ops"] };
    const denied = await client.fails(403, "createAlertRule", { token, body: { ...rule, label: "hr" } });
    assert.match(denied.text, /To make and change alert rules takes the role editor/);
    // What a database makes of half a pair may be a label that somebody has rights by.
    const half = await client.fails(400, "createJob", { body: { ...JOB, labels: ["\ud800"] } });
    assert.match(half.text, /half of a surrogate pair/);
    assert.match((await client.fails(422, "createJob", { body })).text, new RegExp(`job ${json["id"]} has`));
  },
);

Deno.test("a token with the scope jobs.read alone is shown no run of a job, and changes nothing", async () => {
  await using portal = await openPortal(undefined, null, undefined, MANY);
  const job = await portal.job();
  await portal.claim(job);
  const client = await ApiClient.open(portal, await newToken(portal));
  const jobs = await newToken(portal, {}, { scopes: ["jobs.read"] });
  const runs = await newToken(portal, {}, { scopes: ["jobs.read", "runs.read"] });
  const lastRun = async (token: string) =>
    itemsSchema.parse((await client.ok("listJobs", { token })).json).items[0]?.["last_run"];
  assert.equal(await lastRun(jobs), null);
  assert.notEqual(await lastRun(runs), null);
  await client.fails(403, "explainJob", { token: jobs, params: { job: job.id } });
  await client.fails(403, "saveView", { token: jobs, body: { name: "Mine", filter: "label:a" } });
  await client.ok("explainJob", { token: runs, params: { job: job.id } });
});

onEachDatabase("a user has so many tokens in force at most, and the refusal names the bound", async (open) => {
  await using portal = await openPortal(open, null, undefined, MANY);
  const token = await newToken(portal);
  const client = await ApiClient.open(portal, token);
  const body = { name: "x", scopes: ["jobs.read"] };
  for (let made = 1; made < MAX_TOKENS - 1; made++) await client.ok("createOwnToken", { body });
  // Two at once for the last place.
  const last = await Promise.all([1, 2].map(() => client.call("createOwnToken", { body })));
  assert.deepEqual(last.map(({ status }) => status).toSorted(), [201, 422]);
  const refused = await client.fails(422, "createOwnToken", { body });
  assert.match(refused.text, /50 API tokens of this user are in force.*revoke one first/);
  await client.ok("revokeOwnToken", { params: { token: 2 } });
  await client.ok("createOwnToken", { body });
});

Deno.test("more tokens are no way around the limit of requests: all of a user's share a bucket", async () => {
  const now = epochMs(Date.parse("2026-01-01"));
  await using portal = await openPortal(undefined, () => now, undefined, { apiPerMinute: 2 });
  const tokens: string[] = [];
  for (let i = 0; i < 5; i++) tokens.push(await newToken(portal, {}, { name: `t${i}` }));
  const call = async (token: string) => {
    const answer = await portal.asStranger("/api/v1/me", { headers: { authorization: `Bearer ${token}` } });
    await answer.body?.cancel();
    return [answer.status, answer.headers.get("ratelimit-policy")] as const;
  };
  const answers = [];
  for (const token of [...tokens, ...tokens]) answers.push(await call(token));
  assert.equal(answers.filter(([status]) => status === 200).length, 6);
  assert.deepEqual(answers.at(-1), [429, '"user";q=6;w=60']);
  const other = await newToken(portal, { name: "bob" });
  assert.equal((await call(other))[0], 200);
});

Deno.test("a job that was created under a key is shown again only to who may still edit it", async () => {
  await using portal = await openPortal(undefined, null, undefined, MANY);
  const client = await ApiClient.open(portal, await newToken(portal));
  const grants = [{ label: "finance", role: "editor" }] as const;
  const token = await newToken(portal, { name: "eve", role: null, grants });
  const sent = {
    token,
    body: { ...JOB, labels: ["finance"], env: { KEY: "first-secret" } },
    headers: { "idempotency-key": "k" },
  };
  const made = await client.ok("createJob", sent);
  assert.equal((await client.ok("createJob", sent)).json["id"], made.json["id"]);
  const moved = { ...JOB, labels: ["hr"], env: { KEY: "second-secret" } };
  await client.ok("replaceJob", {
    params: { job: Number(made.json["id"]) },
    body: moved,
    headers: { "if-match": "*" },
  });
  const refused = await client.fails(404, "createJob", sent);
  assert.doesNotMatch(refused.text, /secret/);
});

onEachDatabase(
  "whoever waits for a run is refused when the right, the token or the account ends on the way",
  async (open) => {
    await using portal = await openPortal(open, null, undefined, MANY);
    const job = await portal.job({ overlap: "allow" });
    const context = () => operating(portal.store, portal.now());
    const ended: readonly (readonly [string, number, (user: number, token: number) => Promise<unknown>])[] = [
      ["role", 404, (user) => setRole(context(), { id: userId(user), role: "viewer", grants: [] })],
      ["token", 401, (user, token) => revokeToken(context(), { userId: userId(user), id: apiTokenId(token) })],
      ["account", 401, (user) => disableUser(context(), { id: userId(user) })],
    ];
    for (const [name, status, end] of ended) {
      const token = await newToken(portal, { name, role: "operator" });
      const me = await portal.asStranger("/api/v1/me", { headers: { authorization: `Bearer ${token}` } });
      const { user, token: own } = z.object({ user: z.object({ id: z.number() }), token: z.object({ id: z.number() }) })
        .parse(await me.json());
      const waiting = portal.asStranger(`/api/v1/jobs/${job.id}/runs?wait=50`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
      });
      while ((await portal.store.runs.unfinished(job.id)).length === 0) await new Promise((go) => setTimeout(go));
      await end(user.id, own.id);
      const [run] = await portal.store.runs.unfinished(job.id);
      assert.ok(run !== undefined);
      await portal.store.runs.cancel(run.id, context());
      const answer = await waiting;
      const text = await answer.text();
      assert.equal(answer.status, status, `${name}: ${text}`);
      assert.doesNotMatch(text, /CANCELLED/);
    }
  },
);

Deno.test("a change of many jobs goes on with the rights of then, and ends with the session or token that asked", async () => {
  await using portal = await openPortal(undefined, null, undefined, MANY);
  for (let i = 0; i < 50; i++) await portal.job({ name: `Job ${i}` });
  const full = operating(portal.store, portal.now());
  const action = { kind: "pause", note: null, cancelsWaiting: false } as const;
  const change = async (key: string, later: Access | null) => {
    let asked = 0;
    const accessNow = () => Promise.resolve(++asked <= 2 ? FULL_ACCESS : later);
    const { done, refused, finishedAt } = await beginBulk(portal.portal, { context: full, accessNow }, {
      key,
      action,
      jobs: {},
    });
    return { done, refused, hasEnded: finishedAt !== null };
  };
  const viewer = accessOf({ role: "viewer", grants: [], isDisabled: false });
  assert.deepEqual(await change("ended", null), { done: 20, refused: 0, hasEnded: false });
  assert.deepEqual(await change("lowered", viewer), { done: 20, refused: 30, hasEnded: true });
});

onEachDatabase(
  "an idempotency key is its sender's own: nobody else's request and no webhook's delivery answers to it",
  async (open) => {
    await using portal = await openPortal(open, null, undefined, MANY);
    const { id: job } = await portal.job({ overlap: "allow" });
    const client = await ApiClient.open(portal, await newToken(portal));
    const eve = await newToken(portal, { name: "eve", role: "operator" });
    const run = async (token: string | undefined, key: string, args: readonly string[] | null = null) => {
      const headers = { "idempotency-key": key };
      const sent = { params: { job }, headers, body: { args }, ...(token !== undefined && { token }) };
      return (await client.ok("runJob", sent)).json["id"];
    };
    const mine = await run(undefined, "deploy-42", ["1"]);
    assert.equal(await run(undefined, "deploy-42", ["1"]), mine);
    assert.notEqual(await run(eve, "deploy-42", ["evil"]), mine);
    const others = { params: { job }, headers: { "idempotency-key": "deploy-42" }, body: { args: ["2"] } };
    assert.match((await client.fails(422, "runJob", others)).text, /used for another request/);
    const asked = (await client.ok("changeJobs", { body: { action: "pause", filter: "" } })).json;
    const limited = await newToken(portal, {}, { labels: ["hr"] });
    for (const [token, status] of [[undefined, 200], [limited, 404]] as const) {
      const sent = { params: { bulk: Number(asked["id"]) }, ...(token !== undefined && { token }) };
      assert.equal((await client.call("listBulkJobs", sent)).status, status, "what a user asked for names jobs");
    }
    const made = (await client.ok("createWebhook", { params: { job }, body: { name: "ci" } })).json;
    const taken = await run(eve, `webhook/${Number(made["id"])}/event-1`);
    const delivery = await portal.asStranger(String(made["path"]), {
      method: "POST",
      headers: { authorization: `Bearer ${String(made["secret"])}`, "idempotency-key": "event-1" },
    });
    assert.equal(delivery.status, 202);
    assert.notEqual(z.object({ run: z.number() }).parse(await delivery.json()).run, taken);
  },
);

Deno.test("a page that shows a new token shows it once, and to load it again makes none", async () => {
  await using portal = await openPortal();
  const { as, users } = await openAccounts(portal);
  const admin = { cookie: await as("admin"), "sec-fetch-site": "same-origin" };
  const viewer = { cookie: await as("viewer"), "sec-fetch-site": "same-origin" };
  const other = users.get("viewer")?.id ?? 0;
  const body = () => new URLSearchParams([["name", "ci"], ["labels", ""], ["days", "7"], ["scopes", "jobs.read"]]);
  for (const path of ["/account/tokens", `/settings/users/${other}/tokens`]) {
    const made = await portal.asStranger(path, { method: "POST", headers: admin, body: body() });
    assert.equal(made.status, 303, await made.text());
    const shown = made.headers.get("location") ?? "";
    const get = async (headers: Readonly<Record<string, string>>) =>
      (await portal.asStranger(shown, { headers })).text();
    assert.doesNotMatch(shown, /jtp_/);
    assert.doesNotMatch(await get(viewer), /class="secret"/, "somebody else who has the address sees nothing");
    assert.match(await get(admin), /class="secret">jtp_\w+</);
    assert.doesNotMatch(await get(admin), /class="secret"/);
  }
  const tokens = await portal.store.tokens.list({ limit: 50 });
  assert.equal(tokens.items.length, 2);
});

Deno.test("a denial of somebody who is known is kept, however many strangers fail before", async () => {
  await using portal = await openPortal(undefined, null, undefined, MANY);
  const { id } = await portal.job();
  const { as } = await openAccounts(portal);
  const stranger = { now: portal.now(), actor: null, action: "session.begin", outcome: "failed", reason: "x" } as const;
  for (let i = 0; i < 400; i++) {
    const origin = { address: `198.51.${i >> 8}.${i & 255}`, requestId: null };
    await portal.store.audit.record({ ...stranger, origin, subject: { kind: "user", id: null, name: null } });
  }
  const answer = await portal.asStranger(`/jobs/${id}/delete`, {
    method: "POST",
    headers: { cookie: await as("viewer"), origin: ORIGIN },
    body: new URLSearchParams(),
  });
  await answer.body?.cancel();
  assert.equal(answer.status, 403);
  const [event] = (await portal.store.audit.list({ limit: 1 })).items;
  assert.deepEqual([event?.outcome, event?.actor?.name], ["denied", "viewer"]);
  await createUser(operating(portal.store, portal.now()), { ...NOBODY, name: "last", password: null });
});
