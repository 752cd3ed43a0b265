import assert from "node:assert/strict";
import { FIELDS, openPortal, ORIGIN, type TestPortal } from "./_portal.ts";
import { openAccounts } from "../support/accounts.ts";

async function snapshot({ store }: TestPortal): Promise<unknown> {
  return [(await store.jobs.list({ limit: 100 })).items, (await store.runs.list({ limit: 100 })).items];
}

Deno.test("every answer has the security headers, errors too", async () => {
  await using portal = await openPortal();
  for (const path of ["/jobs", "/nowhere", "/styles.css", "/healthz", "/api/runs/1/events"]) {
    const { headers, body } = await portal.get(path);
    await body?.cancel();
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /unsafe/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("referrer-policy"), "same-origin", path);
  }
});

Deno.test("every page has a nonce of its own, which its script carries", async () => {
  await using portal = await openPortal();
  const nonces: string[] = [];
  for (let i = 0; i < 2; i++) {
    const response = await portal.get("/jobs");
    const nonce = /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "")?.[1] ?? "none";
    const html = await response.text();
    assert.deepEqual([...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag), [
      `<script type="module" nonce="${nonce}">`,
    ]);
    nonces.push(nonce);
  }
  assert.notEqual(nonces[0], nonces[1]);
});

Deno.test("a foreign host name is refused: foreign DNS points here", async () => {
  await using portal = await openPortal();
  for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "127.0.0.2"]) {
    const response = await portal.get("/jobs", { headers: { host } });
    assert.equal(response.status, 421, host);
    await response.body?.cancel();
  }
  assert.equal((await portal.get("/jobs", { headers: { host: "localhost:8000" } })).status, 200);
});

const foreign: readonly (readonly [name: string, headers: Record<string, string>])[] = [
  ["with another origin", { origin: "https://evil.example" }],
  ["with the origin null", { origin: "null" }],
  ["without any origin", {}],
  ["from another site", { "sec-fetch-site": "cross-site", origin: ORIGIN }],
  ["from the same site", { "sec-fetch-site": "same-site", origin: ORIGIN }],
  ["typed into the address bar", { "sec-fetch-site": "none" }],
];
for (const [name, headers] of foreign) {
  Deno.test(`a post ${name} is refused and changes nothing`, async () => {
    await using portal = await openPortal();
    const job = await portal.job();
    const before = await snapshot(portal);
    const own = ["run", "delete", "edit", "backfill"].map((verb) => `/jobs/${job.id}/${verb}`);
    for (const path of ["/jobs/new", "/jobs/sample", ...own, "/preferences"]) {
      const response = await portal.post(path, FIELDS, { headers });
      assert.equal(response.status, 403, path);
      await response.body?.cancel();
    }
    assert.deepEqual(await snapshot(portal), before);
  });
}

Deno.test("a GET changes nothing, whatever it asks for", async () => {
  await using portal = await openPortal();
  const job = await portal.job();
  const claim = await portal.claim(job);
  const before = await snapshot(portal);
  const paths = ["run", "pause", "resume", "delete", "edit"].map((verb) => `/jobs/${job.id}/${verb}`);
  paths.push(`/jobs/${job.id}/run?key=k&args=x&force=on`, `/jobs/${job.id}?why=02:30`);
  paths.push(`/jobs/${job.id}/backfill?from=2020-01-01&to=2020-01-03&key=0123456789&revision=1`);
  for (const path of [...paths, `/runs/${claim.dispatchId}/cancel`, "/jobs/sample", "/preferences?theme=dark"]) {
    const response = await portal.get(path);
    assert.ok([200, 404, 405].includes(response.status), `${path}: ${response.status}`);
    assert.equal(response.headers.get("set-cookie"), null);
    await response.body?.cancel();
  }
  assert.deepEqual(await snapshot(portal), before);
});

Deno.test("a form of 10 MB is refused with a page that says so, read no further than it must", async () => {
  await using portal = await openPortal();
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(97));
      if (pulled >= 10_485_760) controller.close();
    },
  });
  const headers = { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" };
  const response = await portal.get("/jobs/new", { method: "POST", headers, body });
  assert.equal(response.status, 413);
  assert.match(await response.text(), /larger than 256 KiB/);
  assert.ok(pulled < 1_048_576, `${pulled} bytes were read`);
});

Deno.test("a body that is not a form is refused", async () => {
  await using portal = await openPortal();
  const init = { headers: { origin: ORIGIN, "content-type": "application/json" }, body: "{}" };
  const response = await portal.post("/jobs/new", {}, init);
  assert.equal(response.status, 415);
  assert.match(await response.text(), /application\/json/);
});

Deno.test("a form cannot send people to another site", async () => {
  await using portal = await openPortal();
  for (const back of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"]) {
    const response = await portal.post("/preferences", { theme: "dark", back });
    assert.deepEqual([response.status, response.headers.get("location")], [303, "/jobs"], back);
  }
  const { id } = await portal.job();
  const paused = await portal.post(`/jobs/${id}/pause`, { back: "/..//evil.example" });
  assert.deepEqual([paused.status, paused.headers.get("location")], [303, `/jobs/${id}?notice=paused`]);
  const response = await portal.post("/preferences", { theme: "dark", back: "/runs?job=1" });
  assert.equal(response.headers.get("location"), "/runs?job=1");
  assert.match(response.headers.get("set-cookie") ?? "", /^theme=dark; .*SameSite=Lax; HttpOnly$/);
});

Deno.test("an unknown error shows nothing of itself, and the log knows it by the page's request id", async () => {
  await using portal = await openPortal();
  const { store } = portal;
  Object.defineProperty(store.jobs, "list", {
    value: () => Promise.reject(new RangeError("secret detail")),
  });
  const response = await portal.get("/jobs");
  const html = await response.text();
  assert.equal(response.status, 500);
  assert.doesNotMatch(html, /secret detail/);
  const id = response.headers.get("x-request-id") ?? "none";
  assert.ok(html.includes(id));
  assert.equal(portal.logged.length, 1);
  assert.ok(portal.logged[0]?.includes(id) && portal.logged[0].includes("secret detail"));
});

Deno.test("browsers keep no page of accounts and tokens, and ask anew for every other", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const headers = { cookie: await as("admin"), "sec-fetch-site": "same-origin" };
  const cases = [
    ["/account", "no-store"],
    ["/settings/users", "no-store"],
    ["/settings/users/1", "no-store"],
    ["/settings/nowhere", "no-store"],
    ["/jobs", "private, no-cache"],
    ["/accounts", "private, no-cache"],
  ] as const;
  for (const [path, expected] of cases) {
    const answer = await portal.asStranger(path, { headers });
    await answer.body?.cancel();
    assert.equal(answer.headers.get("cache-control"), expected, path);
  }
  const body = new URLSearchParams({ name: "deploy", days: "", labels: "", scopes: "jobs.run" });
  const made = await portal.asStranger("/account/tokens", { method: "POST", headers, body });
  assert.equal(made.headers.get("cache-control"), "no-store");
  const shown = await portal.asStranger(made.headers.get("location") ?? "", { headers });
  assert.match(await shown.text(), /jtp_/);
  assert.equal(shown.headers.get("cache-control"), "no-store");
});
