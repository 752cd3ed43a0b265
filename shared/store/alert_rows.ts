/**
 * Rows of alerts, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import {
  type AlertChannel,
  type AlertRule,
  type AlertRuleDefinition,
  alertRuleId,
  CHANNEL_KINDS,
  channelId,
  type ChannelSecret,
  CONDITION_KINDS,
  type Delivery,
  deliveryId,
  type EpochMs,
  EXECUTION_STATUSES,
  type Incident,
  incidentId,
  jobId,
  NOTICE_KINDS,
  SIGNALS,
} from "../domain/mod.ts";
import type { JobRecord, JudgedEnd } from "../policy/alert_events.ts";
import type { StartedRun, WatchedJob } from "./alert_store.ts";
import { flag, instant, ofDispatch, ofJob, type Row, texts } from "./rows.ts";

const orNone = z.number().transform((id) => id === 0 ? null : jobId(id));

const channelRow = z.object({
  id: z.number().transform(channelId),
  name: z.string(),
  kind: z.enum(CHANNEL_KINDS),
  address: z.string(),
  sender: z.string().nullable(),
  receivers: texts,
  is_enabled: flag,
  created_at: instant,
  updated_at: instant,
});

/** A row of `alert_channels`, without its secrets. */
export function toChannel(row: Row): AlertChannel {
  const r = channelRow.parse(row);
  return {
    id: r.id,
    name: r.name,
    kind: r.kind,
    address: r.address,
    from: r.sender,
    to: r.receivers,
    isEnabled: r.is_enabled,
    createdAt: r.created_at,
    updatedAt: r.updated_at,
  };
}

const secretRow = z.object({ url: z.string(), token: z.string().nullable() });

/** The secrets of a row of `alert_channels`. */
export function toChannelSecret(row: Row): ChannelSecret {
  return secretRow.parse(row);
}

const minute = z.int().min(0).max(1439);
const definition: z.ZodType<AlertRuleDefinition> = z.object({
  name: z.string(),
  condition: z.object({ kind: z.enum(CONDITION_KINDS), limit: z.number() }),
  scope: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("all") }),
    z.object({ kind: z.literal("label"), label: z.string() }),
    z.object({ kind: z.literal("job"), jobId: ofJob }),
  ]),
  channelIds: z.array(z.number().transform(channelId)),
  remindSeconds: z.number().nullable(),
  quiet: z.object({ from: minute, until: minute, timezone: z.string() }).nullable(),
});

const ruleRow = z.object({
  id: z.number().transform(alertRuleId),
  definition: z.string().transform((text) => definition.parse(JSON.parse(text))),
  is_enabled: flag,
  created_at: instant,
  updated_at: instant,
});

/** A row of `alert_rules`. */
export function toAlertRule(row: Row): AlertRule {
  const { id, definition, is_enabled: isEnabled, created_at: createdAt, updated_at: updatedAt } = ruleRow.parse(row);
  return { id, ...definition, isEnabled, createdAt, updatedAt };
}

/** The definition of a rule, as its row keeps it. */
export function definitionText(
  { name, condition, scope, channelIds, remindSeconds, quiet }: AlertRuleDefinition,
): string {
  return JSON.stringify({ name, condition, scope, channelIds, remindSeconds, quiet });
}

const incidentRow = z.object({
  id: z.number().transform(incidentId),
  rule_id: z.number().transform(alertRuleId),
  rule_name: z.string(),
  job_id: orNone,
  job_name: z.string().nullable(),
  message: z.string(),
  opened_at: instant,
  last_at: instant,
  count: z.number(),
  closed_at: instant.nullable(),
  acknowledged_at: instant.nullable(),
  acknowledged_by: z.string().nullable(),
  snoozed_until: instant.nullable(),
  notified_at: instant.nullable(),
  next_at: instant.nullable(),
});

/** A row of `incidents`. */
export function toIncident(row: Row): Incident {
  const r = incidentRow.parse(row);
  return {
    id: r.id,
    ruleId: r.rule_id,
    ruleName: r.rule_name,
    jobId: r.job_id,
    jobName: r.job_name,
    message: r.message,
    openedAt: r.opened_at,
    lastAt: r.last_at,
    count: r.count,
    closedAt: r.closed_at,
    acknowledgedAt: r.acknowledged_at,
    acknowledgedBy: r.acknowledged_by,
    snoozedUntil: r.snoozed_until,
    notifiedAt: r.notified_at,
    nextAt: r.next_at,
  };
}

const notice = z.object({
  title: z.string(),
  text: z.string(),
  isSuccess: z.boolean().optional(),
  signal: z.enum(SIGNALS).optional(),
}).transform(({ isSuccess, signal, ...words }) => ({
  ...words,
  ...(isSuccess !== undefined && { isSuccess }),
  ...(signal !== undefined && { signal }),
}));

const deliveryRow = z.object({
  id: z.number().transform(deliveryId),
  public_id: z.string(),
  channel_id: z.number().transform(channelId),
  channel_name: z.string().nullable(),
  incident_id: z.number().transform((id) => id === 0 ? null : incidentId(id)),
  job_id: orNone,
  kind: z.enum(NOTICE_KINDS),
  notice: z.string().transform((text) => notice.parse(JSON.parse(text))),
  created_at: instant,
  attempts: z.number(),
  next_at: instant.nullable(),
  ended_at: instant.nullable(),
  is_delivered: flag.nullable(),
  error: z.string().nullable(),
});

/** A row of `deliveries`, with the name of its channel. */
export function toDelivery(row: Row): Delivery {
  const r = deliveryRow.parse(row);
  return {
    id: r.id,
    publicId: r.public_id,
    channelId: r.channel_id,
    channelName: r.channel_name,
    incidentId: r.incident_id,
    jobId: r.job_id,
    kind: r.kind,
    notice: r.notice,
    createdAt: r.created_at,
    attempts: r.attempts,
    nextAt: r.next_at,
    endedAt: r.ended_at,
    isDelivered: r.is_delivered,
    error: r.error,
  };
}

const correlationRow = z.object({ correlation_id: z.string().nullable() });

/** The correlation id in a row of `deliveries`. */
export function toCorrelation(row: Row): string | null {
  return correlationRow.parse(row).correlation_id;
}

const endRow = z.object({
  at: instant,
  job_id: ofJob,
  job_name: z.string(),
  labels: texts,
  dispatch_id: ofDispatch,
  execution: z.enum(EXECUTION_STATUSES),
  is_retried: flag,
  error_message: z.string().nullable(),
  exit_code: z.number().nullable(),
  correlation_id: z.string().nullable(),
});

/** An end with its job. */
export interface EndOfJob extends JudgedEnd {
  /** The name of the job. */
  readonly jobName: string;
  /** Its labels. */
  readonly labels: readonly string[];
  /** Of its occurrence; null: the run has been deleted. */
  readonly correlationId: string | null;
}

/** A row of an end in the outbox, with its job and its run. */
export function toEndOfJob(row: Row): EndOfJob {
  const r = endRow.parse(row);
  return {
    jobId: r.job_id,
    jobName: r.job_name,
    labels: r.labels,
    dispatchId: r.dispatch_id,
    at: r.at,
    execution: r.execution,
    isRetried: r.is_retried,
    reason: r.error_message ?? (r.exit_code === null ? null : `exit code ${r.exit_code}`),
    correlationId: r.correlation_id,
  };
}

const recordRow = z.object({ job_id: ofJob, failures: z.number(), succeeded_at: instant.nullable() });

/** A row of `alert_jobs`, with its job. */
export function toJobRecord(row: Row): JobRecord & { readonly jobId: EndOfJob["jobId"] } {
  const { job_id: jobId, failures, succeeded_at: succeededAt } = recordRow.parse(row);
  return { jobId, failures, succeededAt };
}

const watchedRow = z.object({ job_id: ofJob, job_name: z.string(), labels: texts, since: instant });

/** A job that was looked for. */
export function toWatchedJob(row: Row): WatchedJob {
  const { job_id: jobId, job_name: jobName, labels, since } = watchedRow.parse(row);
  return { jobId, jobName, labels, since };
}

const startedRow = z.object({
  dispatch_id: ofDispatch,
  job_id: ofJob,
  job_name: z.string(),
  labels: texts,
  started_at: instant,
  correlation_id: z.string(),
});

/** A run that has started. */
export function toStartedRun(row: Row): StartedRun {
  const r = startedRow.parse(row);
  return {
    dispatchId: r.dispatch_id,
    jobId: r.job_id,
    jobName: r.job_name,
    labels: r.labels,
    startedAt: r.started_at,
    correlationId: r.correlation_id,
  };
}

const nextRow = z.object({ next_at: instant.nullable() });

/** The column `next_at` of a row; null: there is none. */
export function toNextAt(row: Row | undefined): EpochMs | null {
  return row === undefined ? null : nextRow.parse(row).next_at;
}
