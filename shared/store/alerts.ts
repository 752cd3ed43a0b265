/**
 * Alerts for both databases: what each method of {@linkcode AlertStore} reads and writes.
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
  type EventId,
  eventId,
  type Incident,
  type IncidentId,
  MAX_ALERT_RULES,
  MAX_CHANNELS,
  type NoticeText,
} from "../domain/mod.ts";
import { nextNoticeAt } from "../policy/mod.ts";
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
} from "./audit_alerts.ts";
import {
  definitionText,
  toAlertRule,
  toChannel,
  toDelivery,
  toIncident,
  toNextAt,
  toWatchedJob,
} from "./alert_rows.ts";
import {
  ALERTS,
  type AlertStore,
  type ClaimedDelivery,
  type DeliveryResult,
  type IncidentQuery,
  type Look,
  type NewChannel,
  type WatchedJob,
  type WatchQuery,
} from "./alert_store.ts";
import { claimDeliveries, finishDelivery, insertDelivery } from "./alert_deliveries.ts";
import { closeQuietly, settleLooks, takeEvents, wakeIncidents } from "./alert_judging.ts";
import { incidentsQuery, watchStatement } from "./alert_queries.ts";
import { at, audited, rowsOf, type Work } from "./alert_work.ts";
import type { By } from "./by.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { EventRange } from "./event_store.ts";
import { type Page, pageOf } from "./page.ts";
import {
  channelTaken,
  incidentEnded,
  noAlertRule,
  noChannel,
  noIncident,
  tooManyAlertRules,
  tooManyChannels,
} from "./refusals.ts";
import { type Row, toNumber } from "./rows.ts";

/** How work is carried out on a database. */
export interface AlertRunner {
  /** Runs work that only reads. */
  read<Result>(work: () => Work<Result>): Promise<Result>;
  /** Runs work as one transaction; `by` is who made its changes. */
  write<Result>(work: () => Work<Result>, by?: By): Promise<Result>;
  /** How far up to `limit` events after a position go, of which no earlier one can still appear; null: there are none. */
  settledUntil(range: EventRange): Promise<EventId | null>;
}

// Held by all who change incidents, so that what they read stays true until they have written.
const REGISTER = `
  INSERT INTO event_consumers (name, position) SELECT '${ALERTS}', coalesce(max(id), 0) FROM run_events WHERE {true} = {true}
  ON CONFLICT (name) DO NOTHING`;
const HOLD = `UPDATE event_consumers SET position = position WHERE name = '${ALERTS}'`;
const POSITION = `SELECT position AS n FROM event_consumers WHERE name = '${ALERTS}'`;

// Few: all of each is read.
const CHANNELS = "SELECT * FROM alert_channels ORDER BY name, id";
const CHANNEL = "SELECT * FROM alert_channels WHERE id = :id";
const RULES = "SELECT * FROM alert_rules ORDER BY id";
const RULE = "SELECT * FROM alert_rules WHERE id = :id";
const INCIDENT = "SELECT * FROM incidents WHERE id = :id";

const INSERT_CHANNEL = `
  INSERT INTO alert_channels (name, kind, address, sender, receivers, url, token, created_at, updated_at)
  VALUES (:name, :kind, :address, :from, :to, :url, :token, :now, :now) RETURNING *`;
const SWITCH_CHANNEL =
  "UPDATE alert_channels SET is_enabled = :isEnabled, updated_at = :now WHERE id = :id RETURNING *";
const INSERT_RULE = `
  INSERT INTO alert_rules (definition, created_at, updated_at) VALUES (:definition, :now, :now) RETURNING *`;
const UPDATE_RULE = `
  UPDATE alert_rules SET definition = :definition, is_enabled = :isEnabled, updated_at = :now WHERE id = :id RETURNING *`;
const ACKNOWLEDGE = `
  UPDATE incidents SET acknowledged_at = :now, acknowledged_by = :name, next_at = NULL WHERE id = :id RETURNING *`;
const SNOOZE = "UPDATE incidents SET snoozed_until = :until, next_at = :nextAt WHERE id = :id RETURNING *";

// Index: incidents_next and deliveries_next.
const NEXT = `
  SELECT min(next_at) AS next_at FROM (
    SELECT min(next_at) AS next_at FROM incidents WHERE next_at IS NOT NULL
    UNION ALL SELECT min(next_at) FROM deliveries WHERE next_at IS NOT NULL) n`;

const DELIVERIES = `
  SELECT d.*, c.name AS channel_name FROM deliveries d LEFT JOIN alert_channels c ON c.id = d.channel_id
  WHERE d.id < :before ORDER BY d.id DESC LIMIT :limit`;
// Index: deliveries_by_incident.
const DELIVERIES_OF_INCIDENT = DELIVERIES.replace("WHERE", "WHERE d.incident_id = :incident AND");

// Index: incidents_by_age and deliveries_by_age.
const PRUNE = ["incidents", "deliveries"].map((table) => `
  DELETE FROM ${table} WHERE id IN (
    SELECT id FROM ${table} WHERE ${
  table === "incidents" ? "closed_at" : "ended_at"
} < :before LIMIT :limit) RETURNING 1`);
const SOMETHING_OLD = `
  SELECT (SELECT count(*) FROM (SELECT 1 FROM incidents WHERE closed_at < :before LIMIT 1) i)
    + (SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE ended_at < :before LIMIT 1) d) AS n`;

/** Larger than any id. */
const LAST_ID = Number.MAX_SAFE_INTEGER;

/** Alerts on a database that `runner` runs work on. */
export class Alerts implements AlertStore {
  readonly #db: AlertRunner;

  /** On a database. */
  constructor(runner: AlertRunner) {
    this.#db = runner;
  }

  channels(): Promise<readonly AlertChannel[]> {
    return this.#db.read(function* () {
      return (yield* rowsOf(CHANNELS)).map(toChannel);
    });
  }

  createChannel(channel: NewChannel, by: By): Promise<AlertChannel> {
    return this.#db.write(function* () {
      yield* hold();
      const others = (yield* rowsOf(CHANNELS)).map(toChannel);
      if (others.length >= MAX_CHANNELS) throw tooManyChannels();
      if (others.some(({ name }) => name === channel.name)) throw channelTaken(channel.name);
      const { name, kind, address, from, to, url, token } = channel;
      const values = { name, kind, address, from, to: JSON.stringify(to), url, token, now: at(by.now) };
      const made = one(yield* rowsOf(INSERT_CHANNEL, values), toChannel);
      yield* audited(channelMade(made));
      return made;
    }, by);
  }

  switchChannel(id: ChannelId, isEnabled: boolean, by: By): Promise<AlertChannel> {
    return this.#db.write(function* () {
      const before = yield* channelOf(id);
      if (before.isEnabled === isEnabled) return before;
      const after = one(yield* rowsOf(SWITCH_CHANNEL, { id, isEnabled, now: at(by.now) }), toChannel);
      yield* audited(channelSwitched(after));
      return after;
    }, by);
  }

  removeChannel(id: ChannelId, by: By): Promise<void> {
    return this.#db.write(function* () {
      const before = yield* channelOf(id);
      yield* rowsOf("DELETE FROM alert_channels WHERE id = :id", { id });
      yield* audited(channelRemoved(before));
    }, by);
  }

  testChannel(id: ChannelId, notice: NoticeText, by: By): Promise<Delivery> {
    return this.#db.write(function* () {
      const channel = yield* channelOf(id);
      const made = yield* insertDelivery({
        channelId: id,
        incidentId: null,
        jobId: null,
        kind: "test",
        notice,
        now: by.now,
        nextAt: by.now,
      });
      yield* audited(channelTested(channel));
      return toDelivery({ ...made, channel_name: channel.name });
    }, by);
  }

  rules(): Promise<readonly AlertRule[]> {
    return this.#db.read(function* () {
      return (yield* rowsOf(RULES)).map(toAlertRule);
    });
  }

  createRule(definition: AlertRuleDefinition, by: By): Promise<AlertRule> {
    return this.#db.write(function* () {
      yield* hold();
      if ((yield* rowsOf(RULES)).length >= MAX_ALERT_RULES) throw tooManyAlertRules();
      const values = { definition: definitionText(definition), now: at(by.now) };
      const made = one(yield* rowsOf(INSERT_RULE, values), toAlertRule);
      yield* audited(ruleMade(made));
      return made;
    }, by);
  }

  updateRule(
    id: AlertRuleId,
    change: { readonly definition?: AlertRuleDefinition; readonly isEnabled?: boolean },
    by: By,
  ): Promise<AlertRule> {
    return this.#db.write(function* () {
      yield* hold();
      const before = yield* ruleOf(id);
      const { isEnabled = before.isEnabled, definition = before } = change;
      const values = { id, definition: definitionText(definition), isEnabled, now: at(by.now) };
      const after = one(yield* rowsOf(UPDATE_RULE, values), toAlertRule);
      const means = ({ condition, scope }: AlertRule) => JSON.stringify([condition, scope]);
      if (!isEnabled || means(before) !== means(after)) yield* closeQuietly(id, by.now);
      yield* audited(ruleChanged(before, after));
      return after;
    }, by);
  }

  removeRule(id: AlertRuleId, by: By): Promise<void> {
    return this.#db.write(function* () {
      yield* hold();
      const before = yield* ruleOf(id);
      yield* rowsOf("DELETE FROM alert_rules WHERE id = :id", { id });
      yield* closeQuietly(id, by.now);
      yield* audited(ruleRemoved(before));
    }, by);
  }

  incidents(query: IncidentQuery): Promise<Page<Incident>> {
    const { cursor, limit } = query;
    const before = cursor === undefined ? LAST_ID : decodeCursor(cursor, "newest").id;
    return this.#db.read(function* () {
      const { sql, values } = incidentsQuery(query);
      const rows = yield* rowsOf(sql, { ...values, before, limit: limit + 1 });
      return pageOf(rows.map(toIncident), limit, newest);
    });
  }

  incident(id: IncidentId): Promise<Incident | null> {
    return this.#db.read(function* () {
      const [row] = yield* rowsOf(INCIDENT, { id });
      return row === undefined ? null : toIncident(row);
    });
  }

  acknowledge(id: IncidentId, by: By): Promise<Incident> {
    return this.#db.write(function* () {
      const before = yield* openIncidentOf(id);
      if (before.acknowledgedAt !== null) return before;
      const after = one(yield* rowsOf(ACKNOWLEDGE, { id, name: by.actor.name, now: at(by.now) }), toIncident);
      yield* audited(incidentAcknowledged(after));
      return after;
    }, by);
  }

  snooze(id: IncidentId, until: EpochMs, by: By): Promise<Incident> {
    return this.#db.write(function* () {
      const before = yield* openIncidentOf(id);
      const [row] = yield* rowsOf(RULE, { id: before.ruleId });
      const rule = row === undefined ? { remindSeconds: null, quiet: null } : toAlertRule(row);
      const nextAt = nextNoticeAt(rule, { ...before, snoozedUntil: until }, by.now);
      const after = one(yield* rowsOf(SNOOZE, { id, until: at(until), nextAt: at(nextAt) }), toIncident);
      yield* audited(incidentSnoozed(after));
      return after;
    }, by);
  }

  deliveries(
    { incidentId, cursor, limit }: {
      readonly incidentId?: IncidentId;
      readonly cursor?: string;
      readonly limit: number;
    },
  ): Promise<Page<Delivery>> {
    const before = cursor === undefined ? LAST_ID : decodeCursor(cursor, "newest").id;
    return this.#db.read(function* () {
      const rows = incidentId === undefined
        ? yield* rowsOf(DELIVERIES, { before, limit: limit + 1 })
        : yield* rowsOf(DELIVERIES_OF_INCIDENT, { incident: incidentId, before, limit: limit + 1 });
      return pageOf(rows.map(toDelivery), limit, newest);
    });
  }

  async takeEvents({ now, limit }: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    const from = await this.#position();
    const to = await this.#db.settledUntil({ after: from, limit });
    return to === null ? 0 : await this.#db.write(() => takeEvents({ from, to, now }));
  }

  watch(query: WatchQuery): Promise<readonly WatchedJob[]> {
    return this.#db.read(function* () {
      const { sql, values } = watchStatement(query);
      return (yield* rowsOf(sql, values)).map(toWatchedJob);
    });
  }

  lastJob(): Promise<number> {
    return this.#db.read(function* () {
      return one(yield* rowsOf("SELECT coalesce(max(id), 0) AS n FROM scheduled_jobs"), toNumber);
    });
  }

  async settle(looks: readonly Look[], now: EpochMs): Promise<void> {
    if (looks.length === 0) return;
    const hasChanges = await this.#db.read(() => settleLooks(looks, now, { isTrial: true }));
    if (!hasChanges) return;
    await this.#db.write(function* () {
      yield* hold();
      yield* settleLooks(looks, now, { isTrial: false });
    });
  }

  async wake(pass: { readonly now: EpochMs; readonly limit: number }): Promise<number> {
    const due = await this.#db.read(() => wakeIncidents(pass, { isTrial: true }));
    if (due === 0) return 0;
    return await this.#db.write(function* () {
      yield* hold();
      return yield* wakeIncidents(pass, { isTrial: false });
    });
  }

  nextAt(): Promise<EpochMs | null> {
    return this.#db.read(function* () {
      const [row] = yield* rowsOf(NEXT);
      return toNextAt(row);
    });
  }

  async claimDeliveries(
    pass: { readonly now: EpochMs; readonly limit: number; readonly claimMs: number },
  ): Promise<readonly ClaimedDelivery[]> {
    const due = await this.#db.read(() => claimDeliveries(pass, { isTrial: true }));
    return due.length === 0 ? [] : await this.#db.write(() => claimDeliveries(pass, { isTrial: false }));
  }

  finishDelivery(
    ref: { readonly id: Delivery["id"]; readonly attempts: number },
    result: DeliveryResult,
    now: EpochMs,
  ): Promise<boolean> {
    return this.#db.write(() => finishDelivery(ref, result, now));
  }

  async prune({ before, limit }: { readonly before: EpochMs; readonly limit: number }): Promise<number> {
    const values = { before: at(before) };
    const isOld = await this.#db.read(function* () {
      return one(yield* rowsOf(SOMETHING_OLD, values), toNumber) > 0;
    });
    if (!isOld) return 0;
    return await this.#db.write(function* () {
      const counts: number[] = [];
      for (const sql of PRUNE) counts.push((yield* rowsOf(sql, { ...values, limit })).length);
      return Math.max(...counts);
    });
  }

  /** The position of the consumer, which begins after the events that are there. */
  async #position(): Promise<EventId> {
    const found = await this.#db.read(readPosition);
    if (found !== null) return found;
    await this.#db.write(() => rowsOf(REGISTER));
    return await this.#db.read(readPosition) ?? Promise.reject(new Error(`The consumer ${ALERTS} is not registered`));
  }
}

function* readPosition(): Work<EventId | null> {
  const [row] = yield* rowsOf(POSITION);
  return row === undefined ? null : eventId(toNumber(row));
}

function* hold(): Work<void> {
  yield* rowsOf(REGISTER);
  yield* rowsOf(HOLD);
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
  const [row] = yield* rowsOf(INCIDENT, { id });
  if (row === undefined) throw noIncident(id);
  const incident = toIncident(row);
  if (incident.closedAt !== null) throw incidentEnded(id);
  return incident;
}

function one<Value>(rows: readonly Row[], parse: (row: Row) => Value): Value {
  return parse(rows[0] ?? {});
}

function newest({ id }: { readonly id: number }): string {
  return encodeCursor({ order: "newest", key: null, id });
}
