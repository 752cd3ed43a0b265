/**
 * What programs are shown of alerts: where they go, when they are sent, and what was sent.
 *
 * @module
 */
import { z } from "zod";
import { CHANNEL_KINDS, CONDITION_KINDS, NOTICE_KINDS } from "../../../domain/mod.ts";
import { count, id, instant, pageOf, texts } from "./_values.ts";

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

/** The names of these schemas. */
export type AlertName =
  | "Channel"
  | "Channels"
  | "NewChannel"
  | "AlertRule"
  | "AlertRules"
  | "Incident"
  | "IncidentPage"
  | "Delivery"
  | "DeliveryPage"
  | "Deliveries";

/** The schemas, by their names. */
export const ALERT_SHOWN: Readonly<Record<AlertName, z.ZodType>> = {
  Channel: channel,
  Channels: z.strictObject({ items: z.array(channel) }),
  NewChannel: channel.extend({ secret: z.string().nullable() }),
  AlertRule: alertRule,
  AlertRules: z.strictObject({ items: z.array(alertRule) }),
  Incident: incident,
  IncidentPage: pageOf(incident),
  Delivery: delivery,
  DeliveryPage: pageOf(delivery),
  Deliveries: z.strictObject({ items: z.array(delivery) }),
};
