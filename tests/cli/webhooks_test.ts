import assert from "node:assert/strict";
import { createJob } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { DATABASES } from "../support/store.ts";
import { at, MINUTELY } from "../store/_given.ts";
import { json, run, shape } from "./_cli.ts";

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: jobctl webhooks makes, lists, changes, rotates and deletes the webhooks of a job`, async () => {
    await using test = await open();
    const env = { DATABASE_URL: test.url, DISPLAY_TIMEZONE: "UTC" };
    await createJob(operating(test.store, at(1)), { ...MINUTELY, key: "nightly" });
    const webhooks = (...args: readonly string[]) => run(["webhooks", ...args], { env });

    const added = await webhooks(
      "add",
      "nightly",
      "ci",
      "--arg",
      "=--quiet",
      "--arg",
      "/ref string",
      "--per-minute",
      "5",
    );
    assert.match(
      added.stdout,
      /^webhook 1 "ci" was made: POST \/hooks\/[\w-]{22} of the portal starts job 1\njth_\w{49}\n$/,
    );
    const secret = added.stdout.split("\n")[1] ?? "";
    const listed = await webhooks("list", "nightly");
    assert.match(listed.stdout, /^1\tci\tenabled\ttoken\t\/hooks\/[\w-]{22}\t=--quiet; \/ref string\t5\tnever\n$/);
    assert.ok(!listed.stdout.includes(secret));

    assert.equal((await webhooks("disable", "1", "1")).stdout, 'webhook 1 "ci" is disabled\n');
    assert.equal((await webhooks("enable", "nightly", "ci")).stdout, 'webhook 1 "ci" is enabled\n');
    assert.equal(
      (await webhooks("edit", "1", "1", "--name", "cd", "--own-args")).stdout,
      'webhook 1 "cd" was changed\n',
    );
    const rotated = await webhooks("rotate", "1", "1");
    assert.match(rotated.stdout, /^webhook 1 "cd" has another secret: .*\njth_\w{49}\n$/);
    assert.notEqual(rotated.stdout.split("\n")[1], secret);
    const signed = await json(["webhooks", "add", "1", "hub", "--kind", "standard", "--json"], { env });
    assert.ok(
      typeof signed === "object" && signed !== null && "secret" in signed && "path" in signed && "prefix" in signed,
    );
    assert.match(String(signed.secret), /^whsec_/);
    assert.deepEqual(shape({ ...signed, secret: 0, path: 0, prefix: 0 }), {
      id: 2,
      job_id: 1,
      name: "hub",
      path: 0,
      kind: "standard",
      prefix: 0,
      args: [],
      per_minute: 30,
      is_enabled: true,
      last_used_at: null,
      created_at: "<instant>",
      updated_at: "<instant>",
      secret: 0,
    });

    const wrong = await webhooks("edit", "1", "1", "--arg", "ref");
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /^jobctl: --arg: "ref": expected =text, or a JSON Pointer/);
    assert.equal((await webhooks("add", "1", "x", "--per-minute", "601")).code, 2);
    assert.deepEqual([(await webhooks("rotate", "1", "9")).code, (await webhooks("rotate", "1", "x")).code], [5, 5]);
    await webhooks("edit", "nightly", "hub", "--name", "cd");
    const unclear = await webhooks("disable", "nightly", "cd");
    assert.equal(unclear.code, 2);
    assert.match(unclear.stderr, /found "cd", the name of several webhooks \(1, 2\); expected the id of one/);
    assert.equal((await webhooks("delete", "1", "1")).stdout, "webhook 1 was deleted\n");
    assert.equal((await webhooks("delete", "1", "1")).code, 5);
    const { items } = await test.store.audit.list({ limit: 50, subject: { kind: "webhook", id: 1 } });
    assert.equal(items[0]?.actor?.kind, "cli");
    assert.ok(!JSON.stringify(items).includes(secret));
  });
}
