/**
 * Who may do what. One rule decides everything: {@linkcode visibleLabels} says on which jobs somebody has a permission — on all,
 * or on those with one of some labels — and every other answer follows from it, so that a list shows exactly what may be opened.
 *
 * - A user's right to a job is the highest of the role on everything and the roles by its labels.
 * - A token has its user's rights, of these only the permissions among its scopes, and on jobs only those it can reach by one of
 *   its labels. A role by label must come from a label that the token has. A token with labels reaches nothing but jobs.
 * - What the table of permissions does not know, and everything of a disabled user, is denied.
 *
 * @module
 */
import type { ApiToken, EpochMs, Grant, Permission, Role, User } from "../domain/mod.ts";
import { PERMISSIONS, ROLES } from "../domain/mod.ts";
import { PERMISSION_RULES, type PermissionRule } from "./permissions.ts";

/** What somebody brings with them when they ask. */
export interface Access {
  /** On everything; null: none. */
  readonly role: Role | null;
  /** Roles by label. */
  readonly grants: readonly Grant[];
  /** The permissions of a token; null: no token limits them. */
  readonly scopes: readonly Permission[] | null;
  /** The labels of a token; null: no token limits them. */
  readonly labels: readonly string[] | null;
  /** When a token ends; null: never, or no token limits them. */
  readonly expiresAt: EpochMs | null;
  /** Whether the account is disabled: then nothing is allowed. */
  readonly isDisabled: boolean;
}

/** What an action is about: a job, by its labels; null: the whole installation. */
export type Subject = { readonly labels: readonly string[] } | null;

/** The answer; `reason` is a sentence for who asked. */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

const ALLOWED: Decision = { allowed: true };

/** What limits a token beside the rights of its user. */
export type TokenLimits = Pick<ApiToken, "scopes" | "labels" | "expiresAt">;

/** The access of a user, or of a token of that user. */
export function accessOf(
  { role, grants, isDisabled }: Pick<User, "role" | "grants" | "isDisabled">,
  token: TokenLimits | null = null,
): Access {
  const { scopes, labels, expiresAt } = token ?? { scopes: null, labels: null, expiresAt: null };
  return { role, grants, scopes, labels, expiresAt, isDisabled };
}

/** Access to everything: jobctl on the machine of the database, and the printed address while there is no account. */
export const FULL_ACCESS: Access = accessOf({ role: "admin", grants: [], isDisabled: false });

/**
 * Whether `access` has `permission` about `subject`.
 *
 * @example
 * ```ts
 * import { accessOf, decide } from "@jobtrigger/shared/access";
 *
 * const access = accessOf({ role: null, grants: [{ label: "finance", role: "operator" }], isDisabled: false });
 * decide(access, "jobs.run", { labels: ["finance", "nightly"] }); // { allowed: true }
 * decide(access, "jobs.run", { labels: ["nightly"] }); // { allowed: false, reason: "…" }
 * ```
 */
export function decide(access: Access, permission: Permission, subject: Subject): Decision {
  const rule = ruleOf(permission);
  if (rule === null) return denied(`There is no permission ${JSON.stringify(permission)}`);
  if (access.isDisabled) return denied("This account is disabled");
  if (!hasScope(access, permission)) return denied(`This token has no scope ${permission}`);
  if (rule.reach !== "job") return decideElsewhere(access, rule);
  const where = visibleLabels(access, permission);
  if (where === "all" || subject?.labels.some((label) => where.includes(label))) return ALLOWED;
  return denied(`To ${rule.sentence} takes the role ${rule.role} ${reachOf(access, subject)}`);
}

/**
 * On which jobs `access` has `permission`: on all, or on those with one of the labels answered; none where it is not one that is
 * about jobs.
 */
export function visibleLabels(access: Access, permission: Permission): "all" | readonly string[] {
  const rule = ruleOf(permission);
  if (rule?.reach !== "job" || access.isDisabled || !hasScope(access, permission)) return [];
  const { role, grants, labels } = access;
  if (isAtLeast(role, rule.role)) return labels ?? "all";
  const granted = grants.filter((grant) => isAtLeast(grant.role, rule.role)).map(({ label }) => label);
  return labels === null ? granted : granted.filter((label) => labels.includes(label));
}

/**
 * Whether `access` may edit a job that has the labels `before` so that it has those `after`; null: it creates the job. It must
 * have the right to the job before and after: nobody takes a job by giving it a label of their own, and nobody loses one by taking
 * the label away. Each label that is added or taken away must be one of theirs too: it would put the job before people who act on
 * all jobs of that label, or take it from them.
 */
export function decideEdit(
  access: Access,
  { before, after }: { readonly before: readonly string[] | null; readonly after: readonly string[] },
): Decision {
  for (const labels of before === null ? [after] : [before, after]) {
    const decision = decide(access, "jobs.edit", { labels });
    if (!decision.allowed) return decision;
  }
  const where = visibleLabels(access, "jobs.edit");
  if (where === "all") return ALLOWED;
  const moved = new Set(before ?? []).symmetricDifference(new Set(after));
  const foreign = [...moved].find((label) => !where.includes(label));
  if (foreign === undefined) return ALLOWED;
  return denied(`To add or remove the label ${JSON.stringify(foreign)} takes the role editor on jobs with that label`);
}

/**
 * Whether a token with these limits can do nothing that `access` cannot, and does it no longer: nobody gets further by a token of
 * their own.
 */
export function isWithin(access: Access, token: TokenLimits): boolean {
  const isEachScope = access.scopes === null || token.scopes.every((scope) => access.scopes?.includes(scope));
  const isEachLabel = access.labels === null ||
    token.labels !== null && token.labels.every((label) => access.labels?.includes(label));
  const isInTime = access.expiresAt === null || token.expiresAt !== null && token.expiresAt <= access.expiresAt;
  return isEachScope && isEachLabel && isInTime;
}

/** The permissions that `access` has on at least something, in the order of the table. */
export function permissionsOf(access: Access): readonly Permission[] {
  return PERMISSIONS.filter((permission) =>
    decide(access, permission, null).allowed || visibleLabels(access, permission).length > 0
  );
}

function decideElsewhere({ role, grants, labels }: Access, rule: PermissionRule): Decision {
  if (labels !== null) return denied(`This token reaches only jobs with the labels ${labels.join(", ")}`);
  const roles = rule.reach === "own" ? [role, ...grants.map((grant) => grant.role)] : [role];
  if (roles.some((one) => isAtLeast(one, rule.role))) return ALLOWED;
  return denied(`To ${rule.sentence} takes the role ${rule.role}${rule.reach === "own" ? "" : " on everything"}`);
}

/** The rule of a permission; null: `permission` came from outside and is none. */
function ruleOf(permission: string): PermissionRule | null {
  const name = PERMISSIONS.find((one) => one === permission);
  return name === undefined ? null : PERMISSION_RULES[name];
}

function hasScope({ scopes }: Access, permission: Permission): boolean {
  return scopes === null || scopes.includes(permission);
}

function isAtLeast(role: Role | null, least: Role): boolean {
  return role !== null && ROLES.includes(role) && ROLES.indexOf(role) >= ROLES.indexOf(least);
}

function reachOf({ labels }: Access, subject: Subject): string {
  const token = labels === null ? "" : ", and a token that reaches it";
  return subject === null ? `on everything${token}` : `on this job or one of its labels${token}`;
}

function denied(reason: string): Decision {
  return { allowed: false, reason };
}
