import type { SignInProps } from "../../components/SignInPage.tsx";
import { StoreUnavailable } from "@jobtrigger/shared/domain";
import type { Portal } from "../portal.ts";

/** What the page that signs people in shows. */
export async function signInProps(
  portal: Portal,
  { problem = null, name = "", next }: Partial<SignInProps> & Pick<SignInProps, "next">,
): Promise<SignInProps> {
  const hasAdministrator = await administrator(portal);
  const hasAccounts = hasAdministrator || (await portal.store.users.list({ limit: 1 })).items.length > 0;
  const provider = portal.identityProvider?.name ?? null;
  return { problem, name, next, hasAccounts, hasAdministrator, provider };
}

/** While the database is away, the page is drawn as if there were one: signing in says what is wrong. */
async function administrator({ hasAdministrator }: Portal): Promise<boolean> {
  try {
    return await hasAdministrator();
  } catch (error) {
    if (error instanceof StoreUnavailable) return true;
    throw error;
  }
}
