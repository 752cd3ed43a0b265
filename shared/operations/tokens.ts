import { hashOf, newApiToken, prefixOf } from "../access/mod.ts";
import {
  type ApiToken,
  type ApiTokenId,
  type EpochMs,
  Invalid,
  isPermission,
  NotFound,
  parseLabels,
  parseUserName,
  type Permission,
  type UserId,
} from "../domain/mod.ts";
import { byOf } from "../store/store.ts";
import { authorize, authorizeToken, tokenPermission } from "./authorize.ts";
import { type OperationContext, WHOLE } from "./context.ts";
import { parsed } from "./users.ts";

/** A token to be made. */
export interface TokenRequest {
  /** As whom it acts. */
  readonly userId: UserId;
  /** What people call it. */
  readonly name: string;
  /** What it may do at most; at least one. */
  readonly scopes: readonly Permission[];
  /** It reaches only jobs that have one of these labels; null: no such limit. */
  readonly labels: readonly string[] | null;
  /** Null: it does not expire. */
  readonly expiresAt: EpochMs | null;
}

/**
 * Makes an API token. `secret` is shown once and kept nowhere. @throws {NotFound} when there is no such user.
 * @throws {Invalid} that names the wrong field: `name`, `scopes`, `labels`, `expiresAt`.
 * @throws {Forbidden} also when the actor's own token could do less than this one, or ends before it.
 */
export async function createToken(
  context: OperationContext,
  request: TokenRequest,
): Promise<{ readonly token: ApiToken; readonly secret: string }> {
  const { store, now } = context;
  const target = { kind: "token", id: null, name: request.name } as const;
  await authorize(context, tokenPermission(context, request.userId), target);
  const { userId, scopes, expiresAt } = request;
  const name = parsed("name", () => parseUserName(request.name));
  const labels = request.labels === null ? null : parsed("labels", () => parseLabels(request.labels ?? []));
  const unknown = scopes.find((scope) => !isPermission(scope));
  if (unknown !== undefined) {
    throw wrong("scopes", `found ${JSON.stringify(unknown)}, which is no permission`, "unknown");
  }
  if (scopes.length === 0) throw wrong("scopes", "expected at least one permission", "missing");
  if (labels?.length === 0) throw wrong("labels", "expected at least one label, or no limit by labels", "missing");
  if (expiresAt !== null && expiresAt <= now) throw wrong("expiresAt", "expected a time to come", "out_of_range");
  await authorizeToken(context, { userId, scopes, labels, expiresAt }, target);
  const secret = newApiToken();
  const token = await store[WHOLE].tokens.create(
    {
      userId,
      tokenHash: hashOf(secret),
      name,
      prefix: prefixOf(secret),
      scopes: [...new Set(scopes)],
      labels,
      expiresAt,
    },
    byOf(context),
  );
  return { token, secret };
}

/** Revokes a token of a user. @throws {NotFound} when the user has no such token, or it was revoked already. @throws {Forbidden} */
export async function revokeToken(
  context: OperationContext,
  { userId, id }: { readonly userId: UserId; readonly id: ApiTokenId },
): Promise<void> {
  const { store } = context;
  await authorize(context, tokenPermission(context, userId), { kind: "token", id, name: null });
  if (await store[WHOLE].tokens.revoke({ userId, id }, byOf(context))) return;
  throw new NotFound(`There is no token ${id} of this user that could be revoked`);
}

function wrong(field: string, message: string, code: "unknown" | "missing" | "out_of_range"): Invalid {
  return new Invalid([{ field, message, code }]);
}
