/**
 * What the audit list keeps of changes to alerts: no secrets, and of an address no more than people are shown.
 *
 * @module
 */
import type {
  AlertChannel,
  AlertRule,
  AlertRuleDefinition,
  AuditFacts,
  AuditSubject,
  Incident,
} from "../domain/mod.ts";
import type { AuditedChange } from "./audit_store.ts";

/** A channel is made. */
export function channelMade(channel: AlertChannel): AuditedChange {
  return {
    action: "alerts.channels.create",
    subject: ofChannel(channel),
    before: null,
    after: factsOfChannel(channel),
  };
}

/** A channel is switched on or off. */
export function channelSwitched(channel: AlertChannel): AuditedChange {
  const { isEnabled } = channel;
  const [before, after] = [{ isEnabled: !isEnabled }, { isEnabled }];
  return { action: "alerts.channels", subject: ofChannel(channel), before, after };
}

/** A channel is removed. */
export function channelRemoved(channel: AlertChannel): AuditedChange {
  return {
    action: "alerts.channels.delete",
    subject: ofChannel(channel),
    before: factsOfChannel(channel),
    after: null,
  };
}

/** Somebody tries whether a channel works. */
export function channelTested(channel: AlertChannel): AuditedChange {
  return { action: "alerts.channels.test", subject: ofChannel(channel), before: null, after: null };
}

/** A rule is made. */
export function ruleMade(rule: AlertRule): AuditedChange {
  return { action: "alerts.create", subject: ofRule(rule), before: null, after: factsOfRule(rule) };
}

/** A rule is changed, or switched on or off. Null: nothing is different. */
export function ruleChanged(before: AlertRule, after: AlertRule): AuditedChange | null {
  const [old, now] = [factsOfRule(before), factsOfRule(after)];
  const names = Object.keys(now).filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
  if (names.length === 0) return null;
  const of = (facts: AuditFacts) => Object.fromEntries(names.map((name) => [name, facts[name] ?? null]));
  return { action: "alerts.edit", subject: ofRule(after), before: of(old), after: of(now) };
}

/** A rule is removed. */
export function ruleRemoved(rule: AlertRule): AuditedChange {
  return { action: "alerts.delete", subject: ofRule(rule), before: factsOfRule(rule), after: null };
}

/** Somebody tries whether a rule reaches anybody. */
export function ruleTested(rule: AlertRule): AuditedChange {
  return { action: "alerts.test", subject: ofRule(rule), before: null, after: null };
}

/** Somebody takes an incident on. */
export function incidentAcknowledged(incident: Incident): AuditedChange {
  return { action: "alerts.acknowledge", subject: ofIncident(incident), before: null, after: null };
}

/** Somebody silences an incident. */
export function incidentSnoozed(incident: Incident): AuditedChange {
  const after = { until: incident.snoozedUntil };
  return { action: "alerts.snooze", subject: ofIncident(incident), before: null, after };
}

function ofChannel({ id, name }: AlertChannel): AuditSubject {
  return { kind: "channel", id, name };
}

function ofRule({ id, name }: AlertRule): AuditSubject {
  return { kind: "alert", id, name };
}

function ofIncident({ id, ruleName }: Incident): AuditSubject {
  return { kind: "incident", id, name: ruleName };
}

function factsOfChannel({ name, kind, address, from, to, isEnabled }: AlertChannel): AuditFacts {
  return { name, kind, address, from, to, isEnabled };
}

function factsOfRule(rule: AlertRuleDefinition & Pick<AlertRule, "isEnabled">): AuditFacts {
  const { name, condition, scope, channelIds, remindSeconds, quiet, isEnabled } = rule;
  return {
    name,
    condition: { ...condition },
    scope: { ...scope },
    channelIds,
    remindSeconds,
    quiet: quiet === null ? null : { ...quiet },
    isEnabled,
  };
}
