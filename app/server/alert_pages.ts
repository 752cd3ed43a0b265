import {
  ALERT_CONDITIONS,
  type AlertRuleId,
  alertRuleId,
  canonicalDuration,
  type ChannelId,
  channelId,
  CONDITION_KINDS,
  type Incident,
  type IncidentId,
  incidentId,
  type JobId,
  parseDuration,
  USER_NAME_MAX,
} from "@jobtrigger/shared/domain";
import { type AlertInput, type ChannelInput, timeOfDay } from "@jobtrigger/shared/api";
import { channelNames, listChannels, listDeliveries, type NamedRule } from "@jobtrigger/shared/operations";
import type { AlertChannelsProps, ChannelFields } from "../components/AlertChannels.tsx";
import { type AlertRuleFormProps, RULE_FIELDS, type RuleFields } from "../components/AlertRuleForm.tsx";
import { operating } from "./operating.ts";
import { idOf, jobIdOf } from "./params.ts";
import type { State } from "./state.ts";
import { jobFor } from "./visible.ts";

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
  const empty = { name: "", limit: "", label: "", job: "", remind: "", quiet_from: "", quiet_until: "" };
  return { ...empty, channels: [], condition: "failures", quiet_zone: zone };
}

/** The form of a new rule about a job, whose name it has. @throws {NotFound} of the job. */
export async function newRuleOf(state: State, job: string): Promise<RuleFields> {
  const { id, name } = await jobFor(state, jobIdOf({ id: job }), "jobs.read");
  return { ...newRule(state.view.zone), name: `${name.slice(0, USER_NAME_MAX - 6)} fails`, job: String(id) };
}

/** What a form of a rule is drawn from. */
export async function ruleForm(
  state: State,
  typed: RuleFields,
  problems: AlertRuleFormProps["problems"] = {},
): Promise<Omit<AlertRuleFormProps, "action" | "button">> {
  const channels = await channelNames(operating(state));
  return { typed, problems, channels, mayMakeChannels: state.may("alerts.channels", null) };
}

/** The form of a rule that is there. */
export function fieldsOfRule(
  { rule: { name, condition, scope, remindSeconds, quiet }, channels }: NamedRule,
  zone: string,
): RuleFields {
  const { unit } = ALERT_CONDITIONS[condition.kind];
  const limit = unit === "seconds"
    ? canonicalDuration(condition.limit)
    : unit === "none"
    ? ""
    : String(condition.limit);
  return {
    name,
    condition: condition.kind,
    limit,
    label: scope.kind === "label" ? scope.label : "",
    job: scope.kind === "job" ? String(scope.jobId) : "",
    channels,
    remind: remindSeconds === null ? "" : canonicalDuration(remindSeconds),
    quiet_from: quiet === null ? "" : timeOfDay(quiet.from),
    quiet_until: quiet === null ? "" : timeOfDay(quiet.until),
    quiet_zone: quiet?.timezone ?? zone,
  };
}

/** What was typed of a rule. */
export function typedRule(form: URLSearchParams): RuleFields {
  const typed = { ...newRule("") };
  for (const field of RULE_FIELDS) typed[field] = form.get(field) ?? "";
  return { ...typed, channels: form.getAll("channels") };
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
    channels,
    remindSeconds: remind.trim() === "" ? null : secondsOf(remind),
    quiet: isQuiet ? { from, until, timezone: typed.quiet_zone } : null,
  };
}

/** Of some rules, those that the reader may edit. */
export async function editableRules(state: State, rules: readonly NamedRule[]): Promise<ReadonlySet<AlertRuleId>> {
  const ids = await Promise.all(rules.map(async ({ rule: { id, scope } }) => {
    const labels = scope.kind === "all"
      ? null
      : scope.kind === "label"
      ? [scope.label]
      : await labelsOf(state, scope.jobId);
    return state.may("alerts.edit", labels) ? id : null;
  }));
  return new Set(ids.filter((id) => id !== null));
}

/** Of some incidents, those that the reader may take on. */
export async function takeableIncidents(
  state: State,
  incidents: readonly Incident[],
): Promise<ReadonlySet<IncidentId>> {
  const ids = await Promise.all(incidents.map(async ({ id, jobId, closedAt }) => {
    if (closedAt !== null) return null;
    return state.may("alerts.acknowledge", jobId === null ? null : await labelsOf(state, jobId)) ? id : null;
  }));
  return new Set(ids.filter((id) => id !== null));
}

/** The labels of a job, by which somebody has rights; null: only a right to all jobs will do. */
async function labelsOf({ portal: { store } }: State, id: JobId): Promise<readonly string[] | null> {
  return (await store.jobs.get(id))?.labels ?? null;
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
