/**
 * Webhooks: addresses at which another program starts one job. A webhook belongs to its job, not to the person who made it, and
 * knows its senders by a secret of its own.
 *
 * @module
 */
import { positive } from "./_positive.ts";
import type { Brand, EpochMs, JobId } from "./brand.ts";

/** Id of a row in `webhooks`. It names a webhook in lists and is no secret. */
export type WebhookId = Brand<number, "WebhookId">;

/** The webhook id `value`. @throws {RangeError} when it is not a positive whole number. */
export function webhookId(value: number): WebhookId {
  return positive(value, "webhook") as WebhookId;
}

/**
 * How a sender proves who it is: `token` — the secret itself as a bearer token; `github` — an HMAC of the body in
 * `X-Hub-Signature-256`, as GitHub, Gitea and others send it; `standard` — Standard Webhooks, whose HMAC covers the delivery's id
 * and time too, so that nobody can send a delivery again later.
 */
export const WEBHOOK_KINDS = ["token", "github", "standard"] as const;

/** One of {@linkcode WEBHOOK_KINDS}. */
export type WebhookKind = typeof WEBHOOK_KINDS[number];

/** Most webhooks of a job. */
export const MAX_WEBHOOKS = 10;

/** Most deliveries a minute that a webhook may be set to take. */
export const MAX_PER_MINUTE = 600;

/** Deliveries a minute of a webhook that says nothing. */
export const USUAL_PER_MINUTE = 30;

/** An address at which another program starts a job. Its secret is shown once; see `store/webhook_store.ts` for what is kept. */
export interface Webhook {
  /** Names it in lists; no secret. */
  readonly id: WebhookId;
  /** The job that it starts. */
  readonly jobId: JobId;
  /** What people call it. */
  readonly name: string;
  /** The last part of its address: 128 random bits. */
  readonly publicId: string;
  /** How its senders prove who they are. */
  readonly kind: WebhookKind;
  /** The first characters of the secret, by which people recognise it. */
  readonly prefix: string;
  /** The arguments of its runs, one an entry, as `shared/api/webhook_arguments.ts` reads them; empty: the job's own. */
  readonly args: readonly string[];
  /** Most deliveries a minute; more are refused. */
  readonly perMinute: number;
  /** A disabled webhook answers like one that is not there. */
  readonly isEnabled: boolean;
  /** When it last started a run, to the minute; null: never. */
  readonly lastUsedAt: EpochMs | null;
  /** When it was made. */
  readonly createdAt: EpochMs;
  /** When it was last changed. */
  readonly updatedAt: EpochMs;
}

/** The webhook that started a run, as it was called then. */
export interface RunWebhook {
  /** Its id; it may be gone. */
  readonly id: WebhookId;
  /** What it was called. */
  readonly name: string;
}
