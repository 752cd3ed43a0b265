import assert from "node:assert/strict";
import { type Access, FULL_ACCESS } from "../../shared/access/mod.ts";
import { createJob, readStatus, runNow } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { DATABASES } from "../support/store.ts";
import { A, at, enter, MINUTELY } from "../store/_given.ts";

for (const [database, open] of Object.entries(DATABASES)) {
  Deno.test(`${database}: readStatus() judges services and workers, and counts the runs that the asker may see`, async () => {
    await using test = await open();
    const { store } = test;
    const identity = { serviceId: "s", kind: "scheduler", hostname: "h", processId: 1, version: "1" } as const;
    await store.services.report(identity, at(0));
    await enter(store, A, at(0));
    for (const [name, labels] of [["a", ["eu"]], ["b", []]] as const) {
      const job = await createJob(operating(store, at(0)), { ...MINUTELY, name, labels, schedule: { kind: "manual" } });
      await runNow(operating(store, at(0)), { id: job.id, args: null, force: false, idempotencyKey: null });
    }
    const seen = async (access: Access, seconds: number) => {
      const { level, troubles, totals } = await readStatus({ ...operating(store, at(seconds)), access });
      return [level, troubles.map(({ code }) => code), totals.waiting];
    };
    const viewerOf = (label: string): Access => ({ ...FULL_ACCESS, role: null, grants: [{ label, role: "viewer" }] });
    assert.deepEqual(await seen(FULL_ACCESS, 1), ["ok", [], 2]);
    assert.deepEqual(await seen(viewerOf("eu"), 1), ["ok", [], 1]);
    assert.deepEqual(await seen(viewerOf("us"), 1), ["ok", [], 0]);
    assert.deepEqual(await seen(FULL_ACCESS, 600), ["critical", ["no_scheduler", "no_worker", "queue_slow"], 2]);
    assert.deepEqual(await seen(viewerOf("us"), 600), ["critical", ["no_scheduler", "no_worker"], 0]);
  });
}
