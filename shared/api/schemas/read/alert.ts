import { z } from "zod";
import {
  type AlertChannel,
  type AlertRule,
  alertRuleId,
  type AlertScope,
  CHANNEL_KINDS,
  channelId,
  CONDITION_KINDS,
  type Delivery,
  deliveryId,
  type Incident,
  incidentId,
  jobId,
  NOTICE_KINDS,
} from "../../../domain/mod.ts";
import { instant, texts } from "./_values.ts";

const id = z.int().min(1);
const orJob = id.nullable().transform((value) => value === null ? null : jobId(value));

/** Reads what `channelForm()` made. */
export const readChannel: z.ZodType<AlertChannel> = z.object({
  id: id.transform(channelId),
  name: z.string(),
  kind: z.enum(CHANNEL_KINDS),
  address: z.string(),
  from: z.string().nullable(),
  to: texts,
  is_enabled: z.boolean(),
  created_at: instant,
  updated_at: instant,
}).transform(({ is_enabled: isEnabled, created_at: createdAt, updated_at: updatedAt, ...channel }) => ({
  ...channel,
  isEnabled,
  createdAt,
  updatedAt,
}));

/** Reads all channels. */
export const readChannels: z.ZodType<{ readonly items: readonly AlertChannel[] }> = z.object({
  items: z.array(readChannel),
});

const secret = z.object({ secret: z.string().nullable() });

/** Reads a channel that was just made, with its secret. */
export const readNewChannel: z.ZodType<{ readonly channel: AlertChannel; readonly secret: string | null }> = z
  .unknown().transform((value) => ({ channel: readChannel.parse(value), ...secret.parse(value) }));

const time = z.string().regex(/^\d\d:\d\d$/).transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

/** Reads what `alertRuleForm()` made. Of its channels it tells the names, not the ids. */
export const readAlertRule: z.ZodType<{ readonly rule: AlertRule; readonly channels: readonly string[] }> = z.object({
  id: id.transform(alertRuleId),
  name: z.string(),
  condition: z.enum(CONDITION_KINDS),
  limit: z.number(),
  label: z.string().nullable(),
  job_id: orJob,
  channels: texts,
  remind_seconds: z.number().nullable(),
  quiet: z.object({ from: time, until: time, timezone: z.string() }).nullable(),
  is_enabled: z.boolean(),
  created_at: instant,
  updated_at: instant,
}).transform((read) => ({
  channels: read.channels,
  rule: {
    id: read.id,
    name: read.name,
    condition: { kind: read.condition, limit: read.limit },
    scope: scopeOf(read.label, read.job_id),
    channelIds: [],
    remindSeconds: read.remind_seconds,
    quiet: read.quiet,
    isEnabled: read.is_enabled,
    createdAt: read.created_at,
    updatedAt: read.updated_at,
  },
}));

function scopeOf(label: string | null, job: ReturnType<typeof jobId> | null): AlertScope {
  return label !== null ? { kind: "label", label } : job !== null ? { kind: "job", jobId: job } : { kind: "all" };
}

/** Reads rules. */
export const readAlertRules: z.ZodType<
  { readonly items: readonly { readonly rule: AlertRule; readonly channels: readonly string[] }[] }
> = z.object({ items: z.array(readAlertRule) });

/** Reads what `incidentForm()` made. */
export const readIncident: z.ZodType<Incident> = z.object({
  id: id.transform(incidentId),
  rule_id: id.transform(alertRuleId),
  rule_name: z.string(),
  job_id: orJob,
  job_name: z.string().nullable(),
  message: z.string(),
  opened_at: instant,
  last_at: instant,
  count: z.int(),
  closed_at: instant.nullable(),
  acknowledged_at: instant.nullable(),
  acknowledged_by: z.string().nullable(),
  snoozed_until: instant.nullable(),
  notified_at: instant.nullable(),
  next_at: instant.nullable(),
}).transform((read) => ({
  id: read.id,
  ruleId: read.rule_id,
  ruleName: read.rule_name,
  jobId: read.job_id,
  jobName: read.job_name,
  message: read.message,
  openedAt: read.opened_at,
  lastAt: read.last_at,
  count: read.count,
  closedAt: read.closed_at,
  acknowledgedAt: read.acknowledged_at,
  acknowledgedBy: read.acknowledged_by,
  snoozedUntil: read.snoozed_until,
  notifiedAt: read.notified_at,
  nextAt: read.next_at,
}));

/** Reads a page of incidents. */
export const readIncidentPage: z.ZodType<{ readonly items: readonly Incident[]; readonly next: string | null }> = z
  .object({ items: z.array(readIncident), next: z.string().nullable() });

/** Reads what `deliveryForm()` made. */
export const readDelivery: z.ZodType<Delivery> = z.object({
  id: id.transform(deliveryId),
  public_id: z.string(),
  channel_id: id.transform(channelId),
  channel_name: z.string().nullable(),
  incident_id: id.nullable().transform((value) => value === null ? null : incidentId(value)),
  job_id: orJob,
  kind: z.enum(NOTICE_KINDS),
  title: z.string(),
  text: z.string(),
  created_at: instant,
  attempts: z.int(),
  next_at: instant.nullable(),
  ended_at: instant.nullable(),
  is_delivered: z.boolean().nullable(),
  error: z.string().nullable(),
}).transform((read) => ({
  id: read.id,
  publicId: read.public_id,
  channelId: read.channel_id,
  channelName: read.channel_name,
  incidentId: read.incident_id,
  jobId: read.job_id,
  kind: read.kind,
  notice: { title: read.title, text: read.text },
  createdAt: read.created_at,
  attempts: read.attempts,
  nextAt: read.next_at,
  endedAt: read.ended_at,
  isDelivered: read.is_delivered,
  error: read.error,
}));

/** Reads deliveries. */
export const readDeliveries: z.ZodType<{ readonly items: readonly Delivery[] }> = z.object({
  items: z.array(readDelivery),
});

/** Reads a page of deliveries. */
export const readDeliveryPage: z.ZodType<{ readonly items: readonly Delivery[]; readonly next: string | null }> = z
  .object({ items: z.array(readDelivery), next: z.string().nullable() });
