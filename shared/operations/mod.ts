/**
 * The one door for changes: whatever a person or a program changes about jobs, runs and accounts goes through a function of this room. Each
 * takes an {@linkcode OperationContext} and its input. What explains jobs and runs is here too: it reads several tables.
 *
 * @module
 */
export {
  authorize,
  authorizeEdit,
  authorizeOwn,
  authorizeToken,
  demandSelf,
  jobTarget,
  type Target,
  tokenPermission,
  userTarget,
} from "./authorize.ts";
export * from "./alerts.ts";
export * from "./backfill.ts";
export * from "./bulk.ts";
export { type GuardedStore, guardStore, keyOfAnother, type OperationContext, type ReadContext } from "./context.ts";
export * from "./crowd.ts";
export * from "./doctor.ts";
export * from "./external_sign_in.ts";
export * from "./import.ts";
export * from "./jobs.ts";
export * from "./output.ts";
export * from "./queue.ts";
export * from "./runs.ts";
export * from "./search_output.ts";
export * from "./sign_in.ts";
export * from "./sign_in_events.ts";
export * from "./statistics.ts";
export * from "./status.ts";
export * from "./timeline.ts";
export * from "./tokens.ts";
export {
  createUser,
  disableUser,
  enableUser,
  findUser,
  getUser,
  setExternalId,
  setPassword,
  setRole,
  type UserRequest,
} from "./users.ts";
export * from "./views.ts";
export * from "./webhooks.ts";
export * from "./workers.ts";
export * from "./why.ts";
