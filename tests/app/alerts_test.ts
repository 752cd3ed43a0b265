import assert from "node:assert/strict";
import { epochMs, type Incident } from "../../shared/domain/mod.ts";
import { createChannel, createRule } from "../../shared/operations/mod.ts";
import { openAccounts } from "../support/accounts.ts";
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
  for (const verb of ["disable", "enable", "delete"]) {
    assert.equal((await portal.post(`/alerts/rules/1/${verb}`)).status, 303, verb);
    assert.equal((await portal.post(`/settings/alerts/1/${verb}`)).status, 303, verb);
  }
  assert.equal((await portal.post("/alerts/rules/1/delete")).status, 404);
  assert.deepEqual([await portal.store.alerts.rules(), await portal.store.alerts.channels()], [[], []]);
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
