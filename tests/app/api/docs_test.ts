import assert from "node:assert/strict";
import { openEdge } from "../../../app/server/edge.ts";
import { webhookPath } from "../../../shared/api/mod.ts";
import { createWebhook } from "../../../shared/operations/mod.ts";
import { operating } from "../../support/operating.ts";
import { openPortal } from "../_portal.ts";
import { newToken } from "./_client.ts";

const DOCS = new URL("../../../docs/api.md", import.meta.url);

Deno.test("the commands of docs/api.md do what they are there for", async () => {
  await using portal = await openPortal();
  const edge = openEdge(portal.portal, { hostname: "127.0.0.1", port: 0 }, portal.handler);
  try {
    const env = {
      JOBTRIGGER_TOKEN: await newToken(portal),
      JOBTRIGGER_URL: `http://127.0.0.1:${edge.addr.port}`,
    };
    const [, block = ""] = /```sh\n(.*?)```/s.exec(await Deno.readTextFile(DOCS)) ?? [];
    const lines = block.trim().split("\n");
    assert.ok(lines.length >= 8);
    for (const line of lines) {
      const answer = await fetch(requestOf(await argumentsOf(line, env)));
      const text = await answer.text();
      assert.ok(answer.ok, `${line} answered ${answer.status} ${text}`);
    }
    assert.deepEqual((await portal.store.jobs.list({ limit: 10 })).items, []);
  } finally {
    portal.stop();
    await edge.shutdown();
  }
});

Deno.test("the delivery of docs/webhooks.md starts the job of its webhook", async () => {
  await using portal = await openPortal();
  const { id: jobId } = await portal.job();
  const request = { jobId, name: "ci", kind: "token", args: ["=--quiet", "/ref string"], perMinute: 30 } as const;
  const { webhook, secret } = await createWebhook(operating(portal.store, portal.now()), request);
  const edge = openEdge(portal.portal, { hostname: "127.0.0.1", port: 0 }, portal.handler);
  try {
    const env = {
      WEBHOOK_SECRET: secret,
      WEBHOOK_PATH: webhookPath(webhook),
      JOBTRIGGER_URL: `http://127.0.0.1:${edge.addr.port}`,
    };
    const text = await Deno.readTextFile(new URL("../../../docs/webhooks.md", import.meta.url));
    const [, line = ""] = /```sh\n(curl .*)\n```/.exec(text) ?? [];
    const answer = await fetch(requestOf(await argumentsOf(line, env)));
    assert.deepEqual([answer.status, await answer.json()], [202, { run: 1 }]);
    const [run] = (await portal.store.runs.list({ limit: 1 })).items;
    assert.deepEqual(run?.args, ["--quiet", "main"]);
  } finally {
    portal.stop();
    await edge.shutdown();
  }
});

Deno.test("the scrape of docs/monitor.md reads the metrics", async () => {
  const metricsToken = "granite-otter-lantern-seven-granite";
  await using portal = await openPortal(undefined, null, undefined, { metricsToken });
  const edge = openEdge(portal.portal, { hostname: "127.0.0.1", port: 0 }, portal.handler);
  try {
    const text = await Deno.readTextFile(new URL("../../../docs/monitor.md", import.meta.url));
    const line = (/^curl .*$/m.exec(text)?.[0] ?? "").replace(":8000", `:${edge.addr.port}`);
    const answer = await fetch(requestOf(await argumentsOf(line, { WEB_METRICS_TOKEN: metricsToken })));
    assert.match(await answer.text(), /^jobtrigger_database_up 1$/m);
  } finally {
    portal.stop();
    await edge.shutdown();
  }
});

/** What a shell hands to curl, which a bare machine does not have. */
async function argumentsOf(line: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const script = `curl() { printf '%s\\0' "$@"; }; ${line}`;
  const { success, stdout } = await new Deno.Command("sh", { args: ["-c", script], env, stderr: "inherit" }).output();
  assert.ok(success, line);
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

/** The request that curl would send. @throws {Error} for an option that this does not know. */
function requestOf(args: readonly string[]): Request {
  const headers = new Headers();
  let method: string | null = null;
  let body: string | null = null;
  let url: string | null = null;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const value = () => args[++at] ?? assert.fail(`${arg} without a value`);
    if (arg === "-s") continue;
    else if (arg === "-X") method = value();
    else if (arg === "-d") body = value();
    else if (arg === "-H") {
      const [, name = "", text = ""] = /^([^:]+): (.*)$/.exec(value()) ?? [];
      headers.set(name, text);
    } else if (arg.startsWith("-")) assert.fail(`The option ${arg} is unknown`);
    else url = arg;
  }
  return new Request(url ?? assert.fail("no address"), {
    method: method ?? (body === null ? "GET" : "POST"),
    headers,
    body,
  });
}
