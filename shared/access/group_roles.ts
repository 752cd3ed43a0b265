import { type Grant, type GroupRole, type Role, ROLES } from "../domain/mod.ts";

/** What a user may do: a role on everything, or null, and roles by label, sorted by label, each label once. */
export interface Rights {
  /** On everything; null: only the grants count. */
  readonly role: Role | null;
  /** Roles by label. */
  readonly grants: readonly Grant[];
}

/**
 * The rights that groups of an identity provider bring: of each label, and on everything, the highest role. Who is in no group that
 * `roles` names has `defaultRole`; null: nothing, so they are refused.
 *
 * @example
 * ```ts
 * import { rightsOf } from "@jobtrigger/shared/access";
 *
 * const roles = [{ group: "ops", role: "operator", label: null }, { group: "finance", role: "editor", label: "finance" }] as const;
 * rightsOf(["ops", "finance"], { roles, defaultRole: null });
 * // { role: "operator", grants: [{ label: "finance", role: "editor" }] }
 * rightsOf(["sales"], { roles, defaultRole: null }); // null
 * ```
 */
export function rightsOf(
  groups: readonly string[],
  { roles, defaultRole }: { readonly roles: readonly GroupRole[]; readonly defaultRole: Role | null },
): Rights | null {
  const found = roles.filter(({ group }) => groups.includes(group));
  if (found.length === 0) return defaultRole === null ? null : { role: defaultRole, grants: [] };
  const labels = [...new Set(found.map(({ label }) => label))].filter((label) => label !== null).toSorted();
  const highest = (of: string | null) =>
    ROLES.findLast((role) => found.some((one) => one.label === of && one.role === role));
  return {
    role: highest(null) ?? null,
    grants: labels.flatMap((label) => {
      const role = highest(label);
      return role === undefined ? [] : [{ label, role }];
    }),
  };
}
