import { page } from "fresh";
import { Busy } from "@jobtrigger/shared/domain";
import { signIn, WRONG_SIGN_IN } from "@jobtrigger/shared/operations";
import { SignInPage, type SignInProps } from "../components/SignInPage.tsx";
import { readCookie } from "../server/access/cookies.ts";
import { mustWait, signedIn } from "../server/access/sign_in.ts";
import { signInProps } from "../server/access/sign_in_page.ts";
import { readFields, safePath } from "../server/form.ts";
import { seeOther } from "../server/redirect.ts";
import { define } from "../utils.ts";

/** Signs people in, and sends them on to where `next` says. */
export const handler = define.handlers<SignInProps>({
  async GET({ url, state }) {
    const next = safePath(url.searchParams.get("next") ?? "", "/");
    if (state.actor !== null) return seeOther(next);
    return page(await signInProps(state.portal, { next }));
  },
  async POST({ req, state }) {
    const form = await readFields(req, ["name", "password", "next"]);
    const { portal, way, requestId } = state;
    const [name, next] = [form.get("name") ?? "", safePath(form.get("next") ?? "", "/")];
    const again = async (status: number, problem: string, headers: HeadersInit = {}) => {
      portal.warnings.warn("Nobody was signed in from {address}: {reason}", {
        address: way.address,
        reason: problem,
        requestId,
        status,
      });
      return page(await signInProps(portal, { problem, name, next }), { status, headers });
    };
    try {
      const context = {
        store: portal.store,
        now: await portal.databaseClock.now(),
        origin: { address: way.address, requestId },
      };
      const result = await signIn(context, {
        name,
        password: form.get("password") ?? "",
        address: way.address,
        device: readCookie(req.headers, way, "device"),
        userAgent: req.headers.get("user-agent") ?? "",
      });
      if (result.outcome === "refused") return await again(401, WRONG_SIGN_IN);
      if (result.outcome === "wait") {
        const seconds = Math.ceil(result.retryAfterMs / 1000);
        return await again(429, mustWait(result), { "retry-after": String(seconds) });
      }
      portal.log.info("{actor} signed in from {address}", {
        actor: result.user.name,
        address: way.address,
        requestId,
      });
      return await signedIn(state, req, { ...result, next });
    } catch (error) {
      if (!(error instanceof Busy)) throw error;
      return await again(503, error.message, { "retry-after": "30" });
    }
  },
});

/** The page that signs people in. */
export default define.page<typeof handler>(function SignIn({ data }) {
  return <SignInPage {...data} />;
});
