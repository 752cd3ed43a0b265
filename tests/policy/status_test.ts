import assert from "node:assert/strict";
import {
  dispatchId,
  type EpochMs,
  epochMs,
  MOST_COUNTED,
  type RunTotals,
  type Service,
  SERVICE_SILENT_MS,
  type Worker,
  workerId,
} from "../../shared/domain/mod.ts";
import { judgeSystem, SLOW_QUEUE_MS, STALE_MS, type StuckRuns, type SystemStatus } from "../../shared/policy/mod.ts";
import { NOTHING } from "./_totals.ts";

const now = epochMs(Date.UTC(2026, 10, 27));
const ago = (ms: number): EpochMs => epochMs(now - ms);

function scheduler(silentMs: number): Service {
  const lastPassAt = ago(silentMs);
  return {
    serviceId: "s",
    kind: "scheduler",
    hostname: "h",
    processId: 1,
    version: "1",
    startedAt: ago(1e9),
    lastPassAt,
  };
}

function worker(silentMs: number, status: Worker["status"] = "IDLE"): Worker {
  return {
    workerId: workerId("w"),
    hostname: "h",
    platform: "linux",
    processId: 1,
    version: "1",
    tags: [],
    concurrency: 4,
    status,
    startedAt: ago(1e9),
    lastHeartbeat: ago(silentMs),
    jobsProcessed: 0,
    currentDispatchIds: [],
    drainRequestedAt: null,
    endedAt: null,
  };
}

const alive = [scheduler(SERVICE_SILENT_MS - 1)];
const online = [worker(SERVICE_SILENT_MS - 1)];

interface Case {
  readonly name: string;
  readonly services?: readonly Service[];
  readonly workers?: readonly Worker[];
  readonly totals?: Partial<RunTotals>;
  readonly level: SystemStatus["level"];
  readonly codes: readonly string[];
  readonly stuck?: StuckRuns;
  readonly sign?: string;
}

const cases: readonly Case[] = [
  { name: "a system with a scheduler and a worker", level: "ok", codes: [] },
  { name: "failed runs alone", totals: { failed: 3, running: 2 }, level: "ok", codes: [] },
  { name: "no scheduler at all", services: [], level: "critical", codes: ["no_scheduler"] },
  {
    name: "a scheduler that fell silent",
    services: [scheduler(SERVICE_SILENT_MS)],
    level: "critical",
    codes: ["no_scheduler"],
  },
  {
    name: "one of two schedulers silent",
    services: [...alive, scheduler(SERVICE_SILENT_MS)],
    level: "warning",
    codes: ["scheduler_silent"],
  },
  { name: "portals alone", services: [{ ...scheduler(0), kind: "web" }], level: "critical", codes: ["no_scheduler"] },
  { name: "no worker at all", workers: [], level: "critical", codes: ["no_worker"] },
  { name: "workers that ended", workers: [worker(0, "OFFLINE")], level: "critical", codes: ["no_worker"] },
  { name: "a worker without heartbeats", workers: [worker(STALE_MS)], level: "critical", codes: ["no_worker"] },
  {
    name: "one of two workers without heartbeats",
    workers: [...online, worker(STALE_MS)],
    level: "warning",
    codes: ["worker_stale"],
  },
  {
    name: "one of two workers silent for a while",
    workers: [...online, worker(SERVICE_SILENT_MS)],
    level: "warning",
    codes: ["worker_stale"],
    sign: "1 needs attention",
  },
  {
    name: "one of two workers dead",
    workers: [...online, worker(600_000, "OFFLINE")],
    level: "warning",
    codes: ["worker_lost"],
    sign: "1 needs attention",
  },
  {
    name: "a worker that ended in order beside another",
    workers: [...online, { ...worker(600_000, "OFFLINE"), endedAt: ago(600_000) }],
    level: "ok",
    codes: [],
    sign: "All is well",
  },
  {
    name: "dead services that others of their host replaced",
    services: [...alive.map((one) => ({ ...one, startedAt: ago(300_000) })), scheduler(600_000)],
    workers: [...online.map((one) => ({ ...one, startedAt: ago(300_000) })), worker(600_000, "OFFLINE")],
    level: "ok",
    codes: [],
  },
  {
    name: "dead services that only another host has",
    services: [...alive.map((one) => ({ ...one, hostname: "other", startedAt: ago(300_000) })), scheduler(600_000)],
    level: "warning",
    codes: ["scheduler_silent"],
  },
  {
    name: "failing jobs",
    totals: { failing: 2, failingSince: ago(60_000) },
    level: "warning",
    codes: ["jobs_failing"],
    sign: "2 need attention",
  },
  {
    name: "runs that no worker may run",
    stuck: { runs: 1, since: ago(60_000), missing: ["gpu"] },
    level: "warning",
    codes: ["runs_stuck"],
    sign: "1 needs attention",
  },
  { name: "a draining worker", workers: [worker(0, "DRAINING")], level: "ok", codes: [] },
  {
    name: "a late job",
    totals: { late: 1, lateSince: ago(60_000) },
    level: "critical",
    codes: ["jobs_late"],
    sign: "1 late",
  },
  {
    name: "runs that wait a little",
    totals: { waiting: 9, waitingSince: ago(SLOW_QUEUE_MS - 1) },
    level: "ok",
    codes: [],
  },
  {
    name: "runs that wait too long",
    totals: { waiting: 9, waitingSince: ago(SLOW_QUEUE_MS) },
    level: "warning",
    codes: ["queue_slow"],
  },
  {
    name: "everything at once",
    services: [],
    workers: [],
    totals: { late: 2, lateSince: ago(60_000), waiting: 1, waitingSince: ago(SLOW_QUEUE_MS) },
    level: "critical",
    codes: ["no_scheduler", "no_worker", "jobs_late", "queue_slow"],
    sign: "4 need attention",
  },
];

for (const { name, services = alive, workers = online, totals = {}, stuck, level, codes, sign } of cases) {
  Deno.test(`judgeSystem() calls ${name} ${level}`, () => {
    const status = judgeSystem({
      services,
      workers,
      totals: { ...NOTHING, ...totals },
      ...(stuck !== undefined && { stuck }),
      now,
    });
    if (sign !== undefined) assert.equal(status.sign.text, sign);
    assert.deepEqual([status.level, status.troubles.map(({ code }) => code)], [level, codes]);
  });
}

Deno.test("judgeSystem() counts services, workers and their slots", () => {
  const workers = [
    worker(0),
    { ...worker(0), currentDispatchIds: [1, 2].map(dispatchId) },
    worker(STALE_MS),
    worker(0, "OFFLINE"),
  ];
  const services = [scheduler(5_000), scheduler(50_000), { ...scheduler(1_000), kind: "web" } as const];
  const { services: counted, workers: found } = judgeSystem({ services, workers, totals: NOTHING, now });
  assert.deepEqual(counted.scheduler, { up: 1, silent: 1, lastPassAt: ago(5_000) });
  assert.deepEqual(counted.web, { up: 1, silent: 0, lastPassAt: ago(1_000) });
  assert.deepEqual(counted.notifier, { up: 0, silent: 0, lastPassAt: null });
  assert.deepEqual(found, { online: 2, silent: 0, stale: 1, offline: 1, slots: 8, busy: 2 });
});

Deno.test("judgeSystem() says how many, in the singular for one, and where counting stopped", () => {
  const said = (totals: Partial<RunTotals>) =>
    judgeSystem({ services: alive, workers: online, totals: { ...NOTHING, ...totals }, now }).troubles.map((
      trouble,
    ) => [trouble.message, trouble.since]);
  const since = ago(SLOW_QUEUE_MS);
  assert.deepEqual(said({ late: 1, lateSince: since }), [
    ["1 job is due, and no scheduler has picked it up.", since],
  ]);
  assert.deepEqual(said({ late: 2, lateSince: since, waiting: MOST_COUNTED, waitingSince: since }), [
    ["2 jobs are due, and no scheduler has picked them up.", since],
    [`${MOST_COUNTED} or more runs wait for a worker.`, since],
  ]);
});
