import { accessOf } from "@jobtrigger/shared/access";
import type { ExternalId, UserId } from "@jobtrigger/shared/domain";
import { getUser } from "@jobtrigger/shared/operations";
import { type RoleFields, writeGrants } from "../components/UserFields.tsx";
import { type AccountParts, accountParts } from "./account_page.ts";
import type { State } from "./state.ts";

/** The contents of an account's page for administrators. */
export interface UserData extends AccountParts {
  readonly role: RoleFields;
  /** By what an identity provider knows the user, as typed. */
  readonly external: ExternalId;
}

/** Gathers the contents of an account's page. @throws {NotFound} */
export async function userData(state: State, id: UserId, extra: Partial<UserData> = {}): Promise<UserData> {
  const user = await getUser(state.portal.store, id);
  const role = { role: user.role ?? "", grants: writeGrants(user.grants) };
  return {
    ...await accountParts(state, user, accessOf(user)),
    role,
    external: user.externalId ?? { issuer: "", subject: "" },
    ...extra,
  };
}
