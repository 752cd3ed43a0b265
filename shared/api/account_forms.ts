/**
 * Accounts and the audit list as programs are shown them, in the style of `output.ts`.
 *
 * @module
 */
import type { AuditEvent, AuditFacts, AuditVerdict, User } from "../domain/mod.ts";
import { isoUtc } from "../time/mod.ts";
import type { JsonObject } from "./output.ts";

/** A user. */
export function userForm(user: User): JsonObject {
  return {
    id: user.id,
    name: user.name,
    role: user.role,
    grants: user.grants.map(({ label, role }) => ({ label, role })),
    is_service: user.isService,
    is_disabled: user.isDisabled,
    has_password: user.hasPassword,
    external_id: user.externalId === null ? null : { ...user.externalId },
    created_at: isoUtc(user.createdAt),
    updated_at: isoUtc(user.updatedAt),
  };
}

/** An event of the audit list. */
export function auditForm(event: AuditEvent): JsonObject {
  const { actor } = event;
  return {
    id: event.id,
    at: isoUtc(event.at),
    actor: actor === null
      ? null
      : { kind: actor.kind, name: actor.name, user_id: actor.userId, token_id: actor.tokenId },
    address: event.origin.address,
    request_id: event.origin.requestId,
    action: event.action,
    subject: { ...event.subject },
    outcome: event.outcome,
    reason: event.reason,
    before: factsForm(event.before),
    after: factsForm(event.after),
    previous_hash: event.previousHash,
    hash: event.hash,
  };
}

/** What became of a check of the audit list. */
export function auditVerdictForm({ isIntact, ...verdict }: AuditVerdict): JsonObject {
  return { is_intact: isIntact, ...verdict };
}

function factsForm(facts: AuditFacts | null): JsonObject | null {
  return facts === null ? null : { ...facts };
}
