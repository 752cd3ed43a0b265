/**
 * Deliveries: written once, claimed by any number of notifiers, each attempt guarded by its number.
 *
 * @module
 */
import {
  type ChannelId,
  type Delivery,
  type DeliveryId,
  type EpochMs,
  epochMs,
  type IncidentId,
  type JobId,
  type NoticeKind,
  type NoticeText,
} from "../domain/mod.ts";
import { toChannel, toChannelSecret, toCorrelation, toDelivery } from "./alert_rows.ts";
import type { ClaimedDelivery, DeliveryResult } from "./alert_store.ts";
import { at, rowsOf, type Work } from "./alert_work.ts";
import type { Row } from "./rows.ts";

const INSERT = `
  INSERT INTO deliveries (public_id, channel_id, incident_id, job_id, kind, notice, key, correlation_id, created_at, next_at)
  VALUES (:publicId, :channelId, :incidentId, :jobId, :kind, :notice, :key,
    coalesce(:correlationId, (SELECT correlation_id FROM incidents WHERE id = :incidentId)), :now, :nextAt) RETURNING *`;

/**
 * Whether a delivery `d` may be carried: the end of a run waits for its start. A subquery that answers one value, because PostgreSQL
 * would join a NOT EXISTS to all of the table.
 */
const IS_FREE = "(SELECT s.next_at FROM deliveries s WHERE s.key = 'start_' || substr(d.key, 5)) IS NULL";

/** When the next delivery is due. Index: deliveries_next. */
export const NEXT_DELIVERY: string = `
  SELECT d.next_at FROM deliveries d WHERE d.next_at IS NOT NULL AND ${IS_FREE} ORDER BY d.next_at, d.id LIMIT 1`;

// Index: deliveries_next, and deliveries_by_key for starts.
const DUE = `
  SELECT d.*, c.name AS channel_name FROM deliveries d LEFT JOIN alert_channels c ON c.id = d.channel_id
  WHERE d.next_at <= :now AND ${IS_FREE} ORDER BY d.next_at, d.id LIMIT :limit`;
const CLAIM = `
  UPDATE deliveries SET attempts = attempts + 1, next_at = :until WHERE id = :id AND attempts = :attempts AND next_at IS NOT NULL
  RETURNING *`;
const CHANNEL = "SELECT * FROM alert_channels WHERE id = :id AND is_enabled = {true}";

const END = `
  UPDATE deliveries SET next_at = NULL, ended_at = :now, is_delivered = :isDelivered, error = :error
  WHERE id = :id AND attempts = :attempts AND next_at IS NOT NULL RETURNING 1`;
const PUT_OFF = `
  UPDATE deliveries SET next_at = :retryAt, error = :error
  WHERE id = :id AND attempts = :attempts AND next_at IS NOT NULL RETURNING 1`;

/** A delivery to be written. */
export interface NewDelivery {
  readonly channelId: ChannelId;
  readonly incidentId: IncidentId | null;
  readonly jobId: JobId | null;
  readonly kind: NoticeKind;
  readonly notice: NoticeText;
  /** Names what it says, of which a channel hears once; null: something else sees to that. */
  readonly key: string | null;
  /** Of the occurrence that it tells of; null: of the one that its incident was opened for, if any. */
  readonly correlationId: string | null;
  readonly now: EpochMs;
  /** When it is tried first. */
  readonly nextAt: EpochMs;
}

/** Writes a delivery and answers its row. */
export function* insertDelivery(delivery: NewDelivery): Work<Row> {
  const { channelId, incidentId, jobId, kind, notice, key, correlationId, now, nextAt } = delivery;
  const [row = {}] = yield* rowsOf(INSERT, {
    publicId: `alert_${crypto.randomUUID()}`,
    channelId,
    incidentId: incidentId ?? 0,
    jobId: jobId ?? 0,
    kind,
    notice: JSON.stringify(notice),
    key,
    correlationId,
    now: at(now),
    nextAt: at(nextAt),
  });
  return row;
}

/** Claims what is due. As a trial it only answers what it would claim. */
export function* claimDeliveries(
  { now, limit, claimMs }: { readonly now: EpochMs; readonly limit: number; readonly claimMs: number },
  { isTrial }: { readonly isTrial: boolean },
): Work<readonly ClaimedDelivery[]> {
  const due = (yield* rowsOf(DUE, { now: at(now), limit })).map(toDelivery);
  if (isTrial) return due.map((delivery) => ({ delivery, channel: null, correlationId: null }));
  const claimed: ClaimedDelivery[] = [];
  for (const { id, attempts, channelId, channelName } of due) {
    const until = at(epochMs(now + claimMs));
    const [row] = yield* rowsOf(CLAIM, { id, attempts, until });
    // Another notifier was first.
    if (row === undefined) continue;
    const [found] = yield* rowsOf(CHANNEL, { id: channelId });
    const channel = found === undefined ? null : { ...toChannel(found), ...toChannelSecret(found) };
    const delivery = toDelivery({ ...row, channel_name: channelName });
    claimed.push({ delivery, channel, correlationId: toCorrelation(row) });
  }
  return claimed;
}

/** Writes how an attempt ended, if it is the latest one. */
export function* finishDelivery(
  { id, attempts }: { readonly id: DeliveryId; readonly attempts: Delivery["attempts"] },
  result: DeliveryResult,
  now: EpochMs,
): Work<boolean> {
  const error = result.isDelivered ? null : result.error;
  const retryAt = result.isDelivered ? null : result.retryAt;
  const rows = retryAt === null
    ? yield* rowsOf(END, { id, attempts, now: at(now), isDelivered: result.isDelivered, error })
    : yield* rowsOf(PUT_OFF, { id, attempts, retryAt: at(retryAt), error });
  return rows.length > 0;
}
