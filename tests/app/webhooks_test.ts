import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { epochMs, type Webhook, type WebhookKind } from "../../shared/domain/mod.ts";
import { createWebhook, type WebhookRequest } from "../../shared/operations/mod.ts";
import { openAccounts } from "../support/accounts.ts";
import { operating } from "../support/operating.ts";
import { onEachDatabase, openPortal, ORIGIN, type TestPortal } from "./_portal.ts";
import { askedOf } from "./_asked.ts";

const NOW = epochMs(Date.parse("2026-01-05T00:00:00Z"));

/** A webhook of a new job with its secret. */
async function given(
  portal: TestPortal,
  request: Partial<WebhookRequest> = {},
  overlap: "allow" | "skip" = "allow",
): Promise<{ readonly webhook: Webhook; readonly secret: string }> {
  const { id: jobId } = await portal.job({ labels: ["finance"], overlap });
  const usual = { jobId, name: "ci", kind: "token", args: [], perMinute: 30 } as const;
  return await createWebhook(operating(portal.store, portal.now()), { ...usual, ...request });
}

interface Answered {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

async function deliver(
  portal: TestPortal,
  { publicId }: Pick<Webhook, "publicId">,
  headers: Readonly<Record<string, string>>,
  body: string = "{}",
): Promise<Answered> {
  const answer = await portal.asStranger(`/hooks/${publicId}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const json: unknown = await answer.json();
  assert.ok(typeof json === "object" && json !== null);
  return { status: answer.status, json: { ...json }, headers: answer.headers };
}

/** The headers by which a sender of a kind proves a body. */
function proof(
  kind: WebhookKind,
  secret: string,
  body: string,
  { id = "d1", at = NOW }: { id?: string; at?: number } = {},
) {
  if (kind === "token") return { authorization: `Bearer ${secret}`, "idempotency-key": id };
  const mac = (key: string | Uint8Array, text: string, encoding: "hex" | "base64") =>
    createHmac("sha256", key).update(text).digest(encoding);
  if (kind === "github") {
    return { "x-hub-signature-256": `sha256=${mac(secret, body, "hex")}`, "x-github-delivery": id };
  }
  const seconds = Math.floor(at / 1000);
  const key = Uint8Array.fromBase64(secret.replace("whsec_", ""));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": `v1,${mac(key, `${id}.${seconds}.${body}`, "base64")}`,
  };
}

onEachDatabase(
  "a delivery that proves its sender starts the job once, and the run says which webhook it was",
  async (open) => {
    await using portal = await openPortal(open, () => NOW);
    for (const kind of ["token", "github", "standard"] as const) {
      const { webhook, secret } = await given(portal, {
        kind,
        name: `${kind} hook`,
        args: ["/ref string", "=--", "/note string"],
      });
      const body = JSON.stringify({ ref: "main", note: "-x" });
      const { status, json } = await deliver(portal, webhook, proof(kind, secret, body), body);
      assert.equal(status, 202);
      const again = await deliver(portal, webhook, proof(kind, secret, body), body);
      assert.deepEqual([again.status, again.json], [202, json], "a delivery that is sent again starts nothing");
      const other = await deliver(portal, webhook, proof(kind, secret, body, { id: "d2" }), body);
      assert.notDeepEqual(other.json, json);
      const [, run] = (await portal.store.runs.list({ jobId: webhook.jobId, limit: 5 })).items;
      assert.deepEqual([run?.trigger, run?.webhook?.name, run?.args], ["webhook", `${kind} hook`, [
        "main",
        "--",
        "-x",
      ]]);
      assert.deepEqual({ run: run?.id }, json);
      const html = await (await portal.get(`/runs/${run?.id}`)).text();
      assert.match(html, new RegExp(`${kind} hook`));
      const [event] = (await portal.store.audit.list({ limit: 1, action: "jobs.run" })).items;
      assert.deepEqual([event?.actor?.name, event?.actor?.kind], [`webhook ${kind} hook`, "service"]);
      assert.equal((await portal.store.webhooks.get(webhook.id))?.lastUsedAt, NOW);
    }
  },
);

onEachDatabase("whoever does not prove to be a sender gets one answer, whatever is at the address", async (open) => {
  await using portal = await openPortal(open, () => NOW);
  const { webhook, secret } = await given(portal, { kind: "standard" });
  const disabled = await given(portal);
  await portal.store.webhooks.update(disabled.webhook.id, { isEnabled: false }, operating(portal.store, NOW));
  const right = proof("standard", secret, "{}");
  const tried: readonly (readonly [Pick<Webhook, "publicId">, Readonly<Record<string, string>>])[] = [
    [{ publicId: "nobody-has-this-address" }, right],
    [{ publicId: "1" }, {}],
    [webhook, {}],
    [webhook, { authorization: `Bearer ${secret}` }],
    [webhook, { ...right, "webhook-id": "other" }],
    [webhook, proof("standard", secret, "{}", { at: NOW - 301_000 })],
    [webhook, proof("github", secret, "{}")],
    [disabled.webhook, { authorization: `Bearer ${disabled.secret}` }],
  ];
  const answers: unknown[] = [];
  for (const [at, headers] of tried) {
    const { status, json: { requestId: _, ...json }, headers: got } = await deliver(portal, at, headers);
    answers.push({ status, json, challenge: got.get("www-authenticate"), limit: got.get("ratelimit") });
  }
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.match(JSON.stringify(answers[0]), /"status":401/);
  const { items } = await portal.store.audit.list({ limit: 50, action: "webhooks.receive" });
  assert.equal(items.length, tried.length);
  assert.equal(items.filter(({ subject }) => subject.id === webhook.id).length, 5, "the audit list says which it was");
  assert.equal((await portal.store.runs.list({ limit: 5 })).items.length, 0);
});

Deno.test("an unknown address and a wrong secret take the same way: each reads one webhook and keeps one event", async () => {
  await using portal = await openPortal(undefined, () => NOW);
  const { webhook } = await given(portal);
  const { webhooks, audit, runs } = portal.store;
  const asked = askedOf({ webhooks, audit, runs });
  for (const at of [{ publicId: "nobody-has-this-address" }, webhook]) {
    asked.length = 0;
    assert.equal((await deliver(portal, at, { authorization: "Bearer jth_wrong" })).status, 401);
    assert.deepEqual(asked, ["webhooks.find", "audit.record"]);
  }
});

Deno.test("a delivery needs no session and gets none: a cookie counts for nothing, and no page of another site matters", async () => {
  await using portal = await openPortal(undefined, () => NOW);
  const { webhook, secret } = await given(portal);
  const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const unproven = await deliver(portal, webhook, { cookie: portal.cookie, ...foreign });
  assert.equal(unproven.status, 401);
  assert.equal((await deliver(portal, webhook, { authorization: `Bearer ${secret}`, ...foreign })).status, 202);
  // No other route is reached by the exception, however its path is written.
  for (const path of ["/hooks/../jobs/1/run", "/hooks/%2e%2e/jobs/1/run", "//hooks/x", "/hooks/x/../../jobs/1/run"]) {
    const answer = await portal.asStranger(path, { method: "POST", headers: { cookie: portal.cookie, ...foreign } });
    await answer.body?.cancel();
    assert.ok(answer.status === 401 || answer.status === 403 || answer.status === 404, `${path}: ${answer.status}`);
  }
  assert.equal((await portal.store.runs.list({ limit: 5 })).items.length, 1);
});

Deno.test("a webhook has a limit of its own, which only its proven senders use up", async () => {
  let now = NOW;
  await using portal = await openPortal(undefined, () => now);
  const { webhook, secret } = await given(portal, { perMinute: 2 });
  for (let i = 0; i < 20; i++) assert.equal((await deliver(portal, webhook, {})).status, 401);
  const send = (id: string) => deliver(portal, webhook, proof("token", secret, "{}", { id }));
  assert.deepEqual([(await send("a")).status, (await send("b")).status], [202, 202]);
  const refused = await send("c");
  assert.deepEqual([refused.status, refused.json["code"], refused.headers.get("retry-after")], [
    429,
    "too_many_requests",
    "30",
  ]);
  const other = await given(portal);
  assert.equal((await deliver(portal, other.webhook, proof("token", other.secret, "{}"))).status, 202);
  now = epochMs(now + 30_000);
  assert.equal((await send("c")).status, 202);
});

Deno.test("a body that is too large, no JSON, too deep or does not fit starts nothing, and the answer names what is wrong", async () => {
  await using portal = await openPortal(undefined, () => NOW);
  const { webhook, secret } = await given(portal, { args: ["/ref string"] });
  const headers = { authorization: `Bearer ${secret}` };
  const cases: readonly (readonly [body: string, type: string, status: number, text: RegExp])[] = [
    [`{"ref":"${"x".repeat(70_000)}"}`, "application/json", 413, /larger than 64 KiB/],
    ["{", "application/json", 400, /no JSON/],
    ['{"ref":"\\ud800"}', "application/json", 400, /half of a surrogate pair/],
    [`${"[".repeat(40)}${"]".repeat(40)}`, "application/json", 400, /deeper than 32/],
    ['{"ref":"main"}', "text/plain", 415, /text\/plain, expected application\/json/],
    ['{"ref":7}', "application/json", 422, /"field":"\/ref".*expected a string, found a number/],
    ['{"ref":"--config=/etc/shadow"}', "application/json", 422, /begins with a dash/],
    ['{"__proto__":{"ref":"main"}}', "application/json", 422, /found nothing/],
  ];
  for (const [body, type, status, text] of cases) {
    const answer = await deliver(portal, webhook, { ...headers, "content-type": type }, body);
    assert.deepEqual(
      [answer.status, text.test(JSON.stringify(answer.json))],
      [status, true],
      JSON.stringify(answer.json),
    );
  }
  assert.equal((await portal.store.runs.list({ limit: 5 })).items.length, 0);
  const vendor = { ...headers, "content-type": "application/vnd.example+json; charset=utf-8" };
  assert.equal((await deliver(portal, webhook, vendor, '{"ref":"main"}')).status, 202);
});

Deno.test("a delivery obeys the overlap policy as a click does", async () => {
  await using portal = await openPortal(undefined, () => NOW);
  const { webhook, secret } = await given(portal, {}, "skip");
  const send = (id: string) => deliver(portal, webhook, proof("token", secret, "{}", { id }));
  assert.equal((await send("a")).status, 202);
  assert.equal((await send("b")).status, 409);
  assert.equal((await send("a")).status, 202, "what was carried out is answered, not refused");
});

Deno.test("a webhook is made, rotated, disabled, enabled and deleted on its page, which shows a secret once", async () => {
  await using portal = await openPortal(undefined, () => NOW);
  const { id } = await portal.job();
  const path = `/jobs/${id}/webhooks`;
  assert.match(await (await portal.get(`/jobs/${id}`)).text(), new RegExp(`href="${path}"`));
  const fields = { name: "ci", kind: "token", args: "=--quiet\r\n/ref string", per_minute: "5" };
  const made = await portal.post(path, fields);
  assert.equal(made.status, 303);
  const shown = made.headers.get("location") ?? "";
  const html = await (await portal.get(shown)).text();
  const secret = /class="secret">(jth_\w+)</.exec(html)?.[1] ?? "";
  assert.ok(secret.length > 40, html);
  assert.doesNotMatch(shown, new RegExp(secret));
  const again = await (await portal.get(shown)).text();
  assert.ok(!again.includes(secret), "a page that is loaded again shows nothing and makes nothing");
  const [webhook] = await portal.store.webhooks.list(id);
  assert.ok(webhook !== undefined);
  assert.equal((await portal.store.webhooks.list(id)).length, 1);
  assert.deepEqual([webhook.args, webhook.perMinute], [["=--quiet", "/ref string"], 5]);
  assert.match(html, new RegExp(`>POST<.*>${ORIGIN}/hooks/${webhook.publicId}<`));
  const send = (bearer: string) => deliver(portal, webhook, { authorization: `Bearer ${bearer}` }, '{"ref":"x"}');
  assert.equal((await send(secret)).status, 202);
  const rotated = await portal.post(`${path}/${webhook.id}/rotate`);
  const next = /class="secret">(jth_\w+)</.exec(await (await portal.get(rotated.headers.get("location") ?? "")).text());
  assert.equal((await send(secret)).status, 401);
  assert.notEqual((await send(next?.[1] ?? "")).status, 401);
  await portal.post(`${path}/${webhook.id}/disable`);
  assert.equal((await send(next?.[1] ?? "")).status, 401);
  await portal.post(`${path}/${webhook.id}/enable`);
  assert.notEqual((await send(next?.[1] ?? "")).status, 401);
  const own = `${path}/${webhook.id}`;
  const form = await (await portal.get(own)).text();
  assert.match(form, /<textarea[^>]*>=--quiet\n\/ref string<\/textarea>/);
  const refused = await portal.post(own, { name: "renamed", args: "/ref wood", per_minute: "7" });
  assert.equal(refused.status, 422);
  assert.match(await refused.text(), />\/ref wood<\/textarea>/, "what was typed stays");
  const { kind: _, ...edited } = { ...fields, name: "renamed", args: "", per_minute: "7" };
  assert.equal((await portal.post(own, edited)).headers.get("location"), `${path}?notice=webhook_saved`);
  const changed = await portal.store.webhooks.get(webhook.id);
  assert.deepEqual([changed?.name, changed?.args, changed?.perMinute], ["renamed", [], 7]);
  assert.notEqual((await send(next?.[1] ?? "")).status, 401, "its address and secret stay");
  const wrong = await portal.post(path, { ...fields, args: "ref", per_minute: "x", name: "b" });
  assert.equal(wrong.status, 422);
  assert.match(await wrong.text(), /expected a whole number from 1 to 600/);
  assert.equal((await portal.post(`${path}/${webhook.id}/delete`)).status, 303);
  assert.deepEqual(await portal.store.webhooks.list(id), []);
});

Deno.test("only an editor of the job sees and changes its webhooks, and a denial stands in the audit list", async () => {
  await using portal = await openPortal();
  const { webhook } = await given(portal);
  const other = await portal.job();
  const { as } = await openAccounts(portal);
  const path = `/jobs/${webhook.jobId}/webhooks`;
  for (
    const [who, status] of [["viewer", 403], ["operator", 403], ["finance operator", 403], ["editor", 200]] as const
  ) {
    const headers = { cookie: await as(who), "sec-fetch-site": "same-origin" };
    const page = await portal.asStranger(path, { headers });
    const text = await page.text();
    assert.deepEqual([page.status, text.includes(webhook.publicId)], [status, status === 200], who);
    const init = { method: "POST", headers, body: new URLSearchParams() };
    if (status === 403) {
      const answer = await portal.asStranger(`${path}/${webhook.id}/delete`, init);
      await answer.body?.cancel();
      assert.equal(answer.status, 403);
      const [event] = (await portal.store.audit.list({ limit: 1 })).items;
      assert.deepEqual([event?.outcome, event?.action], ["denied", "webhooks.edit"]);
    } else {
      const foreign = await portal.asStranger(`/jobs/${other.id}/webhooks/${webhook.id}/delete`, init);
      await foreign.body?.cancel();
      assert.equal(foreign.status, 404, "a webhook is found below its own job alone");
    }
  }
  assert.equal((await portal.store.webhooks.list(webhook.jobId)).length, 1);
});
