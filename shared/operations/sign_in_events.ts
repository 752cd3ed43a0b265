/**
 * The events of the audit list about who got in and who did not, where no session of the database begins or ends with them. Whoever
 * calls these bounds how often, because some can come with every request.
 *
 * @module
 */
import type { Actor, ApiToken, AuditSubject, SessionMethod, User } from "../domain/mod.ts";
import { WHOLE } from "./context.ts";
import type { SignInContext } from "./sign_in.ts";

/** Somebody got in without a session of the database: by the printed address, or by what a proxy says. */
export async function recordSignIn(
  { store, now, origin }: SignInContext,
  { actor, method }: { readonly actor: Actor; readonly method: Extract<SessionMethod, "local" | "proxy"> },
): Promise<void> {
  const subject = { kind: "session", id: null, name: actor.name } as const;
  const done = { action: "session.begin", subject, before: null, after: { method } } as const;
  await store[WHOLE].audit.append(done, { actor, now, origin });
}

/** Somebody who got in by the printed address went out. */
export async function recordSignOut({ store, now, origin }: SignInContext, actor: Actor): Promise<void> {
  const subject = { kind: "session", id: null, name: actor.name } as const;
  await store[WHOLE].audit.append({ action: "session.end", subject, before: null, after: null }, {
    actor,
    now,
    origin,
  });
}

/** Nobody proved who they are. `reason` is a sentence of the portal's own. */
export async function recordFailedSignIn(context: SignInContext, reason: string): Promise<void> {
  await recordAttempt(context, null, "failed", reason);
}

/** Somebody else has made sure who it is, but they may not get in; `user` null: they have no account. */
export async function recordDeniedSignIn(context: SignInContext, user: User | null, reason: string): Promise<void> {
  await recordAttempt(context, user, "denied", reason);
}

/** Somebody used an API token that does nothing any more; null: there is no such token. */
export async function recordRefusedToken(
  { store, now, origin }: SignInContext,
  token: ApiToken | null,
): Promise<void> {
  const subject: AuditSubject = { kind: "token", id: token?.id ?? null, name: token?.name ?? null };
  const reason = token === null
    ? "There is no such API token"
    : token.revokedAt !== null
    ? "The API token was revoked"
    : token.expiresAt !== null && token.expiresAt <= now
    ? "The API token has expired"
    : "The account of the API token is disabled";
  await store[WHOLE].audit.record({
    actor: null,
    now,
    origin,
    action: "tokens.use",
    subject,
    outcome: "failed",
    reason,
  });
}

async function recordAttempt(
  { store, now, origin }: SignInContext,
  user: User | null,
  outcome: "failed" | "denied",
  reason: string,
): Promise<void> {
  const actor: Actor | null = user === null ? null : { kind: "user", name: user.name, userId: user.id };
  const subject = { kind: "user", id: user?.id ?? null, name: user?.name ?? null } as const;
  await store[WHOLE].audit.record({ actor, now, origin, action: "session.begin", subject, outcome, reason });
}
