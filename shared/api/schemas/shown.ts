/**
 * What programs are shown, as schemas: each describes what the form of the same name in `output.ts` and its neighbours makes.
 *
 * @module
 */
import { z } from "zod";
import {
  ACTOR_KINDS,
  AUDIT_ACTIONS,
  AUDIT_FAULTS,
  AUDIT_OUTCOMES,
  AUDIT_SUBJECT_KINDS,
  BULK_KINDS,
  CANCEL_REASONS,
  CHANNEL_KINDS,
  CONDITION_KINDS,
  DECISION_OVERLAPS,
  DECISION_TIMINGS,
  DISPATCH_STATUSES,
  EXECUTION_STATUSES,
  FINDING_LEVELS,
  LEDGER_REASONS,
  LOG_STREAMS,
  NOTICE_KINDS,
  PERMISSIONS,
  PROBLEM_CODES,
  REVISION_ACTIONS,
  ROLES,
  SESSION_METHODS,
  TRIGGERS,
  WEBHOOK_KINDS,
  WORKER_STATUSES,
} from "../../domain/mod.ts";
import { TROUBLE_CODES, TROUBLE_LEVELS } from "../../policy/mod.ts";
import { API_ERROR_CODES } from "../api_errors.ts";
import { WAIT_KINDS } from "../shown_run.ts";
import { JOB_FIELDS } from "../job_fields.ts";
import { dstSchema, POLICY_NAMES } from "../policy_input.ts";
import { definition } from "./definition.ts";
import { statisticsShown, timelineShown } from "./time.ts";

const instant = z.iso.datetime({ offset: false });
const texts = z.array(z.string());
const id = z.int().min(1);
const count = z.int().min(0);

/** The policies that are texts or numbers, with the words of the table of fields. */
const policies = Object.fromEntries(POLICY_NAMES.map((name) => {
  const { bounds, choices, label, flag: [, about] } = JOB_FIELDS[name];
  const value = bounds !== null
    ? z.int().min(bounds.min).max(bounds.max)
    : choices !== null
    ? z.enum(choices.map(([word]) => word))
    : z.string();
  return [name, value.nullable().meta({ title: label, description: about })];
}));

const job = z.strictObject({
  id,
  name: z.string(),
  key: z.string().nullable(),
  managed_by: z.string().nullable(),
  labels: texts,
  script_path: z.string(),
  script_args: texts,
  schedule: z.string(),
  schedule_json: z.looseObject({ kind: z.string() }),
  timezone: z.string(),
  is_active: z.boolean(),
  paused_note: z.string().nullable(),
  next_run: instant.nullable(),
  last_dispatched_at: instant.nullable(),
  revision: id,
  ...policies,
  tags: texts,
  dst: dstSchema,
  env: z.record(z.string(), z.string()),
  created_at: instant,
  updated_at: instant,
  damage: z.string().nullable().meta({
    description: "why a part of its stored definition cannot be read and has a stand-in; null: all can",
  }),
});

const run = z.strictObject({
  id,
  job_id: id,
  job_name: z.string(),
  status: z.enum(DISPATCH_STATUSES),
  trigger: z.enum(TRIGGERS),
  retry_count: count,
  root_id: id,
  scheduled_for: instant,
  available_at: instant.nullable(),
  claimed_at: instant.nullable(),
  started_at: instant.nullable(),
  completed_at: instant.nullable(),
  worker_id: z.string().nullable(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  error_message: z.string().nullable(),
  cancel_requested_at: instant.nullable(),
  cancel_reason: z.enum(CANCEL_REASONS).nullable(),
  cancelled_for: id.nullable(),
  args: texts.nullable(),
  webhook: z.strictObject({ id, name: z.string() }).nullable(),
  job_revision: id,
  correlation_id: z.string(),
  priority: z.int(),
  tags: texts,
  concurrency_key: z.string().nullable(),
  concurrency_limit: id.nullable(),
  turn: z.strictObject({ group: z.string(), width: id.nullable() }).nullable(),
  decision: z.strictObject({ timing: z.enum(DECISION_TIMINGS), overlap: z.enum(DECISION_OVERLAPS).nullable() })
    .nullable(),
  backfill: z.strictObject({ id: z.string(), at_once: id }).nullable(),
  created_at: instant,
});

const waitingRun = z.strictObject({
  position: id,
  kind: z.enum(WAIT_KINDS),
  reason: z.string(),
  run,
});

const execution = z.strictObject({
  status: z.enum(EXECUTION_STATUSES),
  duration_ms: count,
  log_bytes: count,
  truncated: z.boolean(),
});

const worker = z.strictObject({
  worker_id: z.string(),
  hostname: z.string(),
  platform: z.string(),
  process_id: count,
  version: z.string(),
  tags: texts,
  concurrency: id,
  status: z.enum(WORKER_STATUSES),
  started_at: instant,
  last_heartbeat: instant,
  jobs_processed: count,
  current_run_ids: z.array(id),
  drain_requested_at: instant.nullable(),
  ended_at: instant.nullable(),
});

const ledgerEntry = z.strictObject({
  job_id: id,
  reason: z.enum(LEDGER_REASONS),
  first_at: instant,
  last_at: instant,
  count: id,
});

const problem = z.strictObject({ field: z.string(), message: z.string(), code: z.enum(PROBLEM_CODES) });

const revision = z.strictObject({
  revision: id,
  at: instant,
  actor: z.strictObject({ kind: z.enum(ACTOR_KINDS), name: z.string() }).nullable(),
  action: z.enum(REVISION_ACTIONS),
  note: z.string().nullable(),
  to: id.nullable(),
  changes: z.array(z.strictObject({ field: z.string(), before: z.unknown(), after: z.unknown() })).nullable(),
  definition: definition.nullable(),
  damage: z.string().nullable().meta({
    description: "why the stored definition of this revision cannot be read; null: it can",
  }),
});

const grants = z.array(z.strictObject({ label: z.string(), role: z.enum(ROLES) }));

const user = z.strictObject({
  id,
  name: z.string(),
  role: z.enum(ROLES).nullable(),
  grants,
  is_service: z.boolean(),
  is_disabled: z.boolean(),
  has_password: z.boolean(),
  external_id: z.strictObject({ issuer: z.string(), subject: z.string() }).nullable(),
  created_at: instant,
  updated_at: instant,
});

const token = z.strictObject({
  id,
  user_id: id,
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(PERMISSIONS)),
  labels: texts.nullable(),
  expires_at: instant.nullable(),
  last_used_at: instant.nullable(),
  created_at: instant,
  revoked_at: instant.nullable(),
});

const session = z.strictObject({
  id,
  user_id: id,
  method: z.enum(SESSION_METHODS),
  address: z.string(),
  user_agent: z.string(),
  created_at: instant,
  last_seen_at: instant,
  expires_at: instant,
});

const auditEvent = z.strictObject({
  id,
  at: instant,
  actor: z.strictObject({
    kind: z.enum(ACTOR_KINDS),
    name: z.string(),
    user_id: id.nullable(),
    token_id: id.nullable(),
  }).nullable(),
  address: z.string().nullable(),
  request_id: z.string().nullable(),
  action: z.enum(AUDIT_ACTIONS),
  subject: z.strictObject({ kind: z.enum(AUDIT_SUBJECT_KINDS), id: id.nullable(), name: z.string().nullable() }),
  outcome: z.enum(AUDIT_OUTCOMES),
  reason: z.string().nullable(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  previous_hash: z.string(),
  hash: z.string(),
});

const auditVerdict = z.discriminatedUnion("is_intact", [
  z.strictObject({
    is_intact: z.literal(true),
    events: count,
    last: z.strictObject({ id, hash: z.string() }).nullable(),
  }),
  z.strictObject({ is_intact: z.literal(false), id, fault: z.enum(AUDIT_FAULTS) }),
]);

const nextRun = z.strictObject({ scheduled_for: instant, starts_at: instant });

const preview = z.strictObject({
  schedule: z.string(),
  schedule_json: z.looseObject({ kind: z.string() }),
  timezone: z.string(),
  sentence: z.string(),
  warnings: texts,
  next_runs: z.array(nextRun),
  others_this_minute: z.strictObject({
    scheduled_for: instant,
    jobs: count,
    is_more: z.boolean(),
    free_at: instant.nullable(),
  }).nullable(),
});

const logChunk = z.strictObject({
  seq: count,
  stream: z.enum(LOG_STREAMS),
  at: instant,
  data: z.string(),
});

const problemDetails = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  code: z.enum(API_ERROR_CODES),
  errors: z.array(problem),
  requestId: z.string(),
});

const webhook = z.strictObject({
  id,
  job_id: id,
  name: z.string(),
  path: z.string(),
  kind: z.enum(WEBHOOK_KINDS),
  prefix: z.string(),
  args: texts,
  per_minute: id,
  is_enabled: z.boolean(),
  last_used_at: instant.nullable(),
  created_at: instant,
  updated_at: instant,
});

const channel = z.strictObject({
  id,
  name: z.string(),
  kind: z.enum(CHANNEL_KINDS),
  address: z.string(),
  from: z.string().nullable(),
  to: texts,
  is_enabled: z.boolean(),
  created_at: instant,
  updated_at: instant,
});

const alertRule = z.strictObject({
  id,
  name: z.string(),
  condition: z.enum(CONDITION_KINDS),
  limit: z.number(),
  label: z.string().nullable(),
  job_id: id.nullable(),
  channels: texts,
  remind_seconds: count.nullable(),
  quiet: z.strictObject({ from: z.string(), until: z.string(), timezone: z.string() }).nullable(),
  is_enabled: z.boolean(),
  created_at: instant,
  updated_at: instant,
});

const incident = z.strictObject({
  id,
  rule_id: id,
  rule_name: z.string(),
  job_id: id.nullable(),
  job_name: z.string().nullable(),
  message: z.string(),
  opened_at: instant,
  last_at: instant,
  count,
  closed_at: instant.nullable(),
  acknowledged_at: instant.nullable(),
  acknowledged_by: z.string().nullable(),
  snoozed_until: instant.nullable(),
  notified_at: instant.nullable(),
  next_at: instant.nullable(),
});

const delivery = z.strictObject({
  id,
  public_id: z.string(),
  channel_id: id,
  channel_name: z.string().nullable(),
  incident_id: id.nullable(),
  job_id: id.nullable(),
  kind: z.enum(NOTICE_KINDS),
  title: z.string(),
  text: z.string(),
  created_at: instant,
  attempts: count,
  next_at: instant.nullable(),
  ended_at: instant.nullable(),
  is_delivered: z.boolean().nullable(),
  error: z.string().nullable(),
});

const endedRun = z.strictObject({ id, status: z.enum(EXECUTION_STATUSES), duration_ms: count, ended_at: instant });

const jobSummary = job.extend({
  last_run: run.nullable(),
  failure: z.strictObject({ run_id: id, since: instant, message: z.string().nullable() }).nullable(),
  recent_runs: z.array(endedRun).meta({ description: "its newest attempts that ended, oldest first, at most 20" }),
});

const view = z.strictObject({
  id,
  name: z.string(),
  filter: z.string(),
  state: z.string().nullable(),
  sort: z.string().nullable(),
  query: z.string().meta({ description: "the query of the list's address in the portal" }),
  created_at: instant,
});

const bulkChange = z.strictObject({
  id,
  action: z.enum(BULK_KINDS),
  created_at: instant,
  finished_at: instant.nullable().meta({ description: "null: some jobs are not settled" }),
  total: count,
  done: count,
  refused: count,
});

const bulkJob = z.strictObject({
  job_id: id,
  job_name: z.string(),
  outcome: z.enum(["done", "refused"]).nullable().meta({ description: "null: not settled" }),
  message: z.string().nullable().meta({ description: "why it was refused" }),
  run_id: id.nullable(),
});

/** A page of a list; `next` is the cursor of the following one, null at the end. */
function pageOf(item: z.ZodType): z.ZodType {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

const serviceCount = z.strictObject({ up: count, silent: count, last_pass_at: instant.nullable() });

const status = z.strictObject({
  level: z.enum(["ok", ...TROUBLE_LEVELS]),
  sign: z.strictObject({ tone: z.enum(["ok", "late", "bad"]), count, text: z.string() }),
  troubles: z.array(z.strictObject({
    code: z.enum(TROUBLE_CODES),
    level: z.enum(TROUBLE_LEVELS),
    message: z.string(),
    since: instant.nullable(),
  })),
  services: z.strictObject({ scheduler: serviceCount, web: serviceCount, notifier: serviceCount }),
  workers: z.strictObject({ online: count, silent: count, stale: count, offline: count, slots: count, busy: count }),
  totals: z.strictObject({
    running: count,
    waiting: count,
    waiting_since: instant.nullable(),
    failed_in_24_hours: count,
    late: count,
    late_since: instant.nullable(),
    failing: count,
    failing_since: instant.nullable(),
  }),
  stuck: z.strictObject({ runs: count, since: instant.nullable(), missing_tags: texts }),
});

/** The names of what is shown, as the OpenAPI document has them. */
export const SHOWN_NAMES = [
  "Job",
  "JobSummary",
  "JobPage",
  "PausedJob",
  "Run",
  "RunPage",
  "RunDetails",
  "Execution",
  "CancelledRun",
  "WaitingRun",
  "Queue",
  "LogChunks",
  "LogBeginning",
  "LogMatches",
  "Worker",
  "Workers",
  "LedgerEntry",
  "Ledger",
  "Why",
  "Backfill",
  "BackfillPlan",
  "JobDefinition",
  "Revision",
  "RevisionPage",
  "SchedulePreview",
  "Me",
  "System",
  "Status",
  "Doctor",
  "User",
  "UserPage",
  "Session",
  "Sessions",
  "SessionsEnded",
  "Token",
  "TokenPage",
  "NewToken",
  "View",
  "Views",
  "BulkChange",
  "BulkJob",
  "BulkJobPage",
  "Webhook",
  "Webhooks",
  "NewWebhook",
  "Channel",
  "Channels",
  "NewChannel",
  "AlertRule",
  "AlertRules",
  "Incident",
  "IncidentPage",
  "Delivery",
  "Deliveries",
  "DeliveryPage",
  "AuditEvent",
  "AuditPage",
  "AuditVerdict",
  "Timeline",
  "Statistics",
  "Problem",
  "ProblemDetails",
] as const;

/** One of {@linkcode SHOWN_NAMES}. */
export type ShownName = typeof SHOWN_NAMES[number];

/** The schemas of all that is shown, by the names that the OpenAPI document gives them. */
export const SHOWN: Readonly<Record<ShownName, z.ZodType>> = {
  Job: job,
  JobSummary: jobSummary,
  JobPage: pageOf(jobSummary),
  PausedJob: job.extend({ waiting_runs: count, cancelled_runs: count }),
  Run: run,
  RunPage: pageOf(run),
  RunDetails: run.extend({ execution: execution.nullable(), attempts: z.array(run) }),
  Execution: execution,
  WaitingRun: waitingRun,
  Queue: z.strictObject({
    items: z.array(waitingRun),
    next: z.string().nullable(),
    total: count,
    oldest: instant.nullable(),
  }),
  CancelledRun: z.strictObject({ id, result: z.enum(["cancelled", "requested"]) }),
  LogChunks: z.strictObject({ chunks: z.array(logChunk), next_seq: count, is_complete: z.boolean() }),
  LogMatches: z.strictObject({
    items: z.array(z.strictObject({ line: count, stream: z.enum(LOG_STREAMS), text: z.string() })),
    next_line: count.nullable().meta({ description: "goes on where this answer ended; null: all output was searched" }),
  }),
  LogBeginning: z.strictObject({ offset: count, seq: count, chunk_offset: count }),
  Worker: worker,
  Workers: z.strictObject({ items: z.array(worker) }),
  LedgerEntry: ledgerEntry,
  Ledger: z.strictObject({ items: z.array(ledgerEntry) }),
  Why: z.strictObject({ id, why: texts }),
  Backfill: z.strictObject({ id: z.string(), written: count, present: count }),
  BackfillPlan: z.strictObject({ from: instant, until: instant, at_once: id, times: z.array(instant) }),
  JobDefinition: definition,
  Revision: revision,
  RevisionPage: pageOf(revision),
  SchedulePreview: preview,
  Me: z.strictObject({
    actor: z.strictObject({ kind: z.enum(ACTOR_KINDS), name: z.string() }),
    user: user.nullable(),
    token: token.nullable(),
    permissions: z.array(z.enum(PERMISSIONS)),
    time: instant,
  }),
  System: z.strictObject({ status: z.literal("ok"), version: z.string(), time: instant }),
  Status: status,
  Doctor: z.strictObject({
    is_fine: z.boolean(),
    items: z.array(z.strictObject({
      check: z.string(),
      level: z.enum(FINDING_LEVELS),
      found: z.string(),
      advice: z.string().nullable(),
    })),
  }),
  User: user,
  UserPage: pageOf(user),
  Session: session,
  Sessions: z.strictObject({ items: z.array(session) }),
  SessionsEnded: z.strictObject({ ended: z.int().min(0) }),
  Token: token,
  TokenPage: pageOf(token),
  NewToken: token.extend({ secret: z.string() }),
  View: view,
  Views: z.strictObject({ items: z.array(view) }),
  BulkChange: bulkChange,
  BulkJob: bulkJob,
  BulkJobPage: pageOf(bulkJob),
  Webhook: webhook,
  Webhooks: z.strictObject({ items: z.array(webhook) }),
  NewWebhook: webhook.extend({ secret: z.string() }),
  Channel: channel,
  Channels: z.strictObject({ items: z.array(channel) }),
  NewChannel: channel.extend({ secret: z.string().nullable() }),
  AlertRule: alertRule,
  AlertRules: z.strictObject({ items: z.array(alertRule) }),
  Incident: incident,
  IncidentPage: pageOf(incident),
  Delivery: delivery,
  Deliveries: z.strictObject({ items: z.array(delivery) }),
  DeliveryPage: pageOf(delivery),
  AuditEvent: auditEvent,
  AuditPage: pageOf(auditEvent),
  AuditVerdict: auditVerdict,
  Timeline: timelineShown,
  Statistics: statisticsShown,
  Problem: problem,
  ProblemDetails: problemDetails,
};
