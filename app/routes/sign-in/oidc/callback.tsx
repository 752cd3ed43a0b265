import { page } from "fresh";
import { SignInPage, type SignInProps } from "../../../components/SignInPage.tsx";
import { dropCookie } from "../../../server/access/cookies.ts";
import { endFlow } from "../../../server/access/oidc/flow.ts";
import { signInProps } from "../../../server/access/sign_in_page.ts";
import { define } from "../../../utils.ts";

/** Signs in the user who returns from the identity provider. */
export const handler = define.handlers<SignInProps>({
  async GET({ req, url, state }) {
    const answer = await endFlow(state, req, url);
    if (answer instanceof Response) return answer;
    const { status, ...shown } = answer;
    // The address holds the provider's code, which must reach no other site.
    const headers = new Headers({ "referrer-policy": "no-referrer", "cache-control": "no-store" });
    dropCookie(headers, state.way, "oidc");
    return page(await signInProps(state.portal, shown), { status, headers });
  },
});

/** The sign-in page, after the provider or the portal has refused. */
export default define.page<typeof handler>(function EndSignIn({ data }) {
  return <SignInPage {...data} />;
});
