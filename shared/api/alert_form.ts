import type { AlertChannel, AlertRule, Delivery, EpochMs, Incident } from "../domain/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { JsonObject } from "./output.ts";

/** A channel, without its secrets. */
export function channelForm(channel: AlertChannel): JsonObject {
  return {
    id: channel.id,
    name: channel.name,
    kind: channel.kind,
    address: channel.address,
    from: channel.from,
    to: channel.to,
    is_enabled: channel.isEnabled,
    created_at: isoUtc(channel.createdAt),
    updated_at: isoUtc(channel.updatedAt),
  };
}

/** A rule, with the names of its channels. */
export function alertRuleForm(rule: AlertRule, channels: readonly string[]): JsonObject {
  const { id, name, condition, scope, remindSeconds, quiet, isEnabled, createdAt, updatedAt } = rule;
  return {
    id,
    name,
    condition: condition.kind,
    limit: condition.limit,
    label: scope.kind === "label" ? scope.label : null,
    job_id: scope.kind === "job" ? scope.jobId : null,
    channels,
    remind_seconds: remindSeconds,
    quiet: quiet === null
      ? null
      : { from: timeOfDay(quiet.from), until: timeOfDay(quiet.until), timezone: quiet.timezone },
    is_enabled: isEnabled,
    created_at: isoUtc(createdAt),
    updated_at: isoUtc(updatedAt),
  };
}

/** A minute of the day as people write it: `07:30`. */
export function timeOfDay(minute: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** An incident. */
export function incidentForm(incident: Incident): JsonObject {
  return {
    id: incident.id,
    rule_id: incident.ruleId,
    rule_name: incident.ruleName,
    job_id: incident.jobId,
    job_name: incident.jobName,
    message: incident.message,
    opened_at: isoUtc(incident.openedAt),
    last_at: isoUtc(incident.lastAt),
    count: incident.count,
    closed_at: orNull(incident.closedAt),
    acknowledged_at: orNull(incident.acknowledgedAt),
    acknowledged_by: incident.acknowledgedBy,
    snoozed_until: orNull(incident.snoozedUntil),
    notified_at: orNull(incident.notifiedAt),
    next_at: orNull(incident.nextAt),
  };
}

/** A delivery. */
export function deliveryForm(delivery: Delivery): JsonObject {
  return {
    id: delivery.id,
    public_id: delivery.publicId,
    channel_id: delivery.channelId,
    channel_name: delivery.channelName,
    incident_id: delivery.incidentId,
    job_id: delivery.jobId,
    kind: delivery.kind,
    title: delivery.notice.title,
    text: delivery.notice.text,
    created_at: isoUtc(delivery.createdAt),
    attempts: delivery.attempts,
    next_at: orNull(delivery.nextAt),
    ended_at: orNull(delivery.endedAt),
    is_delivered: delivery.isDelivered,
    error: delivery.error,
  };
}

function orNull(at: EpochMs | null): string | null {
  return at === null ? null : isoUtc(at);
}
