import assert from "node:assert/strict";
import { isSilent, REPORT_EVERY_MS, SERVICE_SILENT_MS, type ServiceIdentity } from "../../shared/domain/mod.ts";
import { Presence } from "../../shared/store/mod.ts";
import type { Check } from "./contract.ts";
import { at } from "./_given.ts";

const DAY = 86_400;

const scheduler: ServiceIdentity = {
  serviceId: "b.example-1",
  kind: "scheduler",
  hostname: "b.example",
  processId: 7,
  version: "0.0.0",
};
const another: ServiceIdentity = { ...scheduler, serviceId: "B.example-2", hostname: "B.example", processId: 8 };
const web: ServiceIdentity = { ...scheduler, serviceId: "a.example-3", kind: "web", hostname: "a.example" };

/** Schedulers, portals and notifiers, and whether they are alive. */
export function servicesContract(check: Check): void {
  check("services: a report enters a service once and moves its last pass", async ({ store }) => {
    for (const identity of [web, scheduler, another]) await store.services.report(identity, at(0));
    await store.services.report(scheduler, at(10));
    assert.deepEqual(await store.services.list(), [
      { ...another, startedAt: at(0), lastPassAt: at(0) },
      { ...scheduler, startedAt: at(0), lastPassAt: at(10) },
      { ...web, startedAt: at(0), lastPassAt: at(0) },
    ]);
  });

  check("services: a scheduler says what it keeps, and another may say nothing", async ({ store }) => {
    const retention = { historyDays: 30, runsPerJob: null, auditDays: 400, statisticsDays: 8 };
    const bounded = { ...another, retention: { ...retention, runsPerJob: 500 } };
    for (const identity of [scheduler, { ...web, retention }, bounded]) await store.services.report(identity, at(0));
    const said = (await store.services.list()).map((service) => service.retention);
    assert.deepEqual(said, [bounded.retention, undefined, retention]);
  });

  check("services: one that ends in order is removed, the others stay", async ({ store }) => {
    for (const identity of [web, scheduler]) await store.services.report(identity, at(0));
    await store.services.retire(web.serviceId);
    await store.services.retire("unknown");
    assert.deepEqual((await store.services.list()).map(({ serviceId }) => serviceId), [scheduler.serviceId]);
  });

  check("services: a report that a clock wrote while it was ahead is replaced by the next", async ({ store }) => {
    await store.services.report(scheduler, at(DAY));
    await store.services.report(scheduler, at(10));
    assert.deepEqual((await store.services.list()).map(({ lastPassAt }) => lastPassAt), [at(10)]);
  });

  check("services: pruning removes those silent for more than a day, and reports of a day ahead", async ({ store }) => {
    await store.services.report(scheduler, at(0));
    await store.services.report(another, at(1));
    await store.services.report(web, at(3 * DAY));
    assert.equal(await store.services.prune({ now: at(DAY), limit: 10 }), 1, "more than a day ahead");
    assert.equal(await store.services.prune({ now: at(DAY + 1), limit: 10 }), 1);
    assert.deepEqual((await store.services.list()).map(({ serviceId }) => serviceId), [another.serviceId]);
    assert.equal(await store.services.prune({ now: at(DAY + 2), limit: 0 }), 0);
  });

  check("services: a presence reports at its interval, and at once after the clock went back", async ({ store }) => {
    const presence = new Presence(store.services, scheduler);
    const passes: number[] = [];
    for (const seconds of [100, 105, 109.999, 110, 60, 61]) {
      const next = await presence.report(at(seconds));
      assert.ok(next > at(seconds) && next <= at(seconds) + REPORT_EVERY_MS);
      passes.push((await store.services.list())[0]?.lastPassAt ?? 0);
    }
    assert.deepEqual(passes, [100, 100, 100, 110, 60, 60].map(at));
    await presence.retire();
    assert.deepEqual(await store.services.list(), []);
  });

  check("services: one is silent when its last report is too old, or too far ahead", async ({ store }) => {
    await store.services.report(scheduler, at(100));
    const [service] = await store.services.list();
    assert.ok(service !== undefined);
    const silent = SERVICE_SILENT_MS / 1000;
    const seen = [-silent, 1 - silent, 0, silent - 1, silent].map((seconds) => isSilent(service, at(100 + seconds)));
    assert.deepEqual(seen, [true, false, false, false, true]);
  });
}
