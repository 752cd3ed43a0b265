import assert from "node:assert/strict";
import { z } from "zod";
import { accessOf, permissionsOf } from "../../../shared/access/mod.ts";
import { epochMs, isPermission, type Permission, PERMISSIONS, ROLES } from "../../../shared/domain/mod.ts";
import { OPERATIONS } from "../../../app/server/api/operations.ts";
import { onEachDatabase, openPortal, ORIGIN, type TestPortal } from "../_portal.ts";
import { addressOf, ApiClient, newToken, type Sent } from "./_client.ts";

/** What is not there: nothing is changed where somebody may. */
const ABSENT = { revision: 1, user: 99, token: 99, webhook: 99, incident: 99, rule: 99, channel: 99 };

const MANY = { apiPerMinute: 100_000 };

/** A job of some labels with a run. */
async function jobWithRun(portal: TestPortal, labels: readonly string[]): Promise<{ job: number; run: number }> {
  const job = await portal.job({ labels });
  const claim = await portal.claim(job);
  return { job: job.id, run: claim.dispatchId };
}

const problemSchema = z.object({ code: z.string(), requestId: z.string() });

/** Checks that an answer is a problem of this code. */
async function assertProblem(answer: Response, status: number, code: string): Promise<void> {
  const text = await answer.text();
  assert.deepEqual([answer.status, answer.headers.get("content-type")], [status, "application/problem+json"], text);
  const problem = problemSchema.parse(JSON.parse(text));
  assert.deepEqual([problem.code, problem.requestId], [code, answer.headers.get("x-request-id")]);
}

Deno.test("every operation answers 401 to who sends no token, a wrong one, or something else", async () => {
  await using portal = await openPortal();
  const params = { job: 1, run: 1, revision: 1, user: 1, token: 1, webhook: 1, incident: 1, rule: 1, channel: 1 };
  const paths = [...OPERATIONS.map((operation) => [operation.method, addressOf(operation, { params })] as const)];
  const tried = [
    {},
    { authorization: "Bearer jtp_no" },
    { authorization: `Bearer ${portal.token}` },
    { authorization: "Basic YTpi" },
  ];
  for (const [method, path] of [...paths, ["GET", "/api/v1/openapi.json"], ["GET", "/api/v1/nothing"]] as const) {
    for (const headers of tried) {
      const answer = await portal.asStranger(path, { method, headers: { origin: ORIGIN, ...headers } });
      assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer realm=/);
      await assertProblem(answer, 401, "unauthorized");
    }
  }
});

Deno.test("a token that was revoked, has expired, or whose user is disabled does nothing", async () => {
  let now = epochMs(Date.parse("2026-01-01"));
  await using portal = await openPortal(undefined, () => now);
  const call = async (token: string) => {
    const answer = await portal.asStranger("/api/v1/me", { headers: { authorization: `Bearer ${token}` } });
    await answer.body?.cancel();
    return answer.status;
  };
  const admin = await newToken(portal);
  const expiring = await newToken(portal, {}, { expiresAt: epochMs(now + 60_000) });
  const bobs = await newToken(portal, { name: "bob" });
  const revoked = await newToken(portal, {}, { name: "old" });
  assert.deepEqual(await Promise.all([admin, expiring, bobs, revoked].map(call)), [200, 200, 200, 200]);
  const client = await ApiClient.open(portal, admin);
  await client.ok("disableUser", { params: { user: 2 } });
  await client.ok("revokeToken", { params: { user: 1, token: 4 } });
  now = epochMs(now + 60_000);
  assert.deepEqual(await Promise.all([admin, expiring, bobs, revoked].map(call)), [200, 401, 401, 401]);
});

Deno.test("each role may call exactly the operations whose permission it has", async () => {
  await using portal = await openPortal(undefined, null, undefined, MANY);
  const client = await ApiClient.open(portal, await newToken(portal));
  for (const role of ROLES) {
    const { job, run } = await jobWithRun(portal, []);
    const token = await newToken(portal, { name: role, role });
    const permissions = permissionsOf(accessOf({ role, grants: [], isDisabled: false }));
    await assertAllowed(client, { params: { job, run, ...ABSENT }, token }, permissions, role);
  }
});

Deno.test("each scope of a token opens exactly the operations that take this permission", async () => {
  await using portal = await openPortal(undefined, null, undefined, MANY);
  const client = await ApiClient.open(portal, await newToken(portal));
  for (const scope of PERMISSIONS) {
    const { job, run } = await jobWithRun(portal, []);
    const token = await newToken(portal, {}, { scopes: [scope] });
    await assertAllowed(client, { params: { job, run, ...ABSENT }, token }, [scope], scope);
  }
});

async function assertAllowed(
  client: ApiClient,
  sent: { readonly params: Readonly<Record<string, number>>; readonly token: string },
  permissions: readonly Permission[],
  who: string,
): Promise<void> {
  for (const { operationId, method, "x-permission": permission = null } of client.operations.values()) {
    const isAllowed = permission === null || isPermission(permission) && permissions.includes(permission);
    const query = operationId.startsWith("follow") ? { query: { poll: "1" } } : {};
    const { status } = await client.call(operationId, { ...sent, ...query, ...(method !== "GET" && { body: {} }) });
    assert.equal(status === 403, !isAllowed, `${who}: ${operationId} answered ${status}`);
  }
}

onEachDatabase("who is limited to a label finds nothing of other jobs by any operation", async (open) => {
  await using portal = await openPortal(open, null, undefined, MANY);
  const client = await ApiClient.open(portal, await newToken(portal));
  const own = await jobWithRun(portal, ["finance"]);
  const other = await jobWithRun(portal, ["hr"]);
  await client.ok("createJob", {
    body: { name: "K", key: "secret", script: "test_job.sh", schedule: "manual", labels: ["hr"] },
  });
  const limited = [
    await newToken(portal, {}, { labels: ["finance"] }),
    await newToken(portal, { name: "eve", role: null, grants: [{ label: "finance", role: "admin" }] }),
  ];
  for (const token of limited) {
    for (const { operationId, path, method } of client.operations.values()) {
      if (!/\{(job|run)\}/.test(path)) continue;
      const body = method === "GET" ? {} : { body: {} };
      const missing = { job: 999, run: 999, revision: 1, webhook: 1 };
      const texts: string[] = [];
      const named = { job: "secret", run: other.run, revision: 1, webhook: 1 };
      for (const params of [{ ...other, revision: 1, webhook: 1 }, named, missing]) {
        const sent = { token, params, ...body, ...sendable(operationId) };
        const found = await client.call(operationId, sent);
        assert.equal(found.status, 404, `${operationId} answered ${found.text}`);
        texts.push(String(found.json["detail"]).replace(/"?(?:\d+|secret)"?/, "?"));
      }
      assert.equal(new Set(texts).size, 1, `${operationId} tells what is there from what is not: ${texts.join(" | ")}`);
    }
    const [jobs, runs] = [await client.ok("listJobs", { token }), await client.ok("listRuns", { token })];
    const idsOf = (json: unknown) =>
      z.object({ items: z.array(z.object({ id: z.number() })) }).parse(json).items.map(({ id }) => id);
    assert.deepEqual([idsOf(jobs.json), idsOf(runs.json)], [[own.job], [own.run]]);
    await client.fails(404, "listRuns", { token, query: { job: other.job } });
    await client.ok("getJob", { token, params: own });
    await client.ok("readLog", { token, params: own });
    await client.fails(403, "createJob", { token, body: { name: "A", script: "test_job.sh", schedule: "manual" } });
    await client.fails(403, "listUsers", { token });
  }
});

/** Queries and bodies that are right in themselves, so that nothing but the job is wrong. */
function sendable(id: string): Omit<Sent, "params" | "token"> {
  const queries: Readonly<Record<string, Sent["query"]>> = {
    planBackfill: { from: "2026-01-01", to: "2026-01-02" },
    searchLog: { text: "error" },
  };
  const query = queries[id];
  if (query !== undefined) return { query };
  const bodies: Readonly<Record<string, unknown>> = {
    replaceJob: { name: "A", script: "test_job.sh", schedule: "manual" },
    rollBackJob: { to: 1 },
    createWebhook: { name: "ci" },
    backfillJob: { from: "2026-01-01", to: "2026-01-02" },
  };
  return id in bodies ? { body: bodies[id], headers: { "if-match": "*" } } : {};
}

Deno.test("a session reads from anywhere on the portal, and changes something only for the portal's own pages", async () => {
  await using portal = await openPortal();
  const post = (headers: Readonly<Record<string, string>>) =>
    portal.get("/api/v1/jobs", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ name: "A", script: "test_job.sh", schedule: "manual" }),
    });
  assert.equal((await portal.get("/api/v1/jobs")).status, 200);
  await assertProblem(await post({}), 403, "forbidden");
  await assertProblem(await post({ origin: "http://evil.example" }), 403, "forbidden");
  await assertProblem(await post({ "sec-fetch-site": "cross-site", origin: ORIGIN }), 403, "forbidden");
  assert.equal((await post({ origin: ORIGIN })).status, 201);
  // A token says who sends it, and the session beside it counts for nothing.
  const token = await newToken(portal);
  assert.equal((await post({ authorization: `Bearer ${token}` })).status, 201);
  await assertProblem(await post({ authorization: "Bearer jtp_wrong", origin: ORIGIN }), 401, "unauthorized");
});

Deno.test("a token in an address is refused, whoever sends it", async () => {
  await using portal = await openPortal();
  const token = await newToken(portal);
  const headers = { authorization: `Bearer ${token}` };
  for (const query of [`token=${portal.token}`, "access_token=x", "api_key=x", `q=${token}`]) {
    const answer = await portal.asStranger(`/api/v1/jobs?${query}`, { headers });
    assert.equal(answer.headers.get("set-cookie"), null);
    await assertProblem(answer, 400, "malformed");
  }
});

Deno.test("what is no proper request to the API is refused with what would be right", async () => {
  await using portal = await openPortal();
  const authorization = `Bearer ${await newToken(portal)}`;
  const call = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    portal.asStranger(`/api/v1${path}`, { ...init, headers: { authorization, ...init.headers } });
  const json = { "content-type": "application/json" };

  const wrong = await call("/jobs", { method: "PATCH" });
  assert.equal(wrong.headers.get("allow"), "GET, HEAD, POST");
  await assertProblem(wrong, 405, "method_not_allowed");
  await assertProblem(await call("/jobs", { method: "OPTIONS" }), 405, "method_not_allowed");
  await assertProblem(await call("/jobs", { headers: { accept: "text/html" } }), 406, "not_acceptable");
  await assertProblem(await call("/jobs", { headers: { accept: "application/json;q=0" } }), 406, "not_acceptable");
  await assertProblem(await call("/jobs", { method: "POST", body: "a=b" }), 415, "unsupported_media_type");
  await assertProblem(await call("/jobs", { method: "POST", headers: json, body: "{" }), 400, "malformed");
  await assertProblem(
    await call("/jobs", { method: "POST", headers: json, body: `"${"x".repeat(300_000)}"` }),
    413,
    "too_large",
  );
  await assertProblem(
    await call("/jobs", { method: "POST", headers: json, body: '{"__proto__":{"admin":true}}' }),
    422,
    "invalid",
  );
  for (
    const path of ["/jobs/", "/jobs/1/", "/jobs/..%2fusers", "/jobs/1%2fruns", "/jobs.", "/JOBS", "/jobs;a=b", "/"]
  ) {
    await assertProblem(await call(path), 404, "not_found");
  }
  // What is asked for and what is permitted are decided by the same path.
  const viewer = `Bearer ${await newToken(portal, { name: "vera", role: "viewer" })}`;
  for (const path of ["/jobs/../users", "//users", "/./users", "/jobs/%2e%2e/users"]) {
    await assertProblem(await call(path, { headers: { authorization: viewer } }), 403, "forbidden");
  }
  const overridden = await call("/jobs/1", { headers: { "x-http-method-override": "DELETE" } });
  await assertProblem(overridden, 404, "not_found");
  const head = await call("/jobs", { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

Deno.test("a token may send so many requests a minute, and is told how many are left", async () => {
  let now = epochMs(Date.parse("2026-01-01"));
  await using portal = await openPortal(undefined, () => now, undefined, { apiPerMinute: 3 });
  const [token, other] = [await newToken(portal), await newToken(portal, {}, { name: "other" })];
  const call = (secret: string) => portal.asStranger("/api/v1/me", { headers: { authorization: `Bearer ${secret}` } });
  for (const left of [2, 1, 0]) {
    const { status, headers } = await call(token);
    assert.equal(status, 200);
    assert.equal(headers.get("ratelimit-policy"), '"token";q=3;w=60');
    assert.match(headers.get("ratelimit") ?? "", new RegExp(`^"token";r=${left};t=\\d+$`));
  }
  const refused = await call(token);
  assert.equal(refused.headers.get("retry-after"), "20");
  await assertProblem(refused, 429, "too_many_requests");
  assert.equal((await call(other)).status, 200);
  now = epochMs(now + 20_000);
  assert.deepEqual([(await call(token)).status, (await call(token)).status], [200, 429]);
});

Deno.test("a page of another origin may call the API only where its origin is named, and never with cookies", async () => {
  const tools = "https://tools.example.com";
  for (
    const [corsOrigins, origin, allowed] of [[[], tools, null], [[tools], "https://evil.example", null], [
      [tools],
      tools,
      tools,
    ]] as const
  ) {
    await using portal = await openPortal(undefined, null, undefined, { corsOrigins });
    const token = await newToken(portal);
    const asked = await portal.asStranger("/api/v1/jobs", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });
    assert.deepEqual([asked.status, asked.headers.get("access-control-allow-origin")], [
      allowed === null ? 401 : 204,
      allowed,
    ]);
    const answer = await portal.asStranger("/api/v1/me", { headers: { origin, authorization: `Bearer ${token}` } });
    assert.equal(answer.headers.get("access-control-allow-origin"), allowed);
    assert.equal(answer.headers.get("access-control-allow-credentials"), null);
    await answer.body?.cancel();
    await asked.body?.cancel();
  }
});
