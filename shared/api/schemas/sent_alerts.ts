/**
 * What programs send about alerts.
 *
 * @module
 */
import { z } from "zod";
import { CHANNEL_KINDS, type ChannelKind, CONDITION_KINDS, type ConditionKind } from "../../domain/mod.ts";
import type { Sent } from "./sent.ts";

/** A new channel. */
export interface SentChannel {
  /** What people call it. */
  readonly name: string;
  /** How it carries news. */
  readonly kind: ChannelKind;
  /** The whole address. */
  readonly url: string;
  /** What signs a webhook, or the access token of ntfy. */
  readonly token?: string | undefined;
  /** Who sends an e-mail. */
  readonly from?: string | undefined;
  /** Who receives an e-mail. */
  readonly to?: readonly string[] | undefined;
}

/** A new channel. */
export const sentChannel: Sent<SentChannel> = {
  name: "ChannelRequest",
  schema: z.strictObject({
    name: z.string(),
    kind: z.enum(CHANNEL_KINDS),
    url: z.string().meta({ description: "the whole address; it is not shown again" }),
    token: z.string().optional().meta({
      description: "what signs a webhook (absent: one is made and shown once), or the access token of ntfy",
    }),
    from: z.string().optional().meta({ description: "who sends an e-mail" }),
    to: z.array(z.string()).optional().meta({ description: "who receives an e-mail" }),
  }),
};

/** Whether a channel is on. */
export const sentChannelSwitch: Sent<{ readonly is_enabled: boolean }> = {
  name: "ChannelSwitch",
  schema: z.strictObject({ is_enabled: z.boolean() }),
};

/** A rule. */
export interface SentAlertRule {
  /** What people call it. */
  readonly name: string;
  /** When it is broken. */
  readonly condition: ConditionKind;
  /** In the unit of the condition; absent: the usual. */
  readonly limit?: number | undefined;
  /** Of jobs with this label. */
  readonly label?: string | null | undefined;
  /** Of this job. */
  readonly job_id?: number | null | undefined;
  /** The names of its channels. */
  readonly channels: readonly string[];
  /** How often it reminds. */
  readonly remind_seconds?: number | null | undefined;
  /** When it is silent. */
  readonly quiet?: { readonly from: string; readonly until: string; readonly timezone: string } | null | undefined;
}

const rule = {
  name: z.string(),
  condition: z.enum(CONDITION_KINDS),
  limit: z.number().optional().meta({ description: "in the unit of the condition; absent: the usual" }),
  label: z.string().nullable().optional().meta({ description: "of jobs with this label; null: of all" }),
  job_id: z.number().nullable().optional().meta({ description: "of this job; null: of all" }),
  channels: z.array(z.string()).meta({ description: "the names of channels" }),
  remind_seconds: z.number().nullable().optional().meta({ description: "how often it reminds; null: never" }),
  quiet: z.strictObject({ from: z.string(), until: z.string(), timezone: z.string() }).nullable().optional()
    .meta({ description: "hours in which nothing is sent, such as 22:00 to 07:00; null: none" }),
};

/** A new rule. */
export const sentAlertRule: Sent<SentAlertRule> = { name: "AlertRuleRequest", schema: z.strictObject(rule) };

/** A rule in place of the one that is there. */
export const sentAlertRuleChange: Sent<SentAlertRule & { readonly is_enabled?: boolean | undefined }> = {
  name: "AlertRuleChange",
  schema: z.strictObject({
    ...rule,
    channels: rule.channels.meta({
      description: "the names of channels; none is right with is_enabled, where all of them have been deleted",
    }),
    is_enabled: z.boolean().optional().meta({ description: "a disabled rule opens nothing; absent: as it is" }),
  }),
};

/** How long an incident is silent. */
export const sentSnooze: Sent<{ readonly until: string }> = {
  name: "SnoozeRequest",
  schema: z.strictObject({ until: z.iso.datetime({ offset: true }).meta({ description: "in the next 30 days" }) }),
};

/** All bodies about alerts. */
export const SENT_ALERTS: readonly Sent<unknown>[] = [
  sentChannel,
  sentChannelSwitch,
  sentAlertRule,
  sentAlertRuleChange,
  sentSnooze,
];
