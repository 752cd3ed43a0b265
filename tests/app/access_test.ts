import assert from "node:assert/strict";
import { HttpError } from "fresh";
import { ProcessSessions } from "../../app/server/access/sessions.ts";
import { SESSION_IDLE_MS, SESSION_LIFE_MS } from "../../shared/domain/mod.ts";
import { openPortal, ORIGIN } from "./_portal.ts";

Deno.test("the printed address signs in, leads to the clean address, and its token stays out of everything else", async () => {
  await using portal = await openPortal();
  const { token } = portal;
  assert.ok(token.length >= 43, "a token has 256 bits");
  const response = await portal.asStranger(`/runs?status=FAILED&token=${token}&job=1`);
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), "/runs?status=FAILED&job=1");
  assert.equal(response.headers.get("referrer-policy"), "no-referrer");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const [cookie = "", ...others] = response.headers.getSetCookie();
  assert.deepEqual(others, []);
  assert.match(cookie, /^session_8000=[\w-]{43}; Path=\/; Max-Age=604800; SameSite=Lax; HttpOnly$/);
  assert.ok(!cookie.includes(token), "the cookie holds the token");
  for (let load = 0; load < 2; load++) {
    const page = await portal.asStranger("/jobs", { headers: { cookie: cookie.split(";")[0] ?? "" } });
    assert.equal(page.status, 200);
    assert.ok(!(await page.text()).includes(token));
  }
  const said = [...portal.logged, ...portal.noted].join("\n");
  assert.ok(!said.includes(token), "the token is in the log");
  assert.ok(!Deno.inspect(portal.portal.access, { depth: 9 }).includes(token), "the token is kept");
});

Deno.test("whoever is signed in already gets the clean address, whatever the token is", async () => {
  await using portal = await openPortal();
  for (const token of [portal.token, "old"]) {
    const response = await portal.get(`/jobs?token=${token}`);
    assert.deepEqual([response.status, response.headers.get("location")], [303, "/jobs"]);
    assert.equal(response.headers.get("set-cookie"), null);
  }
});

for (
  const [name, path, init] of [
    ["with another token", `/?token=${"A".repeat(43)}`, {}],
    ["with an empty token", "/?token=", {}],
    ["with the cookie of nobody", "/jobs", { headers: { cookie: `session_8000=${"A".repeat(43)}` } }],
    ["with an empty cookie", "/jobs", { headers: { cookie: "session_8000=" } }],
  ] as const
) {
  Deno.test(`a visitor without a session ${name} is refused and sees how to sign in`, async () => {
    await using portal = await openPortal();
    const response = await portal.asStranger(path, init);
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    assert.equal(response.headers.get("set-cookie"), null);
    const html = await response.text();
    assert.match(html, /http:\/\/127\.0\.0\.1:…\/\?token=…/);
    assert.doesNotMatch(html, /href="\/runs"|action="\/preferences"/);
  });
}

Deno.test("a token is only taken from the address of a GET, and the session of another port is another", async () => {
  await using portal = await openPortal();
  const posted = await portal.asStranger(`/jobs/new?token=${portal.token}`, {
    method: "POST",
    headers: { origin: ORIGIN },
  });
  assert.equal(posted.status, 401);
  await posted.body?.cancel();
  const elsewhere = await portal.get("/jobs", { headers: { host: "127.0.0.1:8001" } });
  assert.equal(elsewhere.status, 401);
  await elsewhere.body?.cancel();
});

Deno.test("a session of the local administrator ends when it was idle too long, and at last in any case", () => {
  let now = 0;
  const sessions = new ProcessSessions({ monotonic: () => now });
  const idle = sessions.start();
  now = SESSION_IDLE_MS - 1;
  assert.equal(sessions.has(idle), true);
  now += SESSION_IDLE_MS;
  assert.equal(sessions.has(idle), false);
  const busy = sessions.start();
  const begun = now;
  for (; now - begun < SESSION_LIFE_MS; now += SESSION_IDLE_MS / 2) {
    assert.equal(sessions.has(busy), true);
  }
  assert.equal(sessions.has(busy), false);
  assert.ok(!Deno.inspect(sessions, { showHidden: true, depth: 9 }).includes(busy));
});

Deno.test("each change is noted once: who, what, where it led, and the request id of the answer", async () => {
  await using portal = await openPortal();
  const job = await portal.job();
  const before = portal.noted.length;
  const response = await portal.post(`/jobs/${job.id}/pause`);
  await portal.post("/jobs/new", { intent: "preview", schedule: "every 5m" });
  await portal.get("/jobs");
  const [line = "", ...more] = portal.noted.slice(before);
  assert.deepEqual(more, []);
  for (
    const part of ["local administrator", "POST", `/jobs/${job.id}/pause`, response.headers.get("x-request-id") ?? "?"]
  ) {
    assert.ok(line.includes(part), `${part} is not in ${line}`);
  }
});

Deno.test("each refused request is one warning with its request id, until there are too many", async () => {
  await using portal = await openPortal();
  const refused = [
    await portal.asStranger("/jobs"),
    await portal.post("/jobs/new", {}, { headers: { origin: "https://evil.example" } }),
    await portal.get("/jobs", { headers: { host: "evil.example" } }),
  ];
  assert.deepEqual(refused.map(({ status }) => status), [401, 403, 421]);
  assert.equal(portal.logged.length, refused.length);
  refused.forEach(({ headers }, i) => assert.ok(portal.logged[i]?.includes(headers.get("x-request-id") ?? "?")));
  for (let i = 0; i < 100; i++) await (await portal.asStranger("/jobs")).body?.cancel();
  assert.ok(portal.logged.length <= 20, `${portal.logged.length} lines`);
  portal.stop();
  await Promise.resolve();
  assert.match(portal.logged.at(-1) ?? "", /more requests.*left: 83/s);
});

Deno.test("an error page names no path of this machine and no host", async () => {
  await using portal = await openPortal();
  const { StoreUnavailable } = await import("../../shared/domain/mod.ts");
  const detail = "Cannot use the database postgresql://operator@db.internal/jobs: /srv/secret is full";
  for (const error of [new StoreUnavailable(detail), new Error(detail), new HttpError(421)]) {
    Object.defineProperty(portal.store.jobs, "list", { value: () => Promise.reject(error), configurable: true });
    const html = await (await portal.get("/jobs")).text();
    assert.doesNotMatch(html, /operator|internal|\/srv/);
  }
  const foreign = await portal.get("/jobs", { headers: { host: "evil.example" } });
  assert.doesNotMatch(await foreign.text(), /evil/);
});
