import assert from "node:assert/strict";
import { attentionParts } from "../../app/server/attention_parts.ts";
import { epochMs, type Worker, workerId } from "../../shared/domain/mod.ts";
import { judgeSystem, lostServices, STALE_MS } from "../../shared/policy/mod.ts";

const now = epochMs(Date.UTC(2026, 10, 27));
const TOTALS = {
  running: 0,
  waiting: 0,
  waitingSince: null,
  failed: 0,
  late: 2,
  lateSince: now,
  failing: 13,
  failingSince: now,
};

function silentWorker(host: string): Worker {
  return {
    workerId: workerId(host),
    hostname: host,
    platform: "linux",
    processId: 1,
    version: "1",
    tags: [],
    concurrency: 4,
    status: "IDLE",
    startedAt: epochMs(now - 1e9),
    lastHeartbeat: epochMs(now - STALE_MS - 1),
    jobsProcessed: 0,
    currentDispatchIds: [],
    drainRequestedAt: null,
    endedAt: null,
  };
}

const cases: readonly (readonly [workers: readonly Worker[], parts: readonly string[], sign: string])[] = [
  [[], ["no scheduler", "no worker", "13 failing", "2 late"], "17 need attention"],
  [[silentWorker("a")], ["no scheduler", "1 lost worker", "13 failing", "2 late"], "17 need attention"],
  [["a", "b", "c"].map(silentWorker), ["no scheduler", "3 lost workers", "13 failing", "2 late"], "19 need attention"],
];
for (const [workers, parts, sign] of cases) {
  Deno.test(`the parts of the overview's verdict add up to its sign with ${workers.length} workers gone`, () => {
    const facts = { services: [], workers, totals: TOTALS, now };
    const status = judgeSystem(facts);
    assert.deepEqual(attentionParts(status, lostServices(facts)), parts);
    assert.equal(status.sign.text, sign);
  });
}
