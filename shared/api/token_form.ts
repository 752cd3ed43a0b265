import type { ApiToken, EpochMs } from "../domain/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { JsonObject } from "./output.ts";

const iso = (at: EpochMs | null): string | null => at === null ? null : isoUtc(at);

/** An API token, without its secret. */
export function tokenForm(token: ApiToken): JsonObject {
  return {
    id: token.id,
    user_id: token.userId,
    name: token.name,
    prefix: token.prefix,
    scopes: token.scopes,
    labels: token.labels,
    expires_at: iso(token.expiresAt),
    last_used_at: iso(token.lastUsedAt),
    created_at: isoUtc(token.createdAt),
    revoked_at: iso(token.revokedAt),
  };
}
