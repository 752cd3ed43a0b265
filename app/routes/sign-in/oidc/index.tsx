import { page, type PageProps, type RouteHandler } from "fresh";
import type { JSX } from "preact";
import { SignInPage, type SignInProps } from "../../../components/SignInPage.tsx";
import { beginFlow } from "../../../server/access/oidc/flow.ts";
import { signInProps } from "../../../server/access/sign_in_page.ts";
import type { State } from "../../../utils.ts";

/** Sends a browser to the identity provider, and on to where `next` says when it comes back. */
export const handler: RouteHandler<SignInProps, State> = {
  async GET({ url, state }) {
    const answer = await beginFlow(state, url);
    if (answer instanceof Response) return answer;
    const { status, ...shown } = answer;
    return page(await signInProps(state.portal, shown), { status });
  },
};

/** The page that signs people in, where the provider does not answer. */
export default function BeginSignIn({ data }: PageProps<SignInProps, State>): JSX.Element {
  return <SignInPage {...data} />;
}
