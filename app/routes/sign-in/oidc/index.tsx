import { page } from "fresh";
import { SignInPage, type SignInProps } from "../../../components/SignInPage.tsx";
import { beginFlow } from "../../../server/access/oidc/flow.ts";
import { signInProps } from "../../../server/access/sign_in_page.ts";
import { define } from "../../../utils.ts";

/** Sends a browser to the identity provider, and on to where `next` says when it comes back. */
export const handler = define.handlers<SignInProps>({
  async GET({ url, state }) {
    const answer = await beginFlow(state, url);
    if (answer instanceof Response) return answer;
    const { status, ...shown } = answer;
    return page(await signInProps(state.portal, shown), { status });
  },
});

/** The page that signs people in, where the provider does not answer. */
export default define.page<typeof handler>(function BeginSignIn({ data }) {
  return <SignInPage {...data} />;
});
