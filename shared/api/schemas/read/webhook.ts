import { z } from "zod";
import { jobId, type Webhook, WEBHOOK_KINDS, webhookId } from "../../../domain/mod.ts";
import { instant, texts } from "./_values.ts";

const id = z.int().min(1);

const form = z.object({
  id: id.transform(webhookId),
  job_id: id.transform(jobId),
  name: z.string(),
  path: z.string().startsWith("/hooks/"),
  kind: z.enum(WEBHOOK_KINDS),
  prefix: z.string(),
  args: texts,
  per_minute: id,
  is_enabled: z.boolean(),
  last_used_at: instant.nullable(),
  created_at: instant,
  updated_at: instant,
});

/** Reads what `webhookForm()` made. */
export const readWebhook: z.ZodType<Webhook> = form.transform((read) => ({
  id: read.id,
  jobId: read.job_id,
  name: read.name,
  publicId: read.path.slice("/hooks/".length),
  kind: read.kind,
  prefix: read.prefix,
  args: read.args,
  perMinute: read.per_minute,
  isEnabled: read.is_enabled,
  lastUsedAt: read.last_used_at,
  createdAt: read.created_at,
  updatedAt: read.updated_at,
}));

/** Reads the webhooks of a job. */
export const readWebhooks: z.ZodType<{ readonly items: readonly Webhook[] }> = z.object({
  items: z.array(readWebhook),
});

/** Reads the secret of a webhook that was just made or rotated. */
const readWebhookSecret: z.ZodType<{ readonly secret: string }> = z.object({ secret: z.string() });

/** Reads a webhook that was just made or rotated, with its secret. */
export const readNewWebhook: z.ZodType<{ readonly webhook: Webhook; readonly secret: string }> = z.unknown().transform(
  (value) => ({ webhook: readWebhook.parse(value), ...readWebhookSecret.parse(value) }),
);
