/**
 * What programs are shown of webhooks.
 *
 * @module
 */
import { z } from "zod";
import { WEBHOOK_KINDS } from "../../../domain/mod.ts";
import { id, instant, texts } from "./_values.ts";

const webhook = z.strictObject({
  id,
  job_id: id,
  name: z.string(),
  path: z.string(),
  kind: z.enum(WEBHOOK_KINDS),
  prefix: z.string(),
  args: texts,
  per_minute: id,
  is_enabled: z.boolean(),
  last_used_at: instant.nullable(),
  created_at: instant,
  updated_at: instant,
});

/** The names of these schemas. */
export type WebhookName =
  | "Webhook"
  | "Webhooks"
  | "NewWebhook";

/** The schemas, by their names. */
export const WEBHOOK_SHOWN: Readonly<Record<WebhookName, z.ZodType>> = {
  Webhook: webhook,
  Webhooks: z.strictObject({ items: z.array(webhook) }),
  NewWebhook: webhook.extend({ secret: z.string() }),
};
