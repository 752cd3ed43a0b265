import type { Session } from "../domain/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { JsonObject } from "./output.ts";

/** A browser that is signed in, without its secret. */
export function sessionForm(session: Session): JsonObject {
  return {
    id: session.id,
    user_id: session.userId,
    method: session.method,
    address: session.address,
    user_agent: session.userAgent,
    created_at: isoUtc(session.createdAt),
    last_seen_at: isoUtc(session.lastSeenAt),
    expires_at: isoUtc(session.expiresAt),
  };
}
