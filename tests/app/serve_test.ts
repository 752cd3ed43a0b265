import assert from "node:assert/strict";
import { signInAt } from "../support/sign_in.ts";
import { openSite, runTask, Service } from "../support/process.ts";

Deno.test("serve prints its address, answers there, and ends cleanly though a page still listens", async () => {
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
  service.kill("SIGTERM");
  assert.equal((await service.ended()).code, 0);
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

Deno.test("serve refuses every address but this machine's own", async () => {
  await using site = await openSite();
  for (const host of ["0.0.0.0", "::", "192.168.1.5"]) {
    const { code, stderr } = await runTask("serve", { env: { ...site.env, WEB_HOST: host } });
    assert.equal(code, 2);
    assert.match(stderr, /WEB_HOST: .*127\.0\.0\.1/);
  }
});
