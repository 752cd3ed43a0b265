/**
 * The forms about accounts, from what was typed to what operations take.
 *
 * @module
 */
import {
  type EpochMs,
  epochMs,
  type Grant,
  Invalid,
  isPermission,
  type Permission,
  type Role,
  ROLES,
} from "@jobtrigger/shared/domain";
import { TOKEN_DAYS, type TokenFields } from "../components/Tokens.tsx";
import type { RoleFields } from "../components/UserFields.tsx";

const DAY_MS = 86_400_000;

/** The fields of a role in a form. */
export const ROLE_FIELDS = ["role", "grants"] as const;

/** The role and the grants as typed. */
export function typedRole(form: URLSearchParams): RoleFields {
  return { role: form.get("role") ?? "", grants: (form.get("grants") ?? "").replace(/\r\n?/g, "\n") };
}

/** What is meant by a role's fields. @throws {Invalid} naming `role` or `grants`. */
export function readRole(
  { role, grants }: RoleFields,
): { readonly role: Role | null; readonly grants: readonly Grant[] } {
  return {
    role: role === "" ? null : roleOf(role, "role"),
    grants: grants.split("\n").map((line) => line.trim()).filter((line) => line !== "").map(readGrant),
  };
}

function readGrant(line: string): Grant {
  const at = line.lastIndexOf(":");
  if (at === -1) {
    throw wrong("grants", `found ${shown(line)}, expected a label and a role, such as "finance: operator"`);
  }
  return { label: line.slice(0, at).trim(), role: roleOf(line.slice(at + 1).trim().toLowerCase(), "grants") };
}

function roleOf(text: string, field: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw wrong(field, `found the role ${shown(text)}, expected one of ${ROLES.join(", ")}`);
  return role;
}

/** The fields of a token as typed. */
export function typedToken(form: URLSearchParams): TokenFields {
  return {
    name: form.get("name") ?? "",
    scopes: form.getAll("scopes"),
    labels: form.get("labels") ?? "",
    days: form.get("days") ?? "",
  };
}

/** What is meant by a token's fields. @throws {Invalid} naming `scopes` or `expiresAt`. */
export function readToken({ name, scopes, labels, days }: TokenFields, now: EpochMs): {
  readonly name: string;
  readonly scopes: readonly Permission[];
  readonly labels: readonly string[] | null;
  readonly expiresAt: EpochMs | null;
} {
  const known = scopes.map((scope) => {
    if (isPermission(scope)) return scope;
    throw wrong("scopes", `found ${shown(scope)}, which is no permission`);
  });
  if (!TOKEN_DAYS.some((one) => one === days)) throw wrong("expiresAt", `found ${shown(days)} days`);
  return {
    name,
    scopes: known,
    labels: labels.trim() === "" ? null : labels.split(","),
    expiresAt: days === "" ? null : epochMs(now + Number(days) * DAY_MS),
  };
}

function wrong(field: string, message: string): Invalid {
  return new Invalid([{ field, message }]);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
