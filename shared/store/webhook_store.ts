/**
 * The part of the store's contract that keeps webhooks. Of a secret of the kind `token` it is given and keeps the hash; the other
 * kinds sign with the secret itself, so it keeps that, and gives it to nobody but who checks a delivery.
 *
 * @module
 */
import type { EpochMs, JobId, Webhook, WebhookId, WebhookKind } from "../domain/mod.ts";
import type { By } from "./by.ts";

/** The stored form of a secret. */
export interface WebhookSecret {
  /** Of the kind `token` the hash as `hashOf()` of `shared/access` makes it, else the secret. */
  readonly secret: string;
  /** The first characters of the secret. */
  readonly prefix: string;
}

/** What a new webhook is. */
export interface NewWebhook extends WebhookSecret {
  /** The job that it starts. */
  readonly jobId: JobId;
  /** What people call it. */
  readonly name: string;
  /** The last part of its address. */
  readonly publicId: string;
  /** How its senders prove who they are. */
  readonly kind: WebhookKind;
  /** The arguments of its runs; empty: the job's own. */
  readonly args: readonly string[];
  /** Most deliveries a minute. */
  readonly perMinute: number;
}

/** A change of a webhook; absent fields stay as they are. */
export interface WebhookChange {
  /** What people call it. */
  readonly name?: string;
  /** The arguments of its runs. */
  readonly args?: readonly string[];
  /** Most deliveries a minute. */
  readonly perMinute?: number;
  /** Whether it takes deliveries. */
  readonly isEnabled?: boolean;
  /** Another secret; the one before proves nothing any more. */
  readonly rotated?: WebhookSecret;
}

/** Webhooks. Those of deleted jobs are not there. */
export interface WebhookStore {
  /** Makes a webhook. @throws {NotFound} when there is no such job. @throws {Conflict} when it has `MAX_WEBHOOKS` already. */
  create(webhook: NewWebhook, by: By): Promise<Webhook>;
  /** The one with this id; null: there is none. */
  get(id: WebhookId): Promise<Webhook | null>;
  /** The webhooks of a job, in the order in which they were made. */
  list(jobId: JobId): Promise<readonly Webhook[]>;
  /** The enabled webhook of an address, with its secret; null: there is none. */
  find(publicId: string): Promise<{ readonly webhook: Webhook; readonly secret: string } | null>;
  /** Changes a webhook. @throws {NotFound} */
  update(id: WebhookId, change: WebhookChange, by: By): Promise<Webhook>;
  /** Deletes a webhook. @throws {NotFound} */
  remove(id: WebhookId, by: By): Promise<void>;
  /** Notes that a webhook has started a run; what was noted within `TOUCH_EVERY_MS` stays. */
  touch(id: WebhookId, now: EpochMs): Promise<void>;
}
