import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { epochMs, type Incident } from "../../shared/domain/mod.ts";
import { createChannel, createRule } from "../../shared/operations/mod.ts";
import { openAccounts } from "../support/accounts.ts";
import { by } from "../support/actor.ts";
import { events } from "../support/live.ts";
import { operating } from "../support/operating.ts";
import { openPortal, type TestPortal } from "./_portal.ts";

const NOW = epochMs(Date.parse("2026-01-05T00:00:00Z"));
const HOOK = {
  name: "ops",
  kind: "webhook",
  url: "https://hooks.example.com/do-not-show",
  token: "",
  from: "",
  to: "",
};
const RULE = {
  name: "Long",
  condition: "runs_over",
  limit: "1h",
  label: "",
  job: "",
  channels: "ops",
  remind: "4h",
  quiet_from: "22:00",
  quiet_until: "07:00",
  quiet_zone: "Europe/Berlin",
};
const HOSTILE = '<script>alert(1)</script>"&';

/** The text of an update, which may be compressed. */
function updateText(data: string): string {
  return data.startsWith("{") || data === "" ? data : gunzipSync(Uint8Array.fromBase64(data)).toString();
}

/** An open incident of a job with a label. */
async function incident(portal: TestPortal, labels: readonly string[]): Promise<Incident> {
  const context = operating(portal.store, NOW);
  const job = await portal.job({ labels });
  await createChannel(context, { name: "ops", kind: "slack", url: "https://hooks.example.com/x" });
  const { rule } = await createRule(context, { name: "Long", condition: "runs_over", limit: 60, channels: ["ops"] });
  const finding = { jobId: job.id, jobName: job.name, isBroken: true, message: HOSTILE, at: NOW, isEvent: false };
  await portal.store.alerts.settle([{ rule, findings: [finding], isWhole: false }], NOW);
  const [made] = (await portal.store.alerts.incidents({ limit: 1 })).items;
  assert.ok(made !== undefined);
  return made;
}

Deno.test("channels and rules are made by forms, which keep what was typed but no secret, and a secret is shown once", async () => {
  await using portal = await openPortal(undefined, () => NOW);
  const wrong = await portal.post("/settings/alerts", { ...HOOK, name: "x".repeat(300), token: "do-not-show" });
  const text = await wrong.text();
  assert.equal(wrong.status, 422);
  assert.match(text, /id="field-token-problem"/);
  assert.doesNotMatch(text, /do-not-show/);
  const made = await portal.post("/settings/alerts", HOOK);
  const shown = made.headers.get("location") ?? "";
  assert.match(shown, /^\/settings\/alerts\?notice=channel_made&shown=/);
  assert.match(await (await portal.get(shown)).text(), /whsec_/);
  assert.doesNotMatch(await (await portal.get(shown)).text(), /whsec_|do-not-show/);
  assert.equal((await portal.post("/settings/alerts/1/test")).status, 303);
  assert.match(await (await portal.get("/settings/alerts")).text(), /Test of an alert channel/);
  for (
    const [field, value] of [["limit", "0"], ["channels", "none"], ["remind", "1s"], ["quiet_zone", "Mars"], [
      "job",
      "x",
    ]]
  ) {
    const refused = await portal.post("/alerts/rules", { ...RULE, [field ?? ""]: value ?? "" });
    assert.equal(refused.status, 422, field);
    assert.match(await refused.text(), /class="problem"/);
  }
  assert.equal((await portal.post("/alerts/rules", RULE)).status, 303);
  assert.match(await (await portal.get("/alerts/rules")).text(), /runs for longer than 1 hour/);
  const form = await (await portal.get("/alerts/rules/1/edit")).text();
  for (const value of ["Long", "1h", "4h", "22:00", "Europe/Berlin"]) {
    assert.ok(form.includes(`value="${value}"`), value);
  }
  assert.match(form, /name="channels" value="ops" checked/);
  const edit = (changed: Record<string, string>) => portal.post("/alerts/rules/1/edit", { ...RULE, ...changed });
  const kept = await edit({ name: "Longer", limit: "never" });
  assert.deepEqual([kept.status, /value="Longer"/.test(await kept.text())], [422, true]);
  assert.equal((await edit({ name: "Longer", limit: "90m", remind: "" })).status, 303);
  const [rule] = await portal.store.alerts.rules();
  assert.deepEqual([rule?.name, rule?.condition.limit, rule?.remindSeconds, rule?.quiet?.from], [
    "Longer",
    5400,
    null,
    1320,
  ]);
  const tested = await portal.post("/alerts/rules/1/test");
  assert.equal(tested.headers.get("location"), "/alerts/rules?notice=alert_rule_tested");
  assert.match(await (await portal.get("/settings/alerts")).text(), /Test of the rule Longer/);
  assert.equal((await portal.get("/alerts/rules/9/edit")).status, 404);
  for (const verb of ["disable", "enable", "delete"]) {
    assert.equal((await portal.post(`/alerts/rules/1/${verb}`)).status, 303, verb);
    assert.equal((await portal.post(`/settings/alerts/1/${verb}`)).status, 303, verb);
  }
  assert.equal((await portal.post("/alerts/rules/1/delete")).status, 404);
  assert.deepEqual([await portal.store.alerts.rules(), await portal.store.alerts.channels()], [[], []]);
});

Deno.test("a job's page shows the rules that cover it, and leads to the form of another, filled in", async () => {
  await using portal = await openPortal(undefined, () => NOW);
  const job = await portal.job({ name: HOSTILE, labels: ["hr"] });
  const other = await portal.job({ name: "Other" });
  const context = operating(portal.store, NOW);
  await createChannel(context, { name: "ops", kind: "slack", url: "https://hooks.example.com/x" });
  const about = { condition: "failures", channels: ["ops"] };
  await createRule(context, { ...about, name: "Of all" });
  await createRule(context, { ...about, name: "Of a label", label: "hr" });
  await createRule(context, { ...about, name: "Of another", jobId: other.id });
  await createRule(context, { ...about, name: "Of the system", condition: "scheduler_silent" });
  const text = await (await portal.get(`/jobs/${job.id}`)).text();
  const shown = ["Of all", "Of a label", "Of another", "Of the system"].filter((name) => text.includes(name));
  assert.deepEqual(shown, ["Of all", "Of a label"]);
  assert.ok(text.includes(`href="/alerts/rules?job=${job.id}"`));
  const form = await (await portal.get(`/alerts/rules?job=${job.id}`)).text();
  assert.match(form, new RegExp(`name="job"[^>]* value="${job.id}"`));
  assert.ok(form.includes("<details open") && !form.includes(HOSTILE));
  assert.equal((await portal.get("/alerts/rules?job=999")).status, 404);
  const { as } = await openAccounts(portal);
  const asViewer = { headers: { cookie: await as("viewer") } };
  assert.doesNotMatch(await (await portal.asStranger(`/jobs/${job.id}`, asViewer)).text(), /Alert me/);
});

Deno.test("menus of incidents and rules hold only what the reader may do, and the number of open incidents stands beside the place", async () => {
  await using portal = await openPortal(undefined, () => NOW);
  const seen = await incident(portal, ["finance"]);
  await createRule(operating(portal.store, NOW), {
    name: "Finance",
    condition: "failures",
    label: "finance",
    channels: ["ops"],
  });
  const { as } = await openAccounts(portal);
  const read = async (who: Parameters<typeof as>[0], path: string) =>
    await (await portal.asStranger(path, { headers: { cookie: await as(who) } })).text();
  const takes = `/alerts/${seen.id}/acknowledge"`;
  const count = /<span data-live="count \/alerts"><span class="n bad"[^>]*>/;
  for (const [who, mayTake] of [["viewer", false], ["operator", true], ["finance operator", true]] as const) {
    const text = await read(who, "/alerts");
    assert.deepEqual([text.includes(takes), count.test(text)], [mayTake, true], who);
  }
  assert.match(await read("editor", "/alerts/rules"), /\/alerts\/rules\/1\/edit/);
});

Deno.test("an open page of alerts hears of a new incident, and of one that is taken on", async () => {
  await using portal = await openPortal();
  const first = await incident(portal, ["hr"]);
  const { as } = await openAccounts(portal);
  const headers = { cookie: await as("admin") };
  const tab = events(portal.asStranger("/api/events?page=/alerts&since=", { headers }));
  assert.equal((await tab.next()).event, "hello");
  const [rule] = await portal.store.alerts.rules();
  const job = await portal.job({ name: "Second" });
  assert.ok(rule !== undefined);
  const finding = { jobId: job.id, jobName: job.name, isBroken: true, message: "Long", at: NOW, isEvent: false };
  await portal.store.alerts.settle([{ rule, findings: [finding], isWhole: false }], NOW);
  await portal.store.alerts.acknowledge(first.id, by(NOW));
  let heard = "";
  for (const isThere of [/"keys":\["2","1"\]/, /Acknowledged/, /count \/alerts more.*>2</]) {
    while (!isThere.test(heard)) heard += updateText((await tab.next()).data);
  }
  await tab.close();
});

Deno.test("an incident is seen by who sees its job, and taken on or silenced by who may run it", async () => {
  await using portal = await openPortal(undefined, () => NOW);
  const { id } = await incident(portal, ["hr"]);
  const page = await (await portal.get("/alerts")).text();
  assert.ok(!page.includes(HOSTILE) && page.includes("&lt;script>alert(1)"));
  assert.equal((await portal.post(`/alerts/${id}/snooze?for=1y`)).status, 422);
  assert.equal((await portal.post(`/alerts/${id}/snooze?for=4h`)).status, 303);
  const { as } = await openAccounts(portal);
  for (
    const [who, status, sees] of [["finance operator", 404, false], ["viewer", 403, true], [
      "operator",
      303,
      true,
    ]] as const
  ) {
    const headers = { cookie: await as(who), "sec-fetch-site": "same-origin" };
    const text = await (await portal.asStranger("/alerts", { headers })).text();
    assert.deepEqual(
      [text.includes("alert(1)"), text.includes(`/alerts/${id}/acknowledge"`)],
      [sees, status === 303],
      who,
    );
    const init = { method: "POST", headers, body: new URLSearchParams() };
    const answer = await portal.asStranger(`/alerts/${id}/acknowledge`, init);
    await answer.body?.cancel();
    assert.equal(answer.status, status, who);
  }
  const after = await portal.store.alerts.incident(id);
  assert.deepEqual([after?.snoozedUntil, after?.acknowledgedBy], [NOW + 14_400_000, "operator"]);
});
