import type { Webhook } from "../domain/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { JsonObject } from "./output.ts";

/** A webhook, without its secret. */
export function webhookForm(webhook: Webhook): JsonObject {
  return {
    id: webhook.id,
    job_id: webhook.jobId,
    name: webhook.name,
    path: webhookPath(webhook),
    kind: webhook.kind,
    prefix: webhook.prefix,
    args: webhook.args,
    per_minute: webhook.perMinute,
    is_enabled: webhook.isEnabled,
    last_used_at: webhook.lastUsedAt === null ? null : isoUtc(webhook.lastUsedAt),
    created_at: isoUtc(webhook.createdAt),
    updated_at: isoUtc(webhook.updatedAt),
  };
}

/** The address of a webhook, after that of the portal. */
export function webhookPath({ publicId }: Pick<Webhook, "publicId">): string {
  return `/hooks/${publicId}`;
}
