import {
  ALERT_CONDITIONS,
  type AlertRuleId,
  alertRuleId,
  type ChannelId,
  channelId,
  CONDITION_KINDS,
  type IncidentId,
  incidentId,
  parseDuration,
} from "@jobtrigger/shared/domain";
import type { AlertInput, ChannelInput } from "@jobtrigger/shared/api";
import { listChannels, listDeliveries } from "@jobtrigger/shared/operations";
import type { AlertChannelsProps, ChannelFields } from "../components/AlertChannels.tsx";
import { RULE_FIELDS, type RuleFields } from "../components/AlertRules.tsx";
import { operating } from "./operating.ts";
import { idOf } from "./params.ts";
import type { State } from "./state.ts";

/** Deliveries that the page of channels shows. */
const SHOWN_DELIVERIES = 20;

/** The form of a new channel. */
const NEW_CHANNEL: ChannelFields = { name: "", kind: "slack", from: "", to: "" };

/** Gathers what the page of channels shows. @throws {Forbidden} */
export async function channelsData(
  state: State,
  extra: Partial<Omit<AlertChannelsProps, "view">> = {},
): Promise<Omit<AlertChannelsProps, "view">> {
  const context = operating(state);
  const [channels, { items: deliveries }] = await Promise.all([
    listChannels(context),
    listDeliveries(context, { limit: SHOWN_DELIVERIES }),
  ]);
  return { channels, deliveries, secret: null, typed: NEW_CHANNEL, problems: {}, ...extra };
}

/** What was typed of a channel, without what is secret. */
export function typedChannel(form: URLSearchParams): ChannelFields {
  const { name, kind, from, to } = readChannelForm(form);
  return { name, kind, from: from ?? "", to: (to ?? []).join(", ") };
}

/** What was typed of a channel, as the operation takes it: it says what is wrong with it. */
export function readChannelForm(form: URLSearchParams): ChannelInput {
  const of = (field: string) => (form.get(field) ?? "").trim();
  return {
    name: of("name"),
    kind: of("kind"),
    url: of("url"),
    token: of("token"),
    from: of("from"),
    to: listOf(of("to")),
  };
}

/** The form of a new rule; its quiet hours are in the reader's zone. */
export function newRule(zone: string): RuleFields {
  const empty = { name: "", limit: "", label: "", job: "", channels: "", remind: "", quiet_from: "", quiet_until: "" };
  return { ...empty, condition: "failures", quiet_zone: zone };
}

/** What was typed of a rule. */
export function typedRule(form: URLSearchParams): RuleFields {
  const typed = { ...newRule("") };
  for (const field of RULE_FIELDS) typed[field] = form.get(field) ?? "";
  return typed;
}

/** What was typed of a rule, as the operation takes it: it says what is wrong with it. */
export function readRuleForm(typed: RuleFields): AlertInput {
  const { name, condition, limit, label, job, channels, remind, quiet_from: from, quiet_until: until } = typed;
  const kind = CONDITION_KINDS.find((one) => one === condition);
  const isTime = kind !== undefined && ALERT_CONDITIONS[kind].unit === "seconds";
  const isQuiet = from.trim() !== "" || until.trim() !== "";
  return {
    name,
    condition,
    ...(limit.trim() !== "" && { limit: isTime ? secondsOf(limit) : numberOf(limit) }),
    label: label.trim() === "" ? null : label,
    jobId: job.trim() === "" ? null : numberOf(job),
    channels: listOf(channels),
    remindSeconds: remind.trim() === "" ? null : secondsOf(remind),
    quiet: isQuiet ? { from, until, timezone: typed.quiet_zone } : null,
  };
}

/** The channel of a path. @throws {HttpError} 404 when it is none. */
export function channelIdOf(params: Readonly<Record<string, string>>): ChannelId {
  return channelId(idOf(params, "channel", "channel"));
}

/** The rule of a path. @throws {HttpError} 404 when it is none. */
export function ruleIdOf(params: Readonly<Record<string, string>>): AlertRuleId {
  return alertRuleId(idOf(params, "alert rule", "rule"));
}

/** The incident of a path. @throws {HttpError} 404 when it is none. */
export function incidentIdOf(params: Readonly<Record<string, string>>): IncidentId {
  return incidentId(idOf(params, "incident"));
}

function listOf(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

/** NaN: it is no number, which the operation refuses. */
function numberOf(text: string): number {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text) : NaN;
}

function secondsOf(text: string): number {
  return parseDuration(text) ?? NaN;
}
