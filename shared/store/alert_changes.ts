/**
 * What people change about alerts: channels, rules, and the incidents that they take on. Each change is one transaction with its row
 * in the audit list.
 *
 * @module
 */
import {
  type AlertChannel,
  type AlertRule,
  type AlertRuleDefinition,
  type AlertRuleId,
  type ChannelId,
  type Delivery,
  type EpochMs,
  type Incident,
  type IncidentId,
  MAX_ALERT_RULES,
  MAX_CHANNELS,
  type NoticeText,
} from "../domain/mod.ts";
import { nextNoticeAt } from "../policy/mod.ts";
import { hold } from "./alert_consumer.ts";
import { insertDelivery } from "./alert_deliveries.ts";
import { closeQuietly } from "./alert_judging.ts";
import { definitionText, toAlertRule, toChannel, toDelivery, toIncident } from "./alert_rows.ts";
import type { NewChannel } from "./alert_store.ts";
import { at, audited, one, rowsOf, type Work } from "./alert_work.ts";
import {
  channelMade,
  channelRemoved,
  channelSwitched,
  channelTested,
  incidentAcknowledged,
  incidentSnoozed,
  ruleChanged,
  ruleMade,
  ruleRemoved,
  ruleTested,
} from "./audit_alerts.ts";
import type { By } from "./by.ts";
import {
  channelTaken,
  incidentEnded,
  noAlertRule,
  noChannel,
  noEnabledChannel,
  noIncident,
  tooManyAlertRules,
  tooManyChannels,
} from "./refusals.ts";

// Channels and rules are few: all of each is read.
const CHANNELS = "SELECT * FROM alert_channels ORDER BY name, id";
const CHANNEL = "SELECT * FROM alert_channels WHERE id = :id";
const INSERT_CHANNEL = `
  INSERT INTO alert_channels (name, kind, address, sender, receivers, url, token, created_at, updated_at)
  VALUES (:name, :kind, :address, :from, :to, :url, :token, :now, :now) RETURNING *`;
const SWITCH_CHANNEL =
  "UPDATE alert_channels SET is_enabled = :isEnabled, updated_at = :now WHERE id = :id RETURNING *";

const RULES = "SELECT * FROM alert_rules ORDER BY id";
const RULE = "SELECT * FROM alert_rules WHERE id = :id";
const INSERT_RULE = `
  INSERT INTO alert_rules (definition, created_at, updated_at) VALUES (:definition, :now, :now) RETURNING *`;
const UPDATE_RULE = `
  UPDATE alert_rules SET definition = :definition, is_enabled = :isEnabled, updated_at = :now WHERE id = :id RETURNING *`;

const INCIDENT = "SELECT * FROM incidents WHERE id = :id";
const ACKNOWLEDGE = `
  UPDATE incidents SET acknowledged_at = :now, acknowledged_by = :name, next_at = NULL WHERE id = :id RETURNING *`;
const SNOOZE = "UPDATE incidents SET snoozed_until = :until, next_at = :nextAt WHERE id = :id RETURNING *";

/** All channels, by name. */
export function* allChannels(): Work<readonly AlertChannel[]> {
  return (yield* rowsOf(CHANNELS)).map(toChannel);
}

/** Makes a channel. */
export function* createChannel(channel: NewChannel, now: EpochMs): Work<AlertChannel> {
  yield* hold();
  const others = yield* allChannels();
  if (others.length >= MAX_CHANNELS) throw tooManyChannels();
  if (others.some(({ name }) => name === channel.name)) throw channelTaken(channel.name);
  const { name, kind, address, from, to, url, token } = channel;
  const values = { name, kind, address, from, to: JSON.stringify(to), url, token, now: at(now) };
  const made = one(yield* rowsOf(INSERT_CHANNEL, values), toChannel);
  yield* audited(channelMade(made));
  return made;
}

/** Switches a channel on or off. */
export function* switchChannel(id: ChannelId, isEnabled: boolean, now: EpochMs): Work<AlertChannel> {
  const before = yield* channelOf(id);
  if (before.isEnabled === isEnabled) return before;
  const after = one(yield* rowsOf(SWITCH_CHANNEL, { id, isEnabled, now: at(now) }), toChannel);
  yield* audited(channelSwitched(after));
  return after;
}

/** Removes a channel. */
export function* removeChannel(id: ChannelId): Work<void> {
  const before = yield* channelOf(id);
  yield* rowsOf("DELETE FROM alert_channels WHERE id = :id", { id });
  yield* audited(channelRemoved(before));
}

/** Writes a delivery that says that a channel works. */
export function* testChannel(id: ChannelId, notice: NoticeText, now: EpochMs): Work<Delivery> {
  const channel = yield* channelOf(id);
  const made = yield* sendTest(channel, notice, now);
  yield* audited(channelTested(channel));
  return made;
}

/** All rules, oldest first. */
export function* allRules(): Work<readonly AlertRule[]> {
  return (yield* rowsOf(RULES)).map(toAlertRule);
}

/** Makes a rule. */
export function* createRule(definition: AlertRuleDefinition, now: EpochMs): Work<AlertRule> {
  yield* hold();
  if ((yield* rowsOf(RULES)).length >= MAX_ALERT_RULES) throw tooManyAlertRules();
  const made = one(
    yield* rowsOf(INSERT_RULE, { definition: definitionText(definition), now: at(now) }),
    toAlertRule,
  );
  yield* audited(ruleMade(made));
  return made;
}

/** Changes a rule; what it found is over when it looks for something else, or for nothing. */
export function* updateRule(
  id: AlertRuleId,
  change: { readonly definition?: AlertRuleDefinition; readonly isEnabled?: boolean },
  now: EpochMs,
): Work<AlertRule> {
  yield* hold();
  const before = yield* ruleOf(id);
  const { isEnabled = before.isEnabled, definition = before } = change;
  const values = { id, definition: definitionText(definition), isEnabled, now: at(now) };
  const after = one(yield* rowsOf(UPDATE_RULE, values), toAlertRule);
  const means = ({ condition, scope }: AlertRule) => JSON.stringify([condition, scope]);
  if (!isEnabled || means(before) !== means(after)) yield* closeQuietly(id, now);
  yield* audited(ruleChanged(before, after));
  return after;
}

/** Removes a rule. */
export function* removeRule(id: AlertRuleId, now: EpochMs): Work<void> {
  yield* hold();
  const before = yield* ruleOf(id);
  yield* rowsOf("DELETE FROM alert_rules WHERE id = :id", { id });
  yield* closeQuietly(id, now);
  yield* audited(ruleRemoved(before));
}

/** Writes a delivery to each enabled channel of a rule, which says that the rule reaches somebody. */
export function* testRule(id: AlertRuleId, notice: NoticeText, now: EpochMs): Work<readonly Delivery[]> {
  const rule = yield* ruleOf(id);
  const channels = (yield* allChannels()).filter((one) => one.isEnabled && rule.channelIds.includes(one.id));
  if (channels.length === 0) throw noEnabledChannel(id);
  const made: Delivery[] = [];
  for (const channel of channels) made.push(yield* sendTest(channel, notice, now));
  yield* audited(ruleTested(rule));
  return made;
}

/** Somebody takes an open incident on. */
export function* acknowledge(id: IncidentId, { actor, now }: By): Work<Incident> {
  const before = yield* openIncidentOf(id);
  if (before.acknowledgedAt !== null) return before;
  const after = one(yield* rowsOf(ACKNOWLEDGE, { id, name: actor.name, now: at(now) }), toIncident);
  yield* audited(incidentAcknowledged(after));
  return after;
}

/** Silences an open incident until an instant. */
export function* snooze(id: IncidentId, until: EpochMs, now: EpochMs): Work<Incident> {
  const before = yield* openIncidentOf(id);
  const [row] = yield* rowsOf(RULE, { id: before.ruleId });
  const rule = row === undefined ? { remindSeconds: null, quiet: null } : toAlertRule(row);
  const nextAt = nextNoticeAt(rule, { ...before, snoozedUntil: until }, now);
  const after = one(yield* rowsOf(SNOOZE, { id, until: at(until), nextAt: at(nextAt) }), toIncident);
  yield* audited(incidentSnoozed(after));
  return after;
}

/** The incident with this id; null: there is none. */
export function* incidentOf(id: IncidentId): Work<Incident | null> {
  const [row] = yield* rowsOf(INCIDENT, { id });
  return row === undefined ? null : toIncident(row);
}

function* sendTest({ id, name }: AlertChannel, notice: NoticeText, now: EpochMs): Work<Delivery> {
  const about = { channelId: id, incidentId: null, jobId: null, kind: "test", key: null, correlationId: null } as const;
  const made = yield* insertDelivery({ ...about, notice, now, nextAt: now });
  return toDelivery({ ...made, channel_name: name });
}

/** @throws {NotFound} */
function* channelOf(id: ChannelId): Work<AlertChannel> {
  const [row] = yield* rowsOf(CHANNEL, { id });
  if (row === undefined) throw noChannel(id);
  return toChannel(row);
}

/** @throws {NotFound} */
function* ruleOf(id: AlertRuleId): Work<AlertRule> {
  const [row] = yield* rowsOf(RULE, { id });
  if (row === undefined) throw noAlertRule(id);
  return toAlertRule(row);
}

/** An open incident, which nobody else changes until the transaction ends. @throws {NotFound} @throws {Conflict} */
function* openIncidentOf(id: IncidentId): Work<Incident> {
  yield* hold();
  const incident = yield* incidentOf(id);
  if (incident === null) throw noIncident(id);
  if (incident.closedAt !== null) throw incidentEnded(id);
  return incident;
}
