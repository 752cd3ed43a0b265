import assert from "node:assert/strict";
import {
  type Dispatch,
  dispatchId,
  type EpochMs,
  epochMs,
  type Job,
  jobId,
  type LedgerEntry,
  type QueueGroup,
  type Worker,
  workerId,
} from "@jobtrigger/shared/domain";
import { explainSpan, explainWait, type Wait, type Why } from "@jobtrigger/shared/policy";
import { instant, jobOf } from "./_due.ts";

const NOW = instant("2026-11-24T12:30:00Z");
const hour = (n: number): EpochMs => instant(`2026-11-24T${String(n).padStart(2, "0")}:00:00Z`);
const minuteOf = (at: EpochMs) => ({ from: at, until: epochMs(at + 59_999) });

/** An hourly job, due next at 13:00. */
const JOB: Job = { ...jobOf("hourly at :00"), nextRun: hour(13), createdAt: hour(3), updatedAt: hour(3) };

const MISSED: LedgerEntry = { jobId: jobId(1), reason: "missed", firstAt: hour(5), lastAt: hour(9), count: 5 };

function runOf(change: Partial<Dispatch> = {}): Dispatch {
  return {
    id: dispatchId(7),
    jobId: jobId(1),
    jobName: "nightly",
    scheduledFor: hour(12),
    trigger: "schedule",
    retryCount: 0,
    rootId: dispatchId(7),
    args: null,
    jobRevision: 1,
    correlationId: "c",
    createdAt: hour(12),
    priority: 0,
    needs: { tags: [], concurrency: null, serial: null },
    decision: { timing: "on_time", overlap: null },
    backfill: null,
    webhook: null,
    state: { status: "PENDING", availableAt: hour(12) },
    ...change,
  };
}

interface SpanCase {
  readonly job?: Partial<Job>;
  readonly at: EpochMs;
  readonly runs?: readonly Dispatch[];
  readonly ledger?: readonly LedgerEntry[];
  readonly backfilled?: readonly Dispatch[];
  readonly why: readonly Why[];
}

/** The run of a backfill for a time that was missed. */
const BACKFILLED = runOf({
  id: dispatchId(9),
  rootId: dispatchId(9),
  scheduledFor: hour(7),
  trigger: "backfill",
  decision: null,
  backfill: { id: "b", atOnce: 2 },
});

const spans: Readonly<Record<string, SpanCase>> = {
  "a time that became a run": { at: hour(12), runs: [runOf()], why: [{ kind: "dispatched", run: runOf() }] },
  "a time inside a ledger entry": {
    at: hour(7),
    ledger: [MISSED],
    why: [{ kind: "entered", at: hour(7), entry: MISSED }],
  },
  "a time that was missed and backfilled": {
    at: hour(7),
    ledger: [MISSED],
    backfilled: [BACKFILLED],
    why: [{ kind: "entered", at: hour(7), entry: MISSED }, { kind: "dispatched", run: BACKFILLED }],
  },
  "a time before the job that was backfilled": {
    at: hour(1),
    backfilled: [BACKFILLED],
    why: [{ kind: "no_job", createdAt: hour(3) }, { kind: "dispatched", run: BACKFILLED }],
  },
  "a time that ran and was backfilled besides": {
    at: hour(12),
    runs: [runOf()],
    backfilled: [BACKFILLED],
    why: [{ kind: "dispatched", run: runOf() }, { kind: "dispatched", run: BACKFILLED }],
  },
  "the end of a ledger entry, although the schedule has changed since": {
    job: { schedule: { kind: "daily", time: "23:15" }, revision: 2, updatedAt: hour(11) },
    at: hour(9),
    ledger: [MISSED],
    why: [{ kind: "entered", at: hour(9), entry: MISSED }],
  },
  "a time to come": { at: hour(15), why: [{ kind: "future", at: hour(15) }] },
  "a time while the job is paused": {
    job: { isActive: false, nextRun: null, pausedNote: "moving", updatedAt: hour(10) },
    at: hour(11),
    why: [{ kind: "paused", at: hour(11), note: "moving" }],
  },
  "a time that is due and not dealt with": {
    job: { nextRun: hour(11) },
    at: hour(12),
    why: [{ kind: "unsettled", at: hour(12) }],
  },
  "a time before the job": { at: hour(1), why: [{ kind: "no_job", createdAt: hour(3) }] },
  "a time before the job was changed": {
    job: { revision: 2, updatedAt: hour(11) },
    at: hour(8),
    why: [{ kind: "changed", changedAt: hour(11) }],
  },
  "a time of which nothing is kept": { at: hour(8), why: [{ kind: "forgotten", at: hour(8) }] },
  "a time the schedule does not have": {
    at: instant("2026-11-24T08:20:00Z"),
    why: [{ kind: "not_due", before: hour(8), after: hour(9) }],
  },
  "a time after the last": {
    job: { schedule: { kind: "once", at: "2026-11-24T06:00" }, nextRun: null },
    at: hour(8),
    why: [{ kind: "not_due", before: hour(6), after: null }],
  },
};

for (const [name, { job, at, runs = [], ledger = [], backfilled = [], why }] of Object.entries(spans)) {
  Deno.test(`explainSpan() explains ${name}`, () => {
    const span = minuteOf(at);
    assert.deepEqual(explainSpan({ job: { ...JOB, ...job }, span, now: NOW, runs, ledger, backfilled }), why);
  });
}

function workerOf(tags: readonly string[], change: Partial<Worker> = {}): Worker {
  return {
    workerId: workerId("w"),
    hostname: "host",
    platform: "linux x86_64",
    processId: 1,
    version: "0.0.0",
    tags,
    concurrency: 2,
    status: "IDLE",
    startedAt: hour(1),
    lastHeartbeat: NOW,
    jobsProcessed: 0,
    currentDispatchIds: [],
    drainRequestedAt: null,
    endedAt: null,
    ...change,
  };
}

const needing = (needs: Partial<QueueGroup>): Dispatch =>
  runOf({ needs: { tags: [], concurrency: null, serial: null, ...needs } });
const BACKUP = { key: "backup", limit: 1 };
const older = runOf({ id: dispatchId(5), rootId: dispatchId(5) });
const inBackfill = { id: "b", atOnce: 2 };

const waits: readonly (readonly [
  name: string,
  run: Dispatch,
  facts: {
    readonly workers?: readonly Worker[];
    readonly holders?: readonly number[];
    readonly unfinished?: readonly Dispatch[];
  },
  wait: Wait | null,
])[] = [
  ["for its time", runOf({ state: { status: "PENDING", availableAt: hour(13) } }), {}, { kind: "until", at: hour(13) }],
  ["for any worker", runOf(), { workers: [workerOf([], { status: "OFFLINE" })] }, { kind: "no_worker" }],
  ["for a worker that is not draining", runOf(), { workers: [workerOf([], { status: "DRAINING" })] }, {
    kind: "no_worker",
  }],
  ["for a tag that no worker has", needing({ tags: ["eu", "gpu"] }), { workers: [workerOf(["eu"])] }, {
    kind: "tags",
    tags: ["eu", "gpu"],
    missing: ["gpu"],
  }],
  [
    "for tags that no worker has all of",
    needing({ tags: ["eu", "gpu"] }),
    { workers: [workerOf(["eu"]), workerOf(["gpu"])] },
    { kind: "tags", tags: ["eu", "gpu"], missing: [] },
  ],
  ["for a slot of its key", needing({ concurrency: BACKUP }), { holders: [3] }, {
    kind: "key",
    concurrency: BACKUP,
    holders: [dispatchId(3)],
  }],
  ["for the run before it", needing({ serial: { group: "job/1", width: 1 } }), { unfinished: [older] }, {
    kind: "serial_order",
    before: [dispatchId(5)],
  }],
  [
    "for no run of a backfill, when it is of none",
    needing({ serial: { group: "job/1", width: 1 } }),
    { unfinished: [{ ...older, backfill: inBackfill }] },
    { kind: "nothing" },
  ],
  [
    "for no other run when it was forced",
    needing({ serial: { group: "job/1", width: null } }),
    { unfinished: [older] },
    { kind: "nothing" },
  ],
  [
    "for its position in a backfill",
    { ...needing({ serial: { group: "backfill/b", width: 2 } }), backfill: inBackfill },
    {
      unfinished: [
        { ...older, backfill: inBackfill },
        { ...older, id: dispatchId(6), rootId: dispatchId(6), backfill: inBackfill },
      ],
    },
    { kind: "serial_order", before: [dispatchId(5), dispatchId(6)] },
  ],
  [
    "for a free slot of the workers that may run it",
    needing({ tags: ["gpu"] }),
    { workers: [workerOf(["gpu"], { currentDispatchIds: [dispatchId(1), dispatchId(2)] }), workerOf([])] },
    { kind: "busy", slots: 2 },
  ],
  ["for nothing", runOf(), {}, { kind: "nothing" }],
  [
    "no more when it has ended",
    runOf({
      state: {
        status: "COMPLETED",
        workerId: null,
        claimedAt: null,
        startedAt: null,
        completedAt: NOW,
        exitCode: 0,
        signal: null,
        errorMessage: null,
        cancel: null,
      },
    }),
    {},
    null,
  ],
];

for (const [name, run, { workers = [workerOf([])], holders = [], unfinished = [] }, wait] of waits) {
  Deno.test(`explainWait() a run waits ${name}`, () => {
    const facts = { run, now: NOW, workers, holders: holders.map(dispatchId), unfinished: [...unfinished, run] };
    assert.deepEqual(explainWait(facts), wait);
  });
}
