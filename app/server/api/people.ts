import { epochMs, Forbidden, Invalid, type UserId } from "@jobtrigger/shared/domain";
import { sessionForm, tokenForm, userForm } from "@jobtrigger/shared/api";
import {
  pageQuery,
  sentExternalId,
  sentPassword,
  sentRole,
  type SentToken,
  sentToken,
  sentUser,
  usersQuery,
} from "@jobtrigger/shared/api/schemas";
import {
  createToken,
  createUser,
  disableUser,
  enableUser,
  getUser,
  type OperationContext,
  revokeSession,
  revokeSessions,
  revokeToken,
  setExternalId,
  setPassword,
  setRole,
} from "@jobtrigger/shared/operations";
import type { Caller } from "./caller.ts";
import { PAGE_ROWS } from "./jobs.ts";
import { type Answer, type ApiOperation, operation, PLAIN } from "./operation.ts";
import { sessionIdOf, tokenIdOf, userIdOf } from "./subjects.ts";

/** Users, service accounts and API tokens. */
export const PEOPLE_OPERATIONS: readonly ApiOperation[] = [
  operation({
    ...PLAIN,
    id: "listUsers",
    method: "GET",
    path: "/users",
    permission: "users.read",
    summary: "List users and service accounts by name",
    query: usersQuery,
    answer: { status: 200, shown: "UserPage" },
    errors: ["invalid"],
    handle: async ({ context: { store }, query: { name, cursor, limit = PAGE_ROWS } }) => {
      if (name !== undefined) {
        const user = await store.users.findByName(name);
        return { body: { items: user === null ? [] : [userForm(user)], next: null } };
      }
      const { items, next } = await store.users.list({ limit, ...(cursor !== undefined && { cursor }) });
      return { body: { items: items.map(userForm), next } };
    },
  }),
  operation({
    ...PLAIN,
    id: "createUser",
    method: "POST",
    path: "/users",
    permission: "users.edit",
    summary: "Create a user or a service account",
    body: sentUser,
    answer: { status: 201, shown: "User", headers: ["location"] },
    errors: ["conflict", "invalid"],
    handle: async ({ context, body: { name, role, grants = [], password = null, is_service: isService = false } }) => {
      const user = await createUser(context, { name, role, grants, password, isService, externalId: null });
      return { body: userForm(user), headers: { location: `/api/v1/users/${user.id}` } };
    },
  }),
  operation({
    ...PLAIN,
    id: "getUser",
    method: "GET",
    path: "/users/{user}",
    permission: "users.read",
    summary: "Read a user",
    answer: { status: 200, shown: "User" },
    errors: ["not_found"],
    handle: async (request) => ({ body: userForm(await getUser(request.context.store, userIdOf(request))) }),
  }),
  operation({
    ...PLAIN,
    id: "setUserRole",
    method: "PUT",
    path: "/users/{user}/role",
    permission: "users.edit",
    summary: "Give a user another role on everything, and other roles by label",
    body: sentRole,
    answer: { status: 200, shown: "User" },
    errors: ["not_found", "conflict", "invalid"],
    handle: async (request) => {
      const { role, grants = [] } = request.body;
      return { body: userForm(await setRole(request.context, { id: userIdOf(request), role, grants })) };
    },
  }),
  operation({
    ...PLAIN,
    id: "setUserPassword",
    method: "PUT",
    path: "/users/{user}/password",
    permission: "users.edit",
    summary: "Give a user another password; their sessions end",
    body: sentPassword,
    answer: { status: 200, shown: "User" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { password } = request.body;
      return { body: userForm(await setPassword(request.context, { id: userIdOf(request), password })) };
    },
  }),
  operation({
    ...PLAIN,
    id: "setUserExternalId",
    method: "PUT",
    path: "/users/{user}/external-id",
    permission: "users.edit",
    summary: "Link a user to what an identity provider knows them by, so that they sign in there",
    body: sentExternalId,
    answer: { status: 200, shown: "User" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { issuer, subject } = request.body;
      const externalId = { issuer, subject };
      return { body: userForm(await setExternalId(request.context, { id: userIdOf(request), externalId })) };
    },
  }),
  operation({
    ...PLAIN,
    id: "removeUserExternalId",
    method: "DELETE",
    path: "/users/{user}/external-id",
    permission: "users.edit",
    summary: "Unlink a user from the identity provider",
    answer: { status: 200, shown: "User" },
    errors: ["not_found"],
    handle: async (request) => ({
      body: userForm(await setExternalId(request.context, { id: userIdOf(request), externalId: null })),
    }),
  }),
  operation({
    ...PLAIN,
    id: "disableUser",
    method: "POST",
    path: "/users/{user}/disable",
    permission: "users.edit",
    summary: "Disable a user: their sessions end, their tokens do nothing",
    answer: { status: 200, shown: "User" },
    errors: ["not_found", "conflict"],
    handle: async (request) => ({ body: userForm(await disableUser(request.context, { id: userIdOf(request) })) }),
  }),
  operation({
    ...PLAIN,
    id: "enableUser",
    method: "POST",
    path: "/users/{user}/enable",
    permission: "users.edit",
    summary: "Enable a user again; their tokens work again",
    answer: { status: 200, shown: "User" },
    errors: ["not_found"],
    handle: async (request) => ({ body: userForm(await enableUser(request.context, { id: userIdOf(request) })) }),
  }),
  operation({
    ...PLAIN,
    id: "listSessions",
    method: "GET",
    path: "/users/{user}/sessions",
    permission: "users.read",
    summary: "List the browsers in which a user is signed in, newest first",
    answer: { status: 200, shown: "Sessions" },
    errors: ["not_found"],
    handle: async (request) => {
      const { store, now } = request.context;
      const { id } = await getUser(store, userIdOf(request));
      return { body: { items: (await store.sessions.list(id, now)).map(sessionForm) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "revokeSessions",
    method: "DELETE",
    path: "/users/{user}/sessions",
    permission: "users.edit",
    summary: "End all sessions of a user, who then signs in anew",
    answer: { status: 200, shown: "SessionsEnded" },
    errors: ["not_found"],
    handle: async (request) => {
      const { id } = await getUser(request.context.store, userIdOf(request));
      return { body: { ended: await revokeSessions(request.context, { userId: id }) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "revokeSession",
    method: "DELETE",
    path: "/users/{user}/sessions/{session}",
    permission: "users.edit",
    summary: "End one session of a user",
    answer: { status: 204 },
    errors: ["not_found"],
    handle: async (request) => {
      await revokeSession(request.context, { userId: userIdOf(request), id: sessionIdOf(request) });
      return { body: null };
    },
  }),
  operation({
    ...PLAIN,
    id: "listTokens",
    method: "GET",
    path: "/users/{user}/tokens",
    permission: "users.read",
    summary: "List the API tokens of a user, newest first",
    query: pageQuery,
    answer: { status: 200, shown: "TokenPage" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { id } = await getUser(request.context.store, userIdOf(request));
      return await tokensOf(request.context, id, request.query);
    },
  }),
  operation({
    ...PLAIN,
    id: "createToken",
    method: "POST",
    path: "/users/{user}/tokens",
    permission: "tokens.edit",
    summary: "Make an API token for a user; its secret is shown this once",
    body: sentToken,
    answer: { status: 201, shown: "NewToken" },
    errors: ["not_found", "invalid"],
    handle: (request) => newToken(request.context, userIdOf(request), request.body),
  }),
  operation({
    ...PLAIN,
    id: "revokeToken",
    method: "DELETE",
    path: "/users/{user}/tokens/{token}",
    permission: "tokens.edit",
    summary: "Revoke an API token of a user",
    answer: { status: 204 },
    errors: ["not_found"],
    handle: async (request) => {
      await revokeToken(request.context, { userId: userIdOf(request), id: tokenIdOf(request) });
      return { body: null };
    },
  }),
  operation({
    ...PLAIN,
    id: "listOwnTokens",
    method: "GET",
    path: "/me/tokens",
    permission: "tokens.own",
    summary: "List one's own API tokens, newest first",
    query: pageQuery,
    answer: { status: 200, shown: "TokenPage" },
    errors: ["invalid"],
    handle: ({ context, caller, query }) => tokensOf(context, ownId(caller), query),
  }),
  operation({
    ...PLAIN,
    id: "createOwnToken",
    method: "POST",
    path: "/me/tokens",
    permission: "tokens.own",
    summary: "Make an API token of one's own; its secret is shown this once",
    body: sentToken,
    answer: { status: 201, shown: "NewToken" },
    errors: ["invalid"],
    handle: ({ context, caller, body }) => newToken(context, ownId(caller), body),
  }),
  operation({
    ...PLAIN,
    id: "revokeOwnToken",
    method: "DELETE",
    path: "/me/tokens/{token}",
    permission: "tokens.own",
    summary: "Revoke an API token of one's own",
    answer: { status: 204 },
    errors: ["not_found"],
    handle: async (request) => {
      await revokeToken(request.context, { userId: ownId(request.caller), id: tokenIdOf(request) });
      return { body: null };
    },
  }),
];

function ownId({ user }: Caller): UserId {
  if (user !== null) return user.id;
  throw new Forbidden("The local administrator has no account, so no tokens: make an account first");
}

async function tokensOf(
  { store }: OperationContext,
  userId: UserId,
  { cursor, limit = PAGE_ROWS }: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
): Promise<Answer> {
  const { items, next } = await store.tokens.list({ userId, limit, ...(cursor !== undefined && { cursor }) });
  return { body: { items: items.map(tokenForm), next } };
}

async function newToken(context: OperationContext, userId: UserId, sent: SentToken): Promise<Answer> {
  const { name, scopes, labels = null, expires_at: expires = null } = sent;
  const expiresAt = expires === null ? null : epochMs(Date.parse(expires));
  try {
    const { token, secret } = await createToken(context, { userId, name, scopes, labels, expiresAt });
    return { body: { ...tokenForm(token), secret } };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    // In the names of what was sent.
    throw new Invalid(error.problems.map((problem) => ({
      ...problem,
      field: problem.field === "expiresAt" ? "expires_at" : problem.field,
    })));
  }
}
