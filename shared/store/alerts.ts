/**
 * Alerts for both databases: what each method of {@linkcode AlertStore} reads and writes.
 *
 * @module
 */
import type {
  AlertChannel,
  AlertRule,
  AlertRuleDefinition,
  AlertRuleId,
  ChannelId,
  Delivery,
  EpochMs,
  EventId,
  Incident,
  IncidentId,
  NoticeText,
} from "../domain/mod.ts";
import * as changes from "./alert_changes.ts";
import { hold, readPosition, register } from "./alert_consumer.ts";
import { claimDeliveries, finishDelivery, NEXT_DELIVERY } from "./alert_deliveries.ts";
import { settleLooks, takeEvents, wakeIncidents } from "./alert_judging.ts";
import { incidentsQuery, watchStatement } from "./alert_queries.ts";
import { toDelivery, toIncident, toNextAt, toWatchedJob } from "./alert_rows.ts";
import { sendBeats, sendStarts, startedRuns } from "./alert_signals.ts";
import {
  ALERTS,
  type AlertStore,
  type ClaimedDelivery,
  type DeliveryResult,
  type IncidentQuery,
  type Look,
  type NewChannel,
  type StartedRun,
  type WatchedJob,
  type WatchQuery,
} from "./alert_store.ts";
import { at, one, rowsOf, type Work } from "./alert_work.ts";
import type { By } from "./by.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { EventRange } from "./event_store.ts";
import { type Page, pageOf } from "./page.ts";
import { toNumber } from "./rows.ts";

/** How work is carried out on a database. */
export interface AlertRunner {
  /** Runs work that only reads. */
  read<Result>(work: () => Work<Result>): Promise<Result>;
  /** Runs work as one transaction; `by` is who made its changes. */
  write<Result>(work: () => Work<Result>, by?: By): Promise<Result>;
  /** How far up to `limit` events after a position go, of which no earlier one can still appear; null: there are none. */
  settledUntil(range: EventRange): Promise<EventId | null>;
}

// Index: incidents_next and deliveries_next.
const NEXT = `
  SELECT min(next_at) AS next_at FROM (
    SELECT min(next_at) AS next_at FROM incidents WHERE next_at IS NOT NULL
    UNION ALL SELECT next_at FROM (${NEXT_DELIVERY}) first) n`;

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
    return this.#db.read(changes.allChannels);
  }

  createChannel(channel: NewChannel, by: By): Promise<AlertChannel> {
    return this.#db.write(() => changes.createChannel(channel, by.now), by);
  }

  switchChannel(id: ChannelId, isEnabled: boolean, by: By): Promise<AlertChannel> {
    return this.#db.write(() => changes.switchChannel(id, isEnabled, by.now), by);
  }

  removeChannel(id: ChannelId, by: By): Promise<void> {
    return this.#db.write(() => changes.removeChannel(id), by);
  }

  testChannel(id: ChannelId, notice: NoticeText, by: By): Promise<Delivery> {
    return this.#db.write(() => changes.testChannel(id, notice, by.now), by);
  }

  rules(): Promise<readonly AlertRule[]> {
    return this.#db.read(changes.allRules);
  }

  createRule(definition: AlertRuleDefinition, by: By): Promise<AlertRule> {
    return this.#db.write(() => changes.createRule(definition, by.now), by);
  }

  updateRule(
    id: AlertRuleId,
    change: { readonly definition?: AlertRuleDefinition; readonly isEnabled?: boolean },
    by: By,
  ): Promise<AlertRule> {
    return this.#db.write(() => changes.updateRule(id, change, by.now), by);
  }

  testRule(id: AlertRuleId, notice: NoticeText, by: By): Promise<readonly Delivery[]> {
    return this.#db.write(() => changes.testRule(id, notice, by.now), by);
  }

  removeRule(id: AlertRuleId, by: By): Promise<void> {
    return this.#db.write(() => changes.removeRule(id, by.now), by);
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
    return this.#db.read(() => changes.incidentOf(id));
  }

  acknowledge(id: IncidentId, by: By): Promise<Incident> {
    return this.#db.write(() => changes.acknowledge(id, by), by);
  }

  snooze(id: IncidentId, until: EpochMs, by: By): Promise<Incident> {
    return this.#db.write(() => changes.snooze(id, until, by.now), by);
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

  started(query: { readonly after: EpochMs; readonly limit: number }): Promise<readonly StartedRun[]> {
    return this.#db.read(() => startedRuns(query));
  }

  sendStarts(runs: readonly StartedRun[], now: EpochMs): Promise<number> {
    return this.#db.write(() => sendStarts(runs, now));
  }

  async sendBeats(rules: readonly AlertRule[], now: EpochMs): Promise<number> {
    const missing = rules.length === 0 ? 0 : await this.#db.read(() => sendBeats(rules, now, { isTrial: true }));
    return missing === 0 ? 0 : await this.#db.write(() => sendBeats(rules, now, { isTrial: false }));
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
    await this.#db.write(register);
    return await this.#db.read(readPosition) ?? Promise.reject(new Error(`The consumer ${ALERTS} is not registered`));
  }
}

function newest({ id }: { readonly id: number }): string {
  return encodeCursor({ order: "newest", key: null, id });
}
