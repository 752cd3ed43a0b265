/**
 * Who may open what, for every route that there is: the tests are made from the files of `routes/` and the table of permissions.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { modulesIn } from "../../app/fresh/build.ts";
import { parseRouteFiles } from "../../app/fresh/files.ts";
import { METHODS } from "../../app/fresh/handlers.ts";
import { permissionOf, ROUTE_PERMISSIONS, type RoutePermission } from "../../app/server/access/route_permissions.ts";
import { PERMISSION_RULES } from "../../shared/access/mod.ts";
import { type Role, ROLES } from "../../shared/domain/mod.ts";
import { openPortal, ORIGIN, type TestPortal } from "./_portal.ts";
import { NOBODY, openAccounts } from "../support/accounts.ts";
import { operating } from "../support/operating.ts";
import { beginSession, createUser } from "../../shared/operations/mod.ts";
import { askedOf } from "./_asked.ts";

const ROUTES = fileURLToPath(new URL("../../app/routes", import.meta.url));

/** What needs no session. */
const PUBLIC = [
  "GET /healthz",
  "GET /livez",
  "GET /metrics",
  "GET /readyz",
  "GET /sign-in",
  "GET /sign-in/oidc",
  "GET /sign-in/oidc/callback",
  "POST /hooks/:id",
  "POST /sign-in",
];

/** A route of the application with a method that it answers. */
interface Route {
  readonly pattern: string;
  readonly method: string;
}

/** Every route with each of its methods, as the files of `routes/` make them. */
async function routeTable(): Promise<readonly Route[]> {
  const files = (await modulesIn(ROUTES)).map((path) => [path.replace(/\.\w+$/, ""), path] as const);
  const table: Route[] = [];
  for (const [name, path] of files) {
    const [route] = parseRouteFiles([[name, { default: () => null }]]).filter(({ kind }) => kind === "route");
    if (route === undefined) continue;
    const { handler } = await import(`${ROUTES}/${path}`);
    const methods = handler === undefined ? ["GET"] : Object.keys(handler);
    for (const method of methods) table.push({ pattern: route.pattern, method });
  }
  return table;
}

function pathOf(pattern: string): string {
  return pattern.replaceAll(/:\w+/g, "1");
}

Deno.test("the table of permissions names every route with each method that it answers, and nothing else", async () => {
  const routes = (await routeTable()).map(({ method, pattern }) => `${method} ${pattern}`).toSorted();
  assert.ok(routes.length > 40, `${routes.length} routes`);
  const table = Object.entries(ROUTE_PERMISSIONS)
    .flatMap(([pattern, methods]) => Object.keys(methods).map((method) => `${method} ${pattern}`)).toSorted();
  assert.deepEqual(table, routes);
});

Deno.test("what the table of permissions says to be for everybody is as short as it was", () => {
  const found = Object.entries(ROUTE_PERMISSIONS).flatMap(([pattern, methods]) =>
    Object.entries(methods).filter(([, takes]) => takes === "public").map(([method]) => `${method} ${pattern}`)
  );
  assert.deepEqual(found.toSorted(), PUBLIC);
});

Deno.test("what the table of permissions does not name is refused, whatever JavaScript finds under the name", () => {
  for (const pattern of ["/nowhere", "", "constructor", "__proto__", "toString"]) {
    assert.equal(permissionOf(pattern, "GET"), "none");
  }
  assert.equal(permissionOf("/jobs", "DELETE"), "no method");
  assert.equal(permissionOf("/jobs", "constructor"), "no method");
  assert.equal(permissionOf("/jobs", "HEAD"), "jobs.read");
});

for (const hasAccounts of [false, true]) {
  const when = hasAccounts ? "once there are accounts" : "before there are accounts";
  Deno.test(`whoever is not signed in gets 401 from every route, with every method, ${when}`, async () => {
    await using portal = await openPortal();
    await portal.job();
    if (hasAccounts) await openAccounts(portal);
    const patterns = new Set((await routeTable()).map(({ pattern }) => pattern));
    for (const pattern of [...patterns, "/nowhere", "/api/v1/jobs"]) {
      for (const method of METHODS) {
        if (PUBLIC.includes(`${method === "HEAD" ? "GET" : method} ${pattern}`)) continue;
        const response = await portal.asStranger(pathOf(pattern), { method, headers: { origin: ORIGIN } });
        const text = await response.text();
        assert.equal(response.status, 401, `${method} ${pattern}`);
        assert.doesNotMatch(text, /Backup|alice/i);
        assert.equal(response.headers.get("set-cookie"), null);
      }
    }
  });
}

Deno.test("static files and the health check are for everybody", async () => {
  await using portal = await openPortal();
  for (const path of ["/styles.css", "/icons.svg", "/favicon.svg", "/healthz", "/livez", "/readyz", "/sign-in"]) {
    const response = await portal.asStranger(path);
    assert.equal(response.status, 200, path);
    await response.body?.cancel();
  }
});

/** Whether somebody with this role on everything has what a route takes. */
function isEnough(role: Role, takes: RoutePermission): boolean {
  if (takes === "public" || takes === "signed in") return true;
  return ROLES.indexOf(role) >= ROLES.indexOf(PERMISSION_RULES[takes].role);
}

for (const role of ROLES) {
  Deno.test(`a ${role} gets 403 from the routes that take more, and from no other`, async () => {
    await using portal = await openPortal();
    const job = await portal.job();
    const { dispatchId } = await portal.claim(job);
    assert.deepEqual([job.id, dispatchId], [1, 1]);
    const { as } = await openAccounts(portal);
    for (const [pattern, methods] of Object.entries(ROUTE_PERMISSIONS)) {
      for (const [method, takes] of Object.entries(methods)) {
        // Somebody else's account: nobody resets a password of their own.
        const path = pathOf(pattern.replace("/users/:id", "/users/2"));
        const status = await statusOf(portal, await as(role), method, path);
        const name = `${method} ${pattern}, which takes ${takes}`;
        // Without a name nobody is signed in, whatever session there is.
        if (method === "POST" && (pattern === "/sign-in" || pattern === "/hooks/:id")) assert.equal(status, 401, name);
        // A token of its own opens it too, so the route decides.
        else if (pattern === "/metrics") assert.equal(status, isEnough(role, "system.inspect") ? 200 : 403, name);
        else if (isEnough(role, takes)) {
          assert.ok(status !== 401 && status !== 403 && status < 500, `${name}: ${status}`);
        } else assert.equal(status, 403, name);
      }
    }
  });
}

/** The status of an answer whose body nobody reads: some are streams. */
async function statusOf(portal: TestPortal, cookie: string, method: string, path: string): Promise<number> {
  const response = await portal.asStranger(path, {
    method,
    headers: { cookie, origin: ORIGIN },
    ...(method === "POST" && { body: new URLSearchParams() }),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("a refusal says which role it takes and whose it is, as a page and as JSON", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const headers = { cookie: await as("viewer") };
  const page = await portal.asStranger("/settings/users", { headers });
  assert.match(await page.text(), /To see users.* takes the role admin; yours is viewer/);
  const json = await portal.asStranger("/api/schedule/preview", { headers });
  assert.equal(json.status, 403);
  assert.match((await json.json()).error.message, /takes the role editor/);
});

Deno.test("pages draw no button that their reader may not use", async () => {
  await using portal = await openPortal();
  const job = await portal.job({ labels: ["finance"] });
  const other = await portal.job({ name: "Other" });
  const { dispatchId: run } = await portal.claim(job);
  const { as } = await openAccounts(portal);
  const actions = async (who: string, path: string) => {
    const response = await portal.asStranger(path, { headers: { cookie: await as(who) } });
    assert.equal(response.status, 200, path);
    // A form that asks its own page again finds something on it.
    const html = (await response.text()).replaceAll(`<form method="get" action="${path}"`, "");
    const forms = [...html.matchAll(/action="(\/(?:jobs|runs)\/[^"?#]*)"/g)].map(([, to = ""]) => to);
    const links = [...html.matchAll(/<a [^>]*href="(\/(?:jobs|runs)\/[^"?#]*)["?#]/g)].map(([, to = ""]) => to)
      .filter((to) => !permissionOf(to.replace(/\d+/, ":id"), "GET").endsWith(".read"));
    return [...new Set([...forms, ...links])].toSorted();
  };
  const path = `/jobs/${job.id}`;
  // Views belong to who saves them.
  const [bulk, views] = ["/jobs/bulk", "/jobs/views"];
  assert.deepEqual(await actions("viewer", path), []);
  assert.deepEqual(await actions("viewer", "/jobs"), [views]);
  assert.deepEqual(await actions("viewer", `/runs/${run}`), []);
  assert.deepEqual(await actions("operator", path), [`${path}/backfill`, `${path}/pause`, `${path}/run`]);
  const runs = [job, other].map(({ id }) => `/jobs/${id}/run`);
  assert.deepEqual(await actions("operator", "/jobs"), [...runs, bulk, views]);
  assert.deepEqual(await actions("finance operator", "/jobs"), [`${path}/run`, bulk, views]);
  assert.deepEqual(await actions("operator", `/runs/${run}`), [`${path}/run`, `/runs/${run}/cancel`]);
  assert.ok((await actions("editor", path)).includes(`${path}/delete`));
  assert.ok((await actions("editor", "/jobs")).includes("/jobs/new"));
  // The address of the question, typed by hand.
  const asked = async (who: string, what: string) =>
    await portal.asStranger(`/jobs/bulk?do=${what}&all=1`, { headers: { cookie: await as(who) } });
  const refused = await asked("viewer", "pause");
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /To run jobs takes the role operator/);
  assert.equal((await asked("finance operator", "pause")).status, 200);
  // The number beside "All that match" is of the jobs that its reader sees.
  const matching = async (who: string) =>
    await (await portal.asStranger("/api/matching?all=1", { headers: { cookie: await as(who) } })).text();
  assert.deepEqual([await matching("operator"), await matching("finance operator")], ["2", "1"]);
  assert.equal((await asked("operator", "delete")).status, 403);
});

Deno.test("whoever has a role on one label sees the jobs, runs and outputs of that label alone", async () => {
  await using portal = await openPortal();
  const mine = await portal.job({ name: "Invoices", labels: ["finance"] });
  const theirs = await portal.job({ name: "Payroll", labels: ["people"] });
  const [own, foreign] = [await portal.claim(mine), await portal.claim(theirs)];
  const { as } = await openAccounts(portal);
  const cookie = await as("finance operator");
  const get = async (path: string) => {
    const response = await portal.asStranger(path, { headers: { cookie } });
    return { status: response.status, text: await response.text() };
  };
  for (const path of ["/jobs", "/runs", `/jobs?also=${theirs.id}`, `/runs?also=${foreign.dispatchId}`]) {
    const { text } = await get(path);
    assert.match(text, /Invoices/, path);
    assert.doesNotMatch(text, /Payroll/, path);
  }
  for (const path of ["", "/run", "/backfill"]) assert.equal((await get(`/jobs/${mine.id}${path}`)).status, 200, path);
  assert.equal((await get(`/runs/${own.dispatchId}/log`)).status, 200);
  for (const path of ["", "/run", "/edit", "/delete", "/backfill"]) {
    const found = await get(`/jobs/${theirs.id}${path}`);
    assert.ok(found.status === 404 || found.status === 403, `${path}: ${found.status}`);
    assert.doesNotMatch(found.text, /Payroll/);
  }
  for (
    const path of [
      `/runs/${foreign.dispatchId}`,
      `/runs/${foreign.dispatchId}/log`,
      `/api/runs/${foreign.dispatchId}/events`,
    ]
  ) {
    assert.equal((await get(path)).status, 404, path);
  }
  assert.equal((await get(`/jobs/${mine.id}/edit`)).status, 403, "an operator edits nothing");
});

Deno.test("a page with a session reads one row more than without, and notes its use once a minute", async () => {
  await using portal = await openPortal();
  const { as } = await openAccounts(portal);
  const cookie = await as("viewer");
  // What operations read goes through the guarded store, what they write through the whole one: both share these objects.
  const { users, sessions } = portal.store;
  const asked = askedOf({ users, sessions });
  await (await portal.asStranger("/jobs", { headers: { cookie } })).body?.cancel();
  assert.deepEqual(asked, ["sessions.find"]);
});

Deno.test("whoever is denied a change of a job by a form of its page stands in the audit list", async () => {
  await using portal = await openPortal();
  const { id } = await portal.job({ labels: ["hr"] });
  const hidden = await portal.job({ labels: ["secret"] });
  const grants = [{ label: "finance", role: "editor" }, { label: "hr", role: "viewer" }] as const;
  const context = operating(portal.store, portal.now());
  const user = await createUser(context, { ...NOBODY, name: "fin", password: null, grants });
  const begun = await beginSession(context, { user, method: "local", address: "192.0.2.7", userAgent: "tests" });
  const headers = { cookie: `session_8000=${begun?.secret}`, "sec-fetch-site": "same-origin" };
  const tried = [["run", "jobs.run"], ["edit", "jobs.edit"], ["backfill", "jobs.run"], [
    "delete",
    "jobs.delete",
  ]] as const;
  for (const [path, action] of tried) {
    for (const [job, status] of [[id, 403], [hidden.id, 404]] as const) {
      const init = { method: "POST", headers, body: new URLSearchParams() };
      const answer = await portal.asStranger(`/jobs/${job}/${path}`, init);
      await answer.body?.cancel();
      assert.equal(answer.status, status, path);
      const [event] = (await portal.store.audit.list({ limit: 1 })).items;
      assert.deepEqual([event?.outcome, event?.action, event?.subject.id, event?.actor?.name], [
        "denied",
        action,
        job,
        "fin",
      ]);
    }
  }
});
