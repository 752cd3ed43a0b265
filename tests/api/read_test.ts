import assert from "node:assert/strict";
import type { z } from "zod";
import {
  auditForm,
  auditVerdictForm,
  definitionFields,
  jobForm,
  jobSummaryForm,
  type Json,
  logBeginningForm,
  logChunkForm,
  revisionForm,
  runForm,
  type ShownRun,
  type ShownState,
  tokenForm,
  userForm,
  workerForm,
} from "../../shared/api/mod.ts";
import {
  readAuditPage,
  readAuditVerdict,
  readDefinition,
  readJob,
  readJobPage,
  readLogBeginning,
  readLogChunk,
  readPausedJob,
  readRevisionPage,
  readRun,
  readRunDetails,
  readToken,
  readUser,
  readWorkers,
} from "../../shared/api/schemas/mod.ts";
import {
  apiTokenId,
  auditEventId,
  type AuditVerdict,
  definitionOf,
  dispatchId,
  type Job,
  jobId,
  REVISION_ACTIONS,
  type RevisionChange,
  userId,
  webhookId,
} from "../../shared/domain/mod.ts";
import { parseSchedule } from "../../shared/schedule/mod.ts";
import { A, at, MINUTELY } from "../store/_given.ts";

/** Checks that `reader` reads from `form`, sent as JSON and with a member that only a newer program knows, what it was made of. */
function assertReads<Value>(reader: z.ZodType<Value>, form: { readonly [name: string]: Json }, value: Value): void {
  assert.deepEqual(reader.parse(JSON.parse(JSON.stringify({ ...form, newer: 1 }))), value);
}

const PLAIN: Job = {
  ...MINUTELY,
  id: jobId(1),
  managedBy: null,
  isActive: true,
  pausedNote: null,
  nextRun: at(60),
  lastDispatchedAt: null,
  revision: 1,
  createdAt: at(0),
  updatedAt: at(0),
  damage: null,
};

const UNUSUAL: Job = {
  ...PLAIN,
  name: "<b>\u{1f680}\n",
  key: "nightly",
  managedBy: "file",
  labels: ["a", "b"],
  scriptArgs: ["", "ü"],
  isActive: false,
  pausedNote: "moving house",
  nextRun: null,
  lastDispatchedAt: at(1),
  revision: 7,
  policies: {
    timeoutSeconds: 5,
    retry: { max: 0, baseSeconds: 1, capSeconds: 60 },
    dst: { gap: "skip", fold: "both" },
    misfire: { kind: "run_all", graceSeconds: 5, limit: 7, catchupSeconds: 3600 },
    overlap: "queue_all",
    spreadSeconds: 30,
    startsAt: at(0.25),
    endsAt: at(9999),
    priority: -3,
    tags: ["eu", "gpu"],
    concurrency: { key: "backup", limit: 2 },
    env: { A: "1", B: "" },
  },
};

const SCHEDULES = [
  "manual",
  "every 90s",
  "hourly at :30",
  "daily at 02:30",
  "daily at 14:00:15",
  "every monday at 9:30 pm",
  "cron 0 9 * * mon-fri",
];

Deno.test("a job and its definition are read as they were shown", () => {
  const jobs = [PLAIN, UNUSUAL, ...SCHEDULES.map((text) => ({ ...PLAIN, schedule: parseSchedule(text) }))];
  for (const job of jobs) {
    assertReads(readJob, jobForm(job), job);
    assertReads(readDefinition, definitionFields(job), definitionOf(job));
  }
  const counts = { waiting_runs: 2, cancelled_runs: 1 };
  assertReads(readPausedJob, { ...jobForm(UNUSUAL), ...counts }, { job: UNUSUAL, waiting: 2, cancelled: 1 });
});

Deno.test("a job of a schedule that the reader does not know is refused with the reason", () => {
  const form = { ...jobForm(PLAIN), schedule_json: { kind: "lunar" } };
  const { error } = readJob.safeParse(form);
  assert.match(error?.issues[0]?.message ?? "", /lunar/);
});

const RUN: Omit<ShownRun, "state"> = {
  id: dispatchId(3),
  jobId: jobId(1),
  jobName: "A",
  scheduledFor: at(0),
  trigger: "schedule",
  retryCount: 1,
  rootId: dispatchId(2),
  args: ["x"],
  jobRevision: 4,
  correlationId: "c",
  createdAt: at(1),
  priority: 5,
  needs: {
    tags: ["gpu"],
    concurrency: { key: "k", limit: 2 },
    serial: { group: "job/1", width: null },
  },
  decision: { timing: "run_all", overlap: "queue_one" },
  backfill: { id: "b", atOnce: 3 },
  webhook: { id: webhookId(5), name: "Deploy" },
};

const BARE: Omit<ShownRun, "state"> = {
  ...RUN,
  args: null,
  needs: { tags: [], concurrency: null, serial: null },
  decision: null,
  backfill: null,
  webhook: null,
};

const ended = { workerId: A, claimedAt: at(1), startedAt: at(2), completedAt: at(3), signal: null };
const STATES: readonly ShownState[] = [
  { status: "PENDING", availableAt: at(9) },
  {
    status: "IN_PROGRESS",
    lease: { workerId: A },
    claimedAt: at(1),
    startedAt: null,
    cancelRequestedAt: null,
    cancel: null,
  },
  {
    status: "IN_PROGRESS",
    lease: { workerId: A },
    claimedAt: at(1),
    startedAt: at(2),
    cancelRequestedAt: at(3),
    cancel: { reason: "request" },
  },
  { ...ended, status: "COMPLETED", exitCode: 0, errorMessage: null, cancel: null },
  { ...ended, status: "FAILED", exitCode: null, signal: "SIGKILL", errorMessage: "It\nbroke", cancel: null },
  { ...ended, status: "TIMEOUT", exitCode: 7, errorMessage: "late", cancel: { reason: "pause" } },
  {
    ...ended,
    status: "CANCELLED",
    workerId: null,
    claimedAt: null,
    startedAt: null,
    exitCode: null,
    errorMessage: "Cancelled",
    cancel: { reason: "overlap", forRun: dispatchId(9) },
  },
];

Deno.test("a run is read as it was shown, in each state", () => {
  for (const state of STATES) {
    for (const facts of [RUN, BARE]) {
      const run = { ...facts, state };
      assertReads(readRun, runForm(run), run);
      const execution = { status: "FAILURE", durationMs: 5, logBytes: 6, truncated: true } as const;
      const shown = { status: "FAILURE", duration_ms: 5, log_bytes: 6, truncated: true };
      const details = { ...runForm(run), execution: shown, attempts: [runForm(run)] };
      assertReads(readRunDetails, details, { run, execution, attempts: [run] });
      for (const failure of [null, { dispatchId: run.id, since: at(4), message: null }]) {
        const recent = [{ id: run.id, status: "TIMEOUT", durationMs: 5, endedAt: at(3) } as const];
        const summary = { ...UNUSUAL, lastRun: run, failure, recent };
        assertReads(readJobPage, { items: [jobSummaryForm(summary)], next: "x" }, { items: [summary], next: "x" });
      }
    }
  }
});

Deno.test("what a run lacks is named", () => {
  const { error } = readRun.safeParse({
    ...runForm({ ...RUN, state: { status: "PENDING", availableAt: at(1) } }),
    job_id: 0,
    status: "LOST",
  });
  assert.deepEqual(error?.issues.map(({ path }) => path.join(".")), ["job_id", "status"]);
});

Deno.test("output is read as it was shown", () => {
  const chunk = { seq: 4, stream: "system", at: at(1), data: "ü\n" } as const;
  assertReads(readLogChunk, logChunkForm(chunk), chunk);
  const beginning = { offset: 9, seq: 2, chunkOffset: 5 };
  assertReads(readLogBeginning, logBeginningForm(beginning), beginning);
});

Deno.test("a revision is read as it was shown, whatever made it", () => {
  const changeOf = (action: RevisionChange["action"]): RevisionChange =>
    action === "paused" ? { action, note: "n" } : action === "rolled_back" ? { action, to: 2 } : { action };
  for (const change of REVISION_ACTIONS.map(changeOf)) {
    const entry = {
      revision: {
        jobId: jobId(1),
        revision: 3,
        at: at(3),
        actor: { kind: "cli", name: "ann" },
        change,
        definition: definitionOf(UNUSUAL),
        damage: null,
      },
      changes: [
        { field: "env", before: { A: "1" }, after: {} },
        { field: "tags", before: [], after: ["x"] },
        { field: "timeout", before: null, after: 5 },
      ],
    } as const;
    const first = { revision: { ...entry.revision, actor: null }, changes: null };
    const damaged = { revision: { ...entry.revision, definition: null, damage: "It is cut off" }, changes: null };
    const items = [entry, first, damaged];
    assertReads(readRevisionPage(jobId(1)), { items: items.map(revisionForm), next: null }, { items, next: null });
  }
});

Deno.test("users, tokens, workers and the audit list are read as they were shown", () => {
  const user = {
    id: userId(4),
    name: "ann",
    role: null,
    grants: [{ label: "finance", role: "operator" }],
    isService: false,
    isDisabled: true,
    hasPassword: true,
    externalId: { issuer: "https://id.example", subject: "7" },
    createdAt: at(0),
    updatedAt: at(1),
  } as const;
  assertReads(readUser, userForm(user), user);
  const token = {
    id: apiTokenId(5),
    userId: user.id,
    name: "ci",
    prefix: "jtp_x3Kf",
    scopes: ["jobs.read"],
    labels: ["a"],
    expiresAt: at(9),
    lastUsedAt: null,
    createdAt: at(0),
    revokedAt: null,
  } as const;
  assertReads(readToken, tokenForm(token), token);
  const worker = {
    workerId: A,
    hostname: "a.example",
    platform: "linux x86_64",
    processId: 7,
    version: "0.1.0",
    tags: ["gpu"],
    concurrency: 4,
    status: "BUSY",
    startedAt: at(0),
    lastHeartbeat: at(1),
    jobsProcessed: 2,
    currentDispatchIds: [dispatchId(3)],
    drainRequestedAt: at(5),
    endedAt: null,
  } as const;
  assertReads(readWorkers, { items: [workerForm(worker)] }, { items: [worker] });
  const event = {
    id: auditEventId(2),
    at: at(2),
    actor: { kind: "token", name: "ci of ann", userId: user.id, tokenId: token.id },
    origin: { address: "127.0.0.1", requestId: "r" },
    action: "jobs.edit",
    subject: { kind: "job", id: 1, name: "A" },
    outcome: "denied",
    reason: "no",
    before: { name: "A", list: [1, { deep: true }] },
    after: null,
    previousHash: "p",
    hash: "h",
  } as const;
  const unknown = { ...event, actor: null, origin: { address: null, requestId: null }, before: null } as const;
  assertReads(readAuditPage, { items: [auditForm(event), auditForm(unknown)], next: null }, {
    items: [event, unknown],
    next: null,
  });
  const verdicts: readonly AuditVerdict[] = [
    { isIntact: true, events: 0, last: null },
    { isIntact: true, events: 2, last: { id: 2, hash: "h" } },
    { isIntact: false, id: 3, fault: "unlinked" },
  ];
  for (const verdict of verdicts) assertReads(readAuditVerdict, auditVerdictForm(verdict), verdict);
});
