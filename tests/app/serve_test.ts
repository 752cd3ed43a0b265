import assert from "node:assert/strict";
import { openAccounts } from "../support/accounts.ts";
import { CLIENT_SECRET, startProvider, TestBrowser } from "../support/identity_provider.ts";
import { signInAt } from "../support/sign_in.ts";
import { openSite, runTask, Service } from "../support/process.ts";

const PUBLIC = "https://jobs.example.com";

Deno.test("serve prints its address, answers there, and ends cleanly though a page still listens; the list of services has it meanwhile", async () => {
  await using site = await openSite({ WEB_PORT: "0" });
  await using service = await Service.start("serve", site.env);
  const address = (await service.line(/^Job Trigger Portal: /)).replace("Job Trigger Portal: ", "");
  const { origin, cookie } = await signInAt(address);
  const headers = { cookie };
  const page = await fetch(`${origin}/jobs`, { headers });
  assert.equal(page.status, 200);
  await page.body?.cancel();
  const stream = await fetch(`${origin}/api/events?since=`, { headers });
  const reader = stream.body?.getReader();
  await reader?.read();
  const kinds = async () => (await site.store.services.list()).map(({ kind }) => kind);
  assert.deepEqual(await kinds(), ["web"]);
  service.kill("SIGTERM");
  assert.equal((await service.ended()).code, 0);
  assert.deepEqual(await kinds(), []);
  await reader?.cancel().catch(() => {});
});

Deno.test("serve answers 503 while its SQLite file is away, though a page listens, and goes on when it is back", async () => {
  await using site = await openSite({ WEB_PORT: "0" });
  await using service = await Service.start("serve", site.env);
  const address = (await service.line(/^Job Trigger Portal: /)).replace("Job Trigger Portal: ", "");
  const { origin, cookie } = await signInAt(address);
  const headers = { cookie };
  const statusOf = async (path: string) => {
    const answer = await fetch(`${origin}/${path}`, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  const stream = await fetch(`${origin}/api/events?since=`, { headers });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  const nextChange = async () => {
    while (!/^event: /m.test((await reader?.read())?.value ?? "event: ended")) continue;
  };
  await nextChange();
  await Deno.rename(site.path, `${site.path}.away`);
  await nextChange();
  assert.deepEqual([await statusOf("jobs"), await statusOf("healthz")], [503, 503]);
  await Deno.rename(`${site.path}.away`, site.path);
  await nextChange();
  assert.deepEqual([await statusOf("jobs"), await statusOf("healthz")], [200, 200]);
  await reader?.cancel();
  service.kill("SIGTERM");
  assert.equal((await service.ended()).code, 0);
});

Deno.test("serve says which port is in use", async () => {
  await using site = await openSite();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stderr } = await runTask("serve", { env: { ...site.env, WEB_PORT: String(taken.addr.port) } });
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(`WEB_PORT: 127\\.0\\.0\\.1:${taken.addr.port} is in use`));
});

Deno.test("serve refuses an address that other machines reach until there is an administrator, and says what to do", async () => {
  await using site = await openSite({ WEB_PORT: "0" });
  for (const host of ["0.0.0.0", "::", "192.0.2.5"]) {
    const { code, stderr } = await runTask("serve", { env: { ...site.env, WEB_HOST: host } });
    assert.equal(code, 2);
    assert.match(stderr, /WEB_HOST: cannot listen on .* while there is no administrator.*make the first account/s);
  }
});

Deno.test("serve listens beyond this machine for an administrator, prints no token, and says whether TLS is in front", async () => {
  await using site = await openSite({ WEB_PORT: "0", WEB_HOST: "0.0.0.0" });
  await openAccounts({ store: site.store });
  for (
    const [settings, tls] of [[{}, "without TLS in front"], [
      { WEB_PUBLIC_URL: PUBLIC },
      `with TLS in front at ${PUBLIC}`,
    ]] as const
  ) {
    await using service = await Service.start("serve", { ...site.env, ...settings });
    const line = await service.line(/^Job Trigger Portal: /);
    assert.match(line, /\(sign in with your account\)$/);
    assert.doesNotMatch(line, /token/);
    const started = await service.line(/The portal has started/);
    assert.ok(started.includes(tls), started);
    if (tls.startsWith("without")) await service.line(/Other machines reach the portal without TLS/);
    const port = /:(\d+)/.exec(started.replace(/^.*http:/, ""))?.[1];
    const answer = await fetch(`http://127.0.0.1:${port}/jobs`);
    assert.equal(answer.status, 401);
    assert.match(await answer.text(), /type="password"/);
    service.kill("SIGTERM");
    assert.equal((await service.ended()).code, 0);
  }
});

Deno.test("serve signs in by an identity provider, though it has given up the network but for its own address", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const origin = `http://127.0.0.1:${port}`;
  await using provider = await startProvider(origin);
  await using site = await openSite({
    WEB_PORT: String(port),
    WEB_PUBLIC_URL: origin,
    WEB_OIDC_ISSUER: provider.issuer,
    WEB_OIDC_CLIENT_ID: "portal",
    WEB_OIDC_CLIENT_SECRET: CLIENT_SECRET,
    WEB_OIDC_ROLES: "it-admins=admin",
  });
  await using service = await Service.start("serve", site.env);
  await service.line(/The portal has started/);
  const browser = new TestBrowser(origin, (path, init) => fetch(origin + path, { ...init, redirect: "manual" }));
  const done = await browser.signIn(
    { sub: "1", preferred_username: "alice", groups: ["it-admins"] },
    "/settings/users",
  );
  assert.deepEqual([done.status, done.headers.get("location")], [303, "/settings/users"]);
  const page = await browser.get("/settings/users");
  assert.match(await page.text(), /alice/);
  service.kill("SIGTERM");
  assert.equal((await service.ended()).code, 0);
});
