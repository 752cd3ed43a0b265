/**
 * Who gets in. `route_permissions.ts` says what each route takes; whoever is not signed in gets the page that signs them in, in
 * place of the one that they asked for.
 *
 * @module
 */
import { HttpError, type Middleware } from "fresh";
import { isSecret } from "@jobtrigger/shared/access";
import { isApiPath } from "../api/api_error.ts";
import { isHookPath } from "../hooks/hook_path.ts";
import { safePath } from "../form.ts";
import type { State } from "../state.ts";
import { setCookie } from "./cookies.ts";
import { identify, questionsOf } from "./identify.ts";
import { LOCAL_ADMINISTRATOR, TOKEN } from "./local.ts";
import { signInContext } from "./sign_in_context.ts";

/** Says who sends a request, and signs in who opens the printed address. Comes after the static files and before all routes. */
export function access(): Middleware<State> {
  return async (ctx) => {
    const { state, url, req } = ctx;
    // Nobody is signed in there, whatever cookie a browser sends along.
    if (isHookPath(url.pathname)) return await ctx.next();
    const isApi = isApiPath(url.pathname);
    // A request to the API that has a token is never its session's.
    const found = isApi && req.headers.has("authorization")
      ? null
      : state.portal.livePages.identityOf(req) ?? await identify(state, req.headers);
    if (found !== null) Object.assign(state, found, questionsOf(found.access));
    if (isApi) return await ctx.next();
    const token = req.method === "GET" ? url.searchParams.get(TOKEN) : null;
    if (token === null) return await ctx.next();
    if (state.actor === null) await assertToken(state, token);
    const answer = ctx.redirect(withoutToken(url), 303);
    answer.headers.set("referrer-policy", "no-referrer");
    answer.headers.set("cache-control", "no-store");
    if (state.actor === null) {
      const { requestId, portal, way } = state;
      setCookie(answer.headers, way, "session", portal.access.sessions.start());
      await portal.signInNotes.begun(await signInContext(state), { actor: LOCAL_ADMINISTRATOR, method: "local" });
      portal.log.info("{actor} signed in with the printed address", { actor: LOCAL_ADMINISTRATOR.name, requestId });
    }
    return answer;
  };
}

/** @throws {HttpError} 401 where the token of an address lets nobody in. */
async function assertToken(state: State, token: string): Promise<void> {
  const { portal } = state;
  const problem = await portal.hasAdministrator()
    ? "Addresses with a token no longer sign anybody in, because the portal has accounts now"
    : isSecret(token, portal.access.tokenHash)
    ? null
    : "The token in this address is not, or no longer, the right one";
  if (problem === null) return;
  await portal.signInNotes.failed(await signInContext(state), problem);
  throw new HttpError(401, problem);
}

function withoutToken(url: URL): string {
  const clean = new URL(url);
  clean.searchParams.delete(TOKEN);
  return safePath(clean.pathname + clean.search, "/");
}
