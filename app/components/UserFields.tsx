import { type Grant, type Role, ROLES } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { Field } from "./Field.tsx";

/** The rule for passwords. */
export const PASSWORD_HELP = "12 to 128 characters, such as four random words.";

/** What each role may do beyond the roles before it. */
const ROLE_SENTENCES: Readonly<Record<Role, string>> = {
  viewer: "sees jobs, runs and their output",
  operator: "runs, cancels and pauses",
  editor: "creates, edits and deletes jobs",
  admin: "users, tokens, settings, audit list",
};

/** The fields of a role, as typed. */
export interface RoleFields {
  /** Empty: none. */
  readonly role: string;
  /** One `label: role` a line. */
  readonly grants: string;
}

/** The role on everything and the roles by label. */
export function RoleInputs(
  { role, grants, problems }: RoleFields & { readonly problems: Readonly<Record<string, string | undefined>> },
): JSX.Element {
  return (
    <>
      <Field name="role" label="Role on everything" problem={problems.role}>
        {(a) => (
          <select {...a}>
            <option value="" selected={role === ""}>None: only the roles by label</option>
            {ROLES.map((one) => (
              <option key={one} value={one} selected={role === one}>{roleName(one)}: {ROLE_SENTENCES[one]}</option>
            ))}
          </select>
        )}
      </Field>
      <Field
        name="grants"
        label="Roles by label"
        problem={problems.grants}
        help={
          <>
            One a line, such as <code>finance: operator</code>. They count on the jobs of that label.
          </>
        }
      >
        {(a) => <textarea {...a} rows={3} spellcheck={false} class="code">{grants}</textarea>}
      </Field>
    </>
  );
}

/** A role as a word at the beginning of a line. */
function roleName(role: Role): string {
  return role.charAt(0).toUpperCase() + role.slice(1);
}

/** Grants as the text of their field. */
export function writeGrants(grants: readonly Grant[]): string {
  return grants.map(({ label, role }) => `${label}: ${role}`).join("\n");
}

/** A user's role and grants in one line. */
export function RoleText(
  { role, grants }: { readonly role: Role | null; readonly grants: readonly Grant[] },
): JSX.Element {
  return (
    <>
      {role === null ? grants.length === 0 ? "None" : "" : roleName(role)}
      {grants.length > 0 && <Grants isAlone={role === null} grants={grants} />}
    </>
  );
}

/** What an account may do beside its role. */
function Grants({ grants, isAlone }: { readonly grants: readonly Grant[]; readonly isAlone: boolean }): JSX.Element {
  const words = grants.map(({ label, role }) => `${roleName(role)} of ${label}`).join(", ");
  return isAlone ? <>{words}</> : <small>{words}</small>;
}
