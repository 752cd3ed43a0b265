import {
  type EpochMs,
  epochMs,
  type JobId,
  MAX_WEBHOOKS,
  TOUCH_EVERY_MS,
  type Webhook,
  type WebhookId,
} from "../../domain/mod.ts";
import { webhookChanged, webhookMade, webhookRemoved } from "../audit_changes.ts";
import type { By } from "../by.ts";
import { noJob, noWebhook, tooManyWebhooks } from "../refusals.ts";
import { changedWebhook, toSecret, toWebhook } from "../webhook_rows.ts";
import type { NewWebhook, WebhookChange, WebhookStore } from "../webhook_store.ts";
import { audit } from "./audit.ts";
import { type Connection, type Session, statement } from "./connection.ts";
import { instant, json, text } from "./values.ts";

const SELECT = "SELECT w.* FROM webhooks w JOIN scheduled_jobs j ON j.id = w.job_id AND j.deleted_at IS NULL";

const GET = statement(`${SELECT} WHERE w.id = $1`);
const LOCK = statement(`${SELECT} WHERE w.id = $1 FOR UPDATE OF w`);

// Index: webhooks_by_job.
const LIST = statement(`${SELECT} WHERE w.job_id = $1 ORDER BY w.id`);

// Locked, so that of two at once the second counts the webhook of the first.
const LOCK_JOB = statement("SELECT id FROM scheduled_jobs WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE");

// Index: webhooks_by_address.
const FIND = statement(`${SELECT} WHERE w.public_id = $1 AND w.is_enabled`);

const INSERT = statement(`
  INSERT INTO webhooks (job_id, name, public_id, kind, secret, prefix, args, per_minute, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
  RETURNING *`);

const UPDATE = statement(`
  UPDATE webhooks
  SET name = $2, args = $3, per_minute = $4, is_enabled = $5, prefix = $6, secret = coalesce($7, secret), updated_at = $8
  WHERE id = $1`);

const DELETE = statement("DELETE FROM webhooks WHERE id = $1");

const TOUCH = statement(
  "UPDATE webhooks SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
);

/** Webhooks in PostgreSQL. */
export class PostgresWebhooks implements WebhookStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  create(webhook: NewWebhook, by: By): Promise<Webhook> {
    const { jobId, name, publicId, kind, secret, prefix, args, perMinute } = webhook;
    return this.#db.transaction(async (tx) => {
      const [job] = await tx.all(LOCK_JOB, [jobId]);
      if (job === undefined) throw noJob(jobId);
      if ((await tx.all(LIST, [jobId])).length >= MAX_WEBHOOKS) throw tooManyWebhooks(jobId);
      const values = [jobId, text(name), publicId, kind, secret, prefix, json(args), perMinute, instant(by.now)];
      const [row = {}] = await tx.all(INSERT, values);
      const made = toWebhook(row);
      await audit(tx, by, webhookMade(made));
      return made;
    });
  }

  async get(id: WebhookId): Promise<Webhook | null> {
    const [row] = await this.#db.all(GET, [id]);
    return row === undefined ? null : toWebhook(row);
  }

  async list(jobId: JobId): Promise<readonly Webhook[]> {
    return (await this.#db.all(LIST, [jobId])).map(toWebhook);
  }

  async find(publicId: string): Promise<{ readonly webhook: Webhook; readonly secret: string } | null> {
    const [row] = await this.#db.all(FIND, [text(publicId)]);
    return row === undefined ? null : { webhook: toWebhook(row), secret: toSecret(row) };
  }

  update(id: WebhookId, change: WebhookChange, by: By): Promise<Webhook> {
    return this.#db.transaction(async (tx) => {
      const before = await locked(tx, id);
      const after = { ...changedWebhook(before, change), updatedAt: by.now };
      const { name, args, perMinute, isEnabled, prefix } = after;
      const secret = change.rotated?.secret ?? null;
      await tx.all(UPDATE, [id, text(name), json(args), perMinute, isEnabled, prefix, secret, instant(by.now)]);
      const done = webhookChanged(before, after, change);
      if (done !== null) await audit(tx, by, done);
      return after;
    });
  }

  remove(id: WebhookId, by: By): Promise<void> {
    return this.#db.transaction(async (tx) => {
      const before = await locked(tx, id);
      await tx.all(DELETE, [id]);
      await audit(tx, by, webhookRemoved(before));
    });
  }

  async touch(id: WebhookId, now: EpochMs): Promise<void> {
    await this.#db.all(TOUCH, [id, instant(now), instant(epochMs(now - TOUCH_EVERY_MS))]);
  }
}

/** @throws {NotFound} */
async function locked(tx: Session, id: WebhookId): Promise<Webhook> {
  const [row] = await tx.all(LOCK, [id]);
  if (row === undefined) throw noWebhook(id);
  return toWebhook(row);
}
