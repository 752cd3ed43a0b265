import { page, type PageProps, type RouteHandler } from "fresh";
import type { JSX } from "preact";
import { SignInPage, type SignInProps } from "../../../components/SignInPage.tsx";
import { dropCookie } from "../../../server/access/cookies.ts";
import { endFlow } from "../../../server/access/oidc/flow.ts";
import { signInProps } from "../../../server/access/sign_in_page.ts";
import type { State } from "../../../utils.ts";

/** Signs in who comes back from the identity provider. */
export const handler: RouteHandler<SignInProps, State> = {
  async GET({ req, url, state }) {
    const answer = await endFlow(state, req, url);
    if (answer instanceof Response) return answer;
    const { status, ...shown } = answer;
    // The address has the provider's code: it goes nowhere else.
    const headers = new Headers({ "referrer-policy": "no-referrer", "cache-control": "no-store" });
    dropCookie(headers, state.way, "oidc");
    return page(await signInProps(state.portal, shown), { status, headers });
  },
};

/** The page that signs people in, where the provider proved nobody or the portal refused whom it named. */
export default function EndSignIn({ data }: PageProps<SignInProps, State>): JSX.Element {
  return <SignInPage {...data} />;
}
