import assert from "node:assert/strict";
import { Conflict, type JobId, MAX_WEBHOOKS, NotFound, TOUCH_EVERY_MS, webhookId } from "../../shared/domain/mod.ts";
import type { NewWebhook } from "../../shared/store/mod.ts";
import { by } from "../support/actor.ts";
import type { Check } from "./contract.ts";
import { at, given, manual, T0 } from "./_given.ts";

const SECRET = "whsec_do-not-show";

function webhookOf(jobId: JobId, changed: Partial<NewWebhook> = {}): NewWebhook {
  const address = { publicId: "a".repeat(22), secret: SECRET, prefix: "whsec_do-n" };
  return { jobId, name: "ci", kind: "standard", args: ["/ref string"], perMinute: 30, ...address, ...changed };
}

/** Webhooks. */
export function webhooksContract(check: Check): void {
  check(
    "a webhook is made, changed, rotated and deleted, and its secret is nowhere but where deliveries are checked",
    async ({ store }) => {
      const job = await given(store);
      const made = await store.webhooks.create(webhookOf(job.id), by(T0));
      assert.deepEqual(made, {
        // A statement that a pooler lost has taken a number.
        id: made.id,
        jobId: job.id,
        name: "ci",
        publicId: "a".repeat(22),
        kind: "standard",
        prefix: "whsec_do-n",
        args: ["/ref string"],
        perMinute: 30,
        isEnabled: true,
        lastUsedAt: null,
        createdAt: T0,
        updatedAt: T0,
      });
      assert.deepEqual(await store.webhooks.find(made.publicId), { webhook: made, secret: SECRET });
      const rotated = await store.webhooks.update(
        made.id,
        { rotated: { secret: "whsec_other", prefix: "whsec_othe" } },
        by(at(1)),
      );
      assert.equal((await store.webhooks.find(made.publicId))?.secret, "whsec_other");
      assert.deepEqual(rotated, { ...made, prefix: "whsec_othe", updatedAt: at(1) });
      const changed = await store.webhooks.update(made.id, { name: "cd", args: [], perMinute: 5 }, by(at(2)));
      assert.deepEqual(await store.webhooks.list(job.id), [changed]);
      assert.deepEqual([changed.name, changed.args, changed.perMinute], ["cd", [], 5]);
      await store.webhooks.update(made.id, { isEnabled: false }, by(at(3)));
      assert.equal(await store.webhooks.find(made.publicId), null);
      await store.webhooks.update(made.id, { isEnabled: true }, by(at(4)));
      await store.webhooks.update(made.id, {}, by(at(4)));
      await store.webhooks.remove(made.id, by(at(5)));
      assert.equal(await store.webhooks.get(made.id), null);
      assert.equal(await store.webhooks.find(made.publicId), null);
      const { items } = await store.audit.list({ limit: 50, subject: { kind: "webhook" } });
      assert.deepEqual(
        items.map(({ action }) => action).toReversed(),
        ["create", "rotate", "edit", "disable", "enable", "delete"].map((name) => `webhooks.${name}`),
      );
      assert.doesNotMatch(JSON.stringify(items), /do-not-show|whsec_other/);
    },
  );

  check(
    "what is not there is neither changed nor deleted, and a job has so many webhooks at most",
    async ({ store }) => {
      const job = await given(store);
      await assert.rejects(store.webhooks.update(webhookId(7), { name: "x" }, by(T0)), NotFound);
      await assert.rejects(store.webhooks.remove(webhookId(7), by(T0)), NotFound);
      const make = (index: number) =>
        store.webhooks.create(webhookOf(job.id, { publicId: `address-number-${index}` }), by(T0));
      const made = await Promise.allSettled(Array.from({ length: MAX_WEBHOOKS + 2 }, (_, index) => make(index)));
      const refused = made.filter((one) => one.status === "rejected");
      assert.deepEqual(refused.map(({ reason }) => reason instanceof Conflict), [true, true]);
      assert.equal((await store.webhooks.list(job.id)).length, MAX_WEBHOOKS);
    },
  );

  check("the webhooks of a deleted job are gone", async ({ store }) => {
    const job = await given(store);
    const { id, publicId } = await store.webhooks.create(webhookOf(job.id), by(T0));
    await store.jobs.remove(job.id, by(at(1)));
    assert.deepEqual([await store.webhooks.find(publicId), await store.webhooks.get(id)], [null, null]);
    await assert.rejects(store.webhooks.create(webhookOf(job.id, { publicId: "b".repeat(22) }), by(at(2))), NotFound);
  });

  check("a run shows the webhook that started it, and its use is noted once a minute", async ({ store }) => {
    const job = await given(store);
    const { id, publicId } = await store.webhooks.create(webhookOf(job.id), by(T0));
    const run = await store.runs.runNow({
      ...manual(job, { force: true }),
      trigger: "api",
      webhook: { id, name: "ci" },
    });
    const [listed] = (await store.runs.list({ limit: 5 })).items;
    for (const one of [run, await store.runs.get(run.id), listed]) {
      assert.deepEqual([one?.trigger, one?.webhook], ["webhook", { id, name: "ci" }]);
    }
    const forced = await store.runs.runNow(manual(job, { force: true }));
    assert.deepEqual([forced.trigger, forced.webhook], ["manual", null]);
    const used = async () => (await store.webhooks.find(publicId))?.webhook.lastUsedAt;
    await store.webhooks.touch(id, T0);
    await store.webhooks.touch(id, at(1));
    assert.equal(await used(), T0);
    await store.webhooks.touch(id, at(TOUCH_EVERY_MS / 1000));
    assert.equal(await used(), at(TOUCH_EVERY_MS / 1000));
  });
}
