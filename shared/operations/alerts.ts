/**
 * Alerts: channels, which administrators make; rules, which who may edit the jobs they cover makes; and incidents, which who may run
 * the job takes on.
 *
 * @module
 */
import { newWebhookSecret, visibleLabels } from "../access/mod.ts";
import { type AlertInput, channelAddress, type ChannelInput, readAlertInput, readChannelInput } from "../api/mod.ts";
import {
  ALERT_CONDITIONS,
  type AlertChannel,
  type AlertRule,
  type AlertRuleDefinition,
  type AlertRuleId,
  type AlertScope,
  type ChannelId,
  type Delivery,
  type EpochMs,
  type Incident,
  type IncidentId,
  Invalid,
  type JobId,
} from "../domain/mod.ts";
import { conditionWords, coversJob } from "../policy/mod.ts";
import { noAlertRule, noIncident } from "../store/refusals.ts";
import { byOf, type IncidentQuery, type Page } from "../store/store.ts";
import { authorize, jobTarget, type Target } from "./authorize.ts";
import { type OperationContext, type ReadContext, WHOLE } from "./context.ts";
import { getJob, readJob } from "./jobs.ts";

/** Longest time that an incident may be silenced for: 30 days. */
const MAX_SNOOZE_MS = 2_592_000_000;

/** A channel with the secret that signs its deliveries, which is shown this once; null: it has none, or brought its own. */
export interface NewChannelSecret {
  /** The channel. */
  readonly channel: AlertChannel;
  /** What a webhook's receiver checks signatures with. */
  readonly secret: string | null;
}

const CHANNELS: Target = { kind: "channel", id: null, name: null };

/** All channels. @throws {Forbidden} */
export async function listChannels(context: OperationContext): Promise<readonly AlertChannel[]> {
  await authorize(context, "alerts.channels", CHANNELS);
  return await context.store.alerts.channels();
}

/** Makes a channel. @throws {Forbidden} @throws {Invalid} @throws {Conflict} */
export async function createChannel(context: OperationContext, input: ChannelInput): Promise<NewChannelSecret> {
  await authorize(context, "alerts.channels", { ...CHANNELS, name: input.name });
  const { name, kind, url, token, from, to } = readChannelInput(input);
  const secret = kind === "webhook" && token === null ? newWebhookSecret("standard").shown : null;
  const made = { name, kind, url, token: token ?? secret, from, to, address: channelAddress({ kind, url }) };
  return { channel: await context.store[WHOLE].alerts.createChannel(made, byOf(context)), secret };
}

/** Switches a channel on or off. @throws {NotFound} @throws {Forbidden} */
export async function switchChannel(
  context: OperationContext,
  { id, isEnabled }: { readonly id: ChannelId; readonly isEnabled: boolean },
): Promise<AlertChannel> {
  await authorize(context, "alerts.channels", { ...CHANNELS, id });
  return await context.store[WHOLE].alerts.switchChannel(id, isEnabled, byOf(context));
}

/** Deletes a channel. @throws {NotFound} @throws {Forbidden} */
export async function deleteChannel(context: OperationContext, { id }: { readonly id: ChannelId }): Promise<void> {
  await authorize(context, "alerts.channels", { ...CHANNELS, id });
  await context.store[WHOLE].alerts.removeChannel(id, byOf(context));
}

/** Sends a text by a channel to see whether it works; a notifier carries it. @throws {NotFound} @throws {Forbidden} */
export async function testChannel(context: OperationContext, { id }: { readonly id: ChannelId }): Promise<Delivery> {
  await authorize(context, "alerts.channels", { ...CHANNELS, id });
  const text = `${context.actor.name} tries whether this channel works.`;
  return await context.store[WHOLE].alerts.testChannel(id, { title: "Test of an alert channel", text }, byOf(context));
}

/** The newest deliveries. @throws {Forbidden} */
export async function listDeliveries(
  context: OperationContext,
  query: { readonly cursor?: string; readonly limit: number },
): Promise<Page<Delivery>> {
  await authorize(context, "alerts.channels", CHANNELS);
  return await context.store.alerts.deliveries(query);
}

/** A rule with the names of its channels. */
export interface NamedRule {
  /** The rule. */
  readonly rule: AlertRule;
  /** Its channels; those that are gone are left out. */
  readonly channels: readonly string[];
}

/** The rules that cover something the asker may see; with `jobId` those that cover this job. @throws {NotFound} of the job. */
export async function listRules(
  context: ReadContext,
  { jobId }: { readonly jobId?: JobId } = {},
): Promise<readonly NamedRule[]> {
  const { alerts } = context.store;
  const [rules, channels] = await Promise.all([alerts.rules(), alerts.channels()]);
  const names = new Map(channels.map(({ id, name }) => [id, name]));
  const seen: NamedRule[] = [];
  if (jobId !== undefined) {
    const job = await readJob(context, jobId);
    const covering = rules.filter(({ condition, scope }) =>
      ALERT_CONDITIONS[condition.kind].reach === "job" && coversJob(scope, job)
    );
    return covering.map((rule) => named(rule, names));
  }
  for (const rule of rules) if (await sees(context, rule.scope)) seen.push(named(rule, names));
  return seen;
}

/** The rule with this id, if the asker may edit it. @throws {NotFound} @throws {Forbidden} */
export async function getRule(context: OperationContext, id: AlertRuleId): Promise<NamedRule> {
  return await withNames(context, await editableRule(context, id));
}

/** The names of channels, for who makes rules that go to them. */
export async function channelNames({ store }: ReadContext): Promise<readonly string[]> {
  return (await store.alerts.channels()).map(({ name }) => name);
}

/**
 * Sends a text by each channel of a rule to see whether it reaches anybody; a notifier carries it.
 * @throws {NotFound} @throws {Forbidden} @throws {Conflict} when none of its channels is enabled.
 */
export async function testRule(
  context: OperationContext,
  { id }: { readonly id: AlertRuleId },
): Promise<readonly Delivery[]> {
  const { name, condition } = await editableRule(context, id);
  const subject = ALERT_CONDITIONS[condition.kind].reach === "job" ? "a job" : "the installation";
  const text =
    `${context.actor.name} tries whether this rule reaches you. Nothing is broken. It tells when ${subject} ${
      conditionWords(condition)
    }.`;
  return await context.store[WHOLE].alerts.testRule(id, { title: `Test of the rule ${name}`, text }, byOf(context));
}

/** Makes a rule. @throws {Forbidden} @throws {NotFound} @throws {Invalid} @throws {Conflict} */
export async function createRule(context: OperationContext, input: AlertInput): Promise<NamedRule> {
  const definition = await definitionOf(context, input);
  await authorize(context, "alerts.edit", await scopeTarget(context, definition.scope, { id: null, ...definition }));
  return await withNames(context, await context.store[WHOLE].alerts.createRule(definition, byOf(context)));
}

/**
 * Changes a rule: both what it covers now and what it then covers must be the actor's to edit. A rule whose channels have all been
 * deleted may be enabled and disabled as it is, without another.
 *
 * @throws {NotFound} @throws {Invalid} @throws {Forbidden}
 */
export async function changeRule(
  context: OperationContext,
  { id, input, isEnabled }: { readonly id: AlertRuleId; readonly input?: AlertInput; readonly isEnabled?: boolean },
): Promise<NamedRule> {
  const before = await editableRule(context, id);
  const mayLackChannels = isEnabled !== undefined && (await withNames(context, before)).channels.length === 0;
  const definition = input === undefined ? undefined : await definitionOf(context, input, { mayLackChannels });
  if (definition !== undefined) {
    await authorize(context, "alerts.edit", await scopeTarget(context, definition.scope, before));
  }
  const change = { ...(definition !== undefined && { definition }), ...(isEnabled !== undefined && { isEnabled }) };
  return await withNames(context, await context.store[WHOLE].alerts.updateRule(id, change, byOf(context)));
}

/** Deletes a rule. @throws {NotFound} @throws {Forbidden} */
export async function deleteRule(context: OperationContext, { id }: { readonly id: AlertRuleId }): Promise<void> {
  await editableRule(context, id);
  await context.store[WHOLE].alerts.removeRule(id, byOf(context));
}

/** The incidents that the asker may see; of the installation where they may see all jobs. */
export async function listIncidents(
  { store, access }: ReadContext,
  query: Omit<IncidentQuery, "visible">,
): Promise<Page<Incident>> {
  return await store.alerts.incidents({ ...query, visible: visibleLabels(access, "runs.read") });
}

/** An incident that the asker may see. @throws {NotFound} */
export async function getIncident(context: ReadContext, id: IncidentId): Promise<Incident> {
  const incident = await context.store.alerts.incident(id);
  if (incident === null) throw noIncident(id);
  const visible = visibleLabels(context.access, "runs.read");
  if (visible === "all") return incident;
  const job = incident.jobId === null ? null : await context.store.jobs.get(incident.jobId);
  if (job === null || !job.labels.some((label) => visible.includes(label))) throw noIncident(id);
  return incident;
}

/** Takes an incident on: it reminds no more. @throws {NotFound} @throws {Forbidden} @throws {Conflict} */
export async function acknowledgeIncident(
  context: OperationContext,
  { id }: { readonly id: IncidentId },
): Promise<Incident> {
  await authorize(context, "alerts.acknowledge", await incidentTarget(context, id));
  return await context.store[WHOLE].alerts.acknowledge(id, byOf(context));
}

/** Silences an incident until an instant. @throws {NotFound} @throws {Forbidden} @throws {Invalid} @throws {Conflict} */
export async function snoozeIncident(
  context: OperationContext,
  { id, until }: { readonly id: IncidentId; readonly until: EpochMs },
): Promise<Incident> {
  await authorize(context, "alerts.acknowledge", await incidentTarget(context, id));
  if (until <= context.now || until - context.now > MAX_SNOOZE_MS) {
    throw new Invalid([{ field: "until", message: "expected a time in the next 30 days", code: "out_of_range" }]);
  }
  return await context.store[WHOLE].alerts.snooze(id, until, byOf(context));
}

async function sees({ store, access }: ReadContext, scope: AlertScope): Promise<boolean> {
  const visible = visibleLabels(access, "jobs.read");
  if (visible === "all" || scope.kind === "all") return true;
  if (scope.kind === "label") return visible.includes(scope.label);
  const job = await store.jobs.get(scope.jobId);
  return job !== null && job.labels.some((label) => visible.includes(label));
}

function named(rule: AlertRule, names: ReadonlyMap<ChannelId, string>): NamedRule {
  return { rule, channels: rule.channelIds.flatMap((id) => names.get(id) ?? []) };
}

async function withNames({ store }: OperationContext, rule: AlertRule): Promise<NamedRule> {
  return named(rule, new Map((await store.alerts.channels()).map(({ id, name }) => [id, name])));
}

/** What was typed, with the channels that it names. @throws {Invalid} */
async function definitionOf(
  { store }: OperationContext,
  input: AlertInput,
  options?: { readonly mayLackChannels: boolean },
): Promise<AlertRuleDefinition> {
  const { channels, ...definition } = readAlertInput(input, options);
  const all = await store.alerts.channels();
  const channelIds = channels.map((name) => {
    const found = all.find((channel) => channel.name === name);
    if (found !== undefined) return found.id;
    const message = `found ${JSON.stringify(name)}, which no channel is called`;
    throw new Invalid([{ field: "channels", message, code: "unknown" }]);
  });
  return { ...definition, channelIds };
}

/** What takes a right to edit: the job, the jobs of a label, or all. @throws {NotFound} */
async function scopeTarget(
  { store }: OperationContext,
  scope: AlertScope,
  { id, name }: { readonly id: number | null; readonly name: string },
): Promise<Target> {
  switch (scope.kind) {
    case "all":
      return { kind: "alert", id, name };
    case "label":
      return { kind: "alert", id, name, labels: [scope.label], isNamed: true };
    case "job":
      return jobTarget(await getJob(store, scope.jobId));
  }
}

/** @throws {NotFound} @throws {Forbidden} */
async function editableRule(context: OperationContext, id: AlertRuleId): Promise<AlertRule> {
  const rule = (await context.store.alerts.rules()).find((one) => one.id === id);
  if (rule === undefined || !await sees(context, rule.scope)) throw noAlertRule(id);
  const { scope, name } = rule;
  // A job that is deleted has no labels to have a right by.
  const isGone = scope.kind === "job" && await context.store.jobs.get(scope.jobId) === null;
  const target = isGone ? { kind: "alert", id, name } as const : await scopeTarget(context, scope, { id, name });
  await authorize(context, "alerts.edit", target);
  return rule;
}

/** @throws {NotFound} */
async function incidentTarget(context: OperationContext, id: IncidentId): Promise<Target> {
  const { jobId, ruleName } = await getIncident(context, id);
  const job = jobId === null ? null : await context.store.jobs.get(jobId);
  return { kind: "incident", id, name: ruleName, ...(job !== null && { labels: job.labels }) };
}
