import assert from "node:assert/strict";
import {
  DEFAULT_POLICIES,
  type Dispatch,
  dispatchId,
  type EpochMs,
  epochMs,
  type Job,
  type JobFailure,
  jobId,
  LATE_MS,
  type Worker,
  workerId,
} from "../../shared/domain/mod.ts";
import { type JobCondition, judgeJob } from "../../shared/policy/mod.ts";

const now = epochMs(Date.UTC(2026, 10, 27));
const ago = (ms: number): EpochMs => epochMs(now - ms);

const JOB: Job = {
  id: jobId(1),
  name: "Backup",
  key: null,
  managedBy: null,
  labels: [],
  scriptPath: "test_job.sh",
  scriptArgs: [],
  schedule: { kind: "hourly", minute: 30 },
  timezone: "UTC",
  policies: DEFAULT_POLICIES,
  isActive: true,
  pausedNote: null,
  nextRun: epochMs(now + 30 * 60_000),
  lastDispatchedAt: null,
  revision: 1,
  createdAt: ago(1e9),
  updatedAt: ago(1000),
  damage: null,
};

const WORKER: Worker = {
  workerId: workerId("w"),
  hostname: "h",
  platform: "linux",
  processId: 1,
  version: "1",
  tags: [],
  concurrency: 4,
  status: "IDLE",
  startedAt: ago(1e6),
  lastHeartbeat: now,
  jobsProcessed: 0,
  currentDispatchIds: [],
  drainRequestedAt: null,
  endedAt: null,
};

function run(state: Dispatch["state"], change: Partial<Dispatch> = {}): Dispatch {
  return {
    id: dispatchId(7),
    jobId: JOB.id,
    jobName: JOB.name,
    scheduledFor: ago(60_000),
    trigger: "schedule",
    retryCount: 0,
    rootId: dispatchId(7),
    args: null,
    jobRevision: 1,
    correlationId: "c",
    createdAt: ago(60_000),
    priority: 0,
    needs: { tags: [], concurrency: null, serial: null },
    decision: null,
    backfill: null,
    webhook: null,
    state,
    ...change,
  };
}

const waiting = (at: EpochMs, change: Partial<Dispatch> = {}) => run({ status: "PENDING", availableAt: at }, change);
const gpu = { needs: { tags: ["gpu", "eu"], concurrency: null, serial: null } };
const going = run({
  status: "IN_PROGRESS",
  lease: { workerId: WORKER.workerId, epoch: 1, until: epochMs(now + 1) },
  claimedAt: ago(4000),
  startedAt: ago(3000),
  cancelRequestedAt: null,
  cancel: null,
});
const failure: JobFailure = { dispatchId: dispatchId(6), since: ago(9000), message: "It exited with code 3" };
const manual = { schedule: { kind: "manual" }, nextRun: null } as const;

interface Case {
  readonly name: string;
  readonly job?: Partial<Job>;
  readonly lastRun?: Dispatch;
  readonly failure?: JobFailure;
  readonly workers?: readonly Worker[];
  readonly state: readonly [condition: JobCondition, reason: string, since: EpochMs | null];
}

const cases: readonly Case[] = [
  { name: "a job with a next run is fine", state: ["fine", "Runs next", JOB.nextRun] },
  {
    name: "a failure outranks everything",
    failure,
    job: { nextRun: ago(LATE_MS) },
    lastRun: going,
    state: ["failing", "It exited with code 3", failure.since],
  },
  {
    name: "a failure whose worker did not say why has words",
    failure: { ...failure, message: null },
    state: ["failing", "The last run failed", failure.since],
  },
  {
    name: "a job that failed and was paused says both",
    failure,
    job: { isActive: false, pausedNote: "Disk full", nextRun: null },
    state: ["failing", "Paused; it exited with code 3", failure.since],
  },
  {
    name: "a next run that no scheduler has picked up is late",
    job: { nextRun: ago(LATE_MS) },
    lastRun: going,
    state: ["late", "Due, but no scheduler has picked it up", ago(LATE_MS)],
  },
  {
    name: "a next run is not late before a scheduler had to pick it up",
    job: { nextRun: ago(LATE_MS - 1) },
    state: ["fine", "Runs next", ago(LATE_MS - 1)],
  },
  {
    name: "a run without a worker that has its tags is stuck",
    lastRun: waiting(ago(5000), gpu),
    workers: [{ ...WORKER, tags: ["eu"] }],
    state: ["stuck", "No worker has the tag gpu", ago(5000)],
  },
  {
    name: "a run whose tags no one worker has together is stuck",
    lastRun: waiting(ago(5000), gpu),
    workers: [{ ...WORKER, tags: ["eu"] }, { ...WORKER, tags: ["gpu"] }],
    state: ["stuck", "No worker has all of the tags gpu, eu", ago(5000)],
  },
  {
    name: "a run is stuck while the only workers drain",
    lastRun: waiting(ago(5000)),
    workers: [{ ...WORKER, status: "DRAINING" }],
    state: ["stuck", "No worker is online", ago(5000)],
  },
  {
    name: "a next run beyond what the schedule says is misplaced",
    job: { nextRun: epochMs(now + 90 * 60_000) },
    lastRun: going,
    state: ["misplaced", "The next run is later than the schedule says", null],
  },
  { name: "a run that goes on is running", lastRun: going, state: ["running", "A run is going on", ago(3000)] },
  {
    name: "a run waits for a slot",
    lastRun: waiting(ago(5000)),
    state: ["waiting", "A run waits for a worker", ago(5000)],
  },
  {
    name: "a retry waits for its time",
    lastRun: waiting(epochMs(now + 5000), { retryCount: 2 }),
    state: ["retrying", "Retry 2 waits for its time", epochMs(now + 5000)],
  },
  {
    name: "a run that is spread to later leaves the job fine",
    lastRun: waiting(epochMs(now + 5000)),
    state: ["fine", "Runs next", JOB.nextRun],
  },
  {
    name: "a paused job says why",
    job: { isActive: false, pausedNote: "Disk full", nextRun: null },
    state: ["paused", "Disk full", JOB.updatedAt],
  },
  {
    name: "a paused job whose run still goes on says both",
    job: { isActive: false, nextRun: null },
    lastRun: going,
    state: ["running", "Paused; a run is going on", ago(3000)],
  },
  { name: "a job by hand runs on demand", job: manual, state: ["manual", "Runs on demand", null] },
  {
    name: "a job whose schedule has ended is done",
    job: { schedule: { kind: "once", at: "2020-01-01T00:00" }, nextRun: null },
    state: ["done", "The schedule has no further time", null],
  },
];

for (const { name, job = {}, lastRun = null, failure = null, workers = [WORKER], state } of cases) {
  Deno.test(`judgeJob(): ${name}`, () => {
    const judged = judgeJob({ job: { ...JOB, ...job }, lastRun, failure, workers, now });
    assert.deepEqual([judged.condition, judged.reason, judged.since], state);
  });
}
