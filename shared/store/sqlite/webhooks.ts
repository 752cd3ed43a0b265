import {
  type EpochMs,
  type JobId,
  MAX_WEBHOOKS,
  TOUCH_EVERY_MS,
  type Webhook,
  type WebhookId,
} from "../../domain/mod.ts";
import { webhookChanged, webhookMade, webhookRemoved } from "../audit_changes.ts";
import type { By } from "../by.ts";
import { noJob, noWebhook, tooManyWebhooks } from "../refusals.ts";
import { toNumber } from "../rows.ts";
import { changedWebhook, toSecret, toWebhook } from "../webhook_rows.ts";
import type { NewWebhook, WebhookChange, WebhookStore } from "../webhook_store.ts";
import { audit } from "./audit.ts";
import type { Connection } from "./connection.ts";

const SELECT = "SELECT w.* FROM webhooks w JOIN scheduled_jobs j ON j.id = w.job_id AND j.deleted_at IS NULL";

const GET = `${SELECT} WHERE w.id = :id`;

// Index: webhooks_by_job, as for the count.
const LIST = `${SELECT} WHERE w.job_id = :jobId ORDER BY w.id`;
const COUNT = "SELECT count(*) AS n FROM webhooks WHERE job_id = :jobId";

// Index: webhooks_by_address.
const FIND = `${SELECT} WHERE w.public_id = :publicId AND w.is_enabled = 1`;

const INSERT = `
  INSERT INTO webhooks (job_id, name, public_id, kind, secret, prefix, args, per_minute, created_at, updated_at)
  SELECT id, :name, :publicId, :kind, :secret, :prefix, :args, :perMinute, :now, :now
  FROM scheduled_jobs WHERE id = :jobId AND deleted_at IS NULL
  RETURNING *`;

const UPDATE = `
  UPDATE webhooks
  SET name = :name, args = :args, per_minute = :perMinute, is_enabled = :isEnabled, prefix = :prefix,
    secret = coalesce(:secret, secret), updated_at = :now
  WHERE id = :id`;

const DELETE = "DELETE FROM webhooks WHERE id = :id";

const TOUCH = `
  UPDATE webhooks SET last_used_at = :now WHERE id = :id AND (last_used_at IS NULL OR last_used_at <= :before)`;

/** Webhooks in SQLite. */
export class SqliteWebhooks implements WebhookStore {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  create({ args, ...webhook }: NewWebhook, by: By): Promise<Webhook> {
    const { jobId, name, publicId, kind, secret, prefix, perMinute } = webhook;
    return this.#db.write(() => {
      if (toNumber(this.#db.one(COUNT, { jobId })) >= MAX_WEBHOOKS) throw tooManyWebhooks(jobId);
      const values = { jobId, name, publicId, kind, secret, prefix, perMinute, now: by.now };
      const [row] = this.#db.all(INSERT, { ...values, args: JSON.stringify(args) });
      if (row === undefined) throw noJob(jobId);
      const made = toWebhook(row);
      audit(this.#db, by, webhookMade(made));
      return made;
    });
  }

  get(id: WebhookId): Promise<Webhook | null> {
    return this.#db.read(() => this.#find(id));
  }

  list(jobId: JobId): Promise<readonly Webhook[]> {
    return this.#db.read(() => this.#db.all(LIST, { jobId }).map(toWebhook));
  }

  find(publicId: string): Promise<{ readonly webhook: Webhook; readonly secret: string } | null> {
    return this.#db.read(() => {
      const row = this.#db.get(FIND, { publicId });
      return row === undefined ? null : { webhook: toWebhook(row), secret: toSecret(row) };
    });
  }

  update(id: WebhookId, change: WebhookChange, by: By): Promise<Webhook> {
    return this.#db.write(() => {
      const before = this.#find(id);
      if (before === null) throw noWebhook(id);
      const after = { ...changedWebhook(before, change), updatedAt: by.now };
      const { name, perMinute, isEnabled, prefix } = after;
      const secret = change.rotated?.secret ?? null;
      const values = { id, name, perMinute, isEnabled, prefix, secret, now: by.now };
      this.#db.run(UPDATE, { ...values, args: JSON.stringify(after.args) });
      const done = webhookChanged(before, after, change);
      if (done !== null) audit(this.#db, by, done);
      return after;
    });
  }

  async remove(id: WebhookId, by: By): Promise<void> {
    await this.#db.write(() => {
      const before = this.#find(id);
      if (before === null) throw noWebhook(id);
      this.#db.run(DELETE, { id });
      audit(this.#db, by, webhookRemoved(before));
    });
  }

  async touch(id: WebhookId, now: EpochMs): Promise<void> {
    await this.#db.write(() => this.#db.run(TOUCH, { id, now, before: now - TOUCH_EVERY_MS }));
  }

  #find(id: WebhookId): Webhook | null {
    const row = this.#db.get(GET, { id });
    return row === undefined ? null : toWebhook(row);
  }
}
