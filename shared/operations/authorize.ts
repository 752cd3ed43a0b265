/**
 * The one place where a change asks whether its actor may make it. Every operation begins with one of these functions; each throws
 * when the answer is no, and lets every other error through, so that nothing is changed that was not allowed.
 *
 * A job on which the actor has no permission at all answers like one that is not there: nobody learns its name by trying ids.
 *
 * @module
 */
import { decide, decideEdit, type Decision, isWithin, PERMISSION_RULES, type TokenLimits } from "../access/mod.ts";
import {
  type ApiToken,
  type AuditSubject,
  Forbidden,
  type Job,
  NotFound,
  type Permission,
  PERMISSIONS,
  type UserId,
} from "../domain/mod.ts";
import { byOf } from "../store/store.ts";
import { type OperationContext, WHOLE } from "./context.ts";

/** What an operation is about. */
export interface Target extends AuditSubject {
  /** The labels of the job that it concerns; absent: it concerns no one job. */
  readonly labels?: readonly string[];
  /** The actor named the labels, so that a refusal hides nothing. */
  readonly isNamed?: true;
}

/** A job as the target of an operation. */
export function jobTarget({ id, name, labels }: Pick<Job, "id" | "name" | "labels">): Target {
  return { kind: "job", id, name, labels };
}

/** A user as the target of an operation. */
export function userTarget({ id, name }: { readonly id: UserId; readonly name: string | null }): Target {
  return { kind: "user", id, name };
}

/**
 * Lets the operation go on where the actor has `permission` about `target`.
 * @throws {Forbidden} with the reason. @throws {NotFound} when the target concerns a job on which the actor has no permission.
 */
export async function authorize(context: OperationContext, permission: Permission, target: Target): Promise<void> {
  const { labels } = target;
  await demand(
    context,
    decide(context.access, permission, labels === undefined ? null : { labels }),
    permission,
    target,
  );
}

/** As {@linkcode authorize}, for an edit that gives the job the labels `after`; where `job` is null, it is a new job. */
export async function authorizeEdit(
  context: OperationContext,
  job: Pick<Job, "id" | "name" | "labels"> | null,
  after: Pick<Job, "name" | "labels">,
): Promise<void> {
  const target = job === null ? { kind: "job", id: null, name: after.name } as const : jobTarget(job);
  const decision = decideEdit(context.access, { before: job?.labels ?? null, after: after.labels });
  await demand(context, decision, "jobs.edit", target);
}

/**
 * As {@linkcode authorize}, for what somebody does with their own account: whoever is signed in as `owner` may; anybody else,
 * tokens of the owner among them, needs `permission`.
 */
export async function authorizeOwn(
  context: OperationContext,
  owner: UserId,
  permission: Permission,
  target: Target,
): Promise<void> {
  if (!isSelf(context, owner)) await authorize(context, permission, target);
}

/** Lets whoever is signed in as `owner` go on, and nobody else. @throws {Forbidden} */
export async function demandSelf(context: OperationContext, owner: UserId, target: Target): Promise<void> {
  if (isSelf(context, owner)) return;
  await demand(context, { allowed: false, reason: "Only the user can do this, signed in" }, "users.edit", target);
}

/**
 * Lets whoever does something to somebody else's account go on, and nobody who does it to their own, tokens of theirs among them.
 * @throws {Forbidden} with `reason`.
 */
export async function demandOther(
  context: OperationContext,
  { owner, reason }: { readonly owner: UserId; readonly reason: string },
  target: Target,
): Promise<void> {
  const { actor } = context;
  if ("userId" in actor && actor.userId === owner) {
    await demand(context, { allowed: false, reason }, "users.edit", target);
  }
}

function isSelf({ actor, access }: OperationContext, owner: UserId): boolean {
  return actor.kind === "user" && actor.userId === owner && !access.isDisabled;
}

/** Lets whoever may make tokens for a user make this one: it can do no more than the actor's own token, and no longer. @throws {Forbidden} */
export async function authorizeToken(
  context: OperationContext,
  token: Pick<ApiToken, "userId"> & TokenLimits,
  target: Target,
): Promise<void> {
  if (isWithin(context.access, token)) return;
  const reason = "A token cannot make a token that may do more or lasts longer than itself";
  await demand(context, { allowed: false, reason }, tokenPermission(context, token.userId), target);
}

/** The permission that it takes to make or revoke tokens of `owner`. */
export function tokenPermission({ actor }: OperationContext, owner: UserId): "tokens.own" | "tokens.edit" {
  return "userId" in actor && actor.userId === owner ? "tokens.own" : "tokens.edit";
}

/**
 * Lets the operation go on where `decision` is yes; a no goes into the audit list first.
 * @throws {Forbidden} @throws {NotFound} where it is no.
 */
async function demand(
  context: OperationContext,
  decision: Decision,
  permission: Permission,
  target: Target,
): Promise<void> {
  if (decision.allowed) return;
  const { kind, id, name, labels, isNamed = false } = target;
  const { reason } = decision;
  const attempt = { action: permission, subject: { kind, id, name }, outcome: "denied", reason } as const;
  await context.store[WHOLE].audit.record({ ...byOf(context), ...attempt });
  if (labels !== undefined && !isNamed && !knows(context, labels)) throw new NotFound(`There is no ${kind} ${id}`);
  throw new Forbidden(reason);
}

/** Whether the actor has any permission on a job with these labels. */
function knows({ access }: OperationContext, labels: readonly string[]): boolean {
  return PERMISSIONS.some((permission) =>
    PERMISSION_RULES[permission].reach === "job" && decide(access, permission, { labels }).allowed
  );
}
