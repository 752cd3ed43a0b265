/**
 * Rows of `webhooks`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { type Webhook, WEBHOOK_KINDS, webhookId } from "../domain/mod.ts";
import { flag, instant, ofJob, type Row, texts } from "./rows.ts";
import type { WebhookChange } from "./webhook_store.ts";

const webhookRow = z.object({
  id: z.number().transform(webhookId),
  job_id: ofJob,
  name: z.string(),
  public_id: z.string(),
  kind: z.enum(WEBHOOK_KINDS),
  prefix: z.string(),
  args: texts,
  per_minute: z.number(),
  is_enabled: flag,
  last_used_at: instant.nullable(),
  created_at: instant,
  updated_at: instant,
});

const secretRow = z.object({ secret: z.string() });

/** A row of `webhooks`, without its secret. */
export function toWebhook(row: Row): Webhook {
  const r = webhookRow.parse(row);
  return {
    id: r.id,
    jobId: r.job_id,
    name: r.name,
    publicId: r.public_id,
    kind: r.kind,
    prefix: r.prefix,
    args: r.args,
    perMinute: r.per_minute,
    isEnabled: r.is_enabled,
    lastUsedAt: r.last_used_at,
    createdAt: r.created_at,
    updatedAt: r.updated_at,
  };
}

/** The secret of a row of `webhooks`. */
export function toSecret(row: Row): string {
  return secretRow.parse(row).secret;
}

/** A webhook after a change. */
export function changedWebhook(webhook: Webhook, { rotated, ...change }: WebhookChange): Webhook {
  return { ...webhook, ...change, prefix: rotated?.prefix ?? webhook.prefix };
}
